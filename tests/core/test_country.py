"""What a country column may say."""

import phonenumbers
import pytest

from bulk_lookup.core.country import name_of
from bulk_lookup.core.country_names import names_of_countries
from bulk_lookup.core.region import region_of


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("DE", "DE"),
        ("de", "DE"),
        (" De ", "DE"),
        ("DEU", "DE"),
        ("Germany", "DE"),
        ("Deutschland", "DE"),
        ("Allemagne", "DE"),
        ("UK", "GB"),
        ("U.K.", "GB"),
        ("GB", "GB"),
        ("Great Britain", "GB"),
        ("England", "GB"),
        ("Northern Ireland", "GB"),
        ("US", "US"),
        ("USA", "US"),
        ("U.S.A.", "US"),
        ("United States", "US"),
        ("The United States of America", "US"),
        ("EE.UU.", "US"),
        ("CA", "CA"),  # a country column: Canada, not California
        ("Österreich", "AT"),
        ("OSTERREICH", "AT"),
        ("Oesterreich", "AT"),
        ("Schweiz", "CH"),
        ("Suisse", "CH"),
        ("España", "ES"),
        ("espana", "ES"),
        ("Brasil", "BR"),
        ("México", "MX"),
        ("Mexico", "MX"),
        ("Italia", "IT"),
        ("The Netherlands", "NL"),
        ("Holland", "NL"),
        ("Côte d’Ivoire", "CI"),
        ("COTE D'IVOIRE", "CI"),
        ("Korea, Republic of", "KR"),
        ("South Korea", "KR"),
        ("Congo, The Democratic Republic of the", "CD"),
        ("Trinidad & Tobago", "TT"),
        ("Türkiye", "TR"),
        ("Turkey", "TR"),
        ("Россия", "RU"),
        ("中国", "CN"),
        ("日本", "JP"),
        ("भारत", "IN"),
        ("مصر", "EG"),
        ("Česko", "CZ"),
        ("Kosovo", "XK"),
        ("NA", "NA"),  # Namibia's code
        ("+49", "DE"),  # calling codes
        ("+1", "US"),
        ("+44", "GB"),
        ("🇩🇪", "DE"),
        ("", None),
        ("  ", None),
        ("XX", None),
        ("49", None),
        ("+999", None),
        ("+", None),
        ("+٤٩", None),
        ("Atlantis", None),
        ("Germany and France", None),
        ("\ud800", None),
        ("x" * 200_000, None),
        ("." * 50, None),
    ],
)
def test_a_country_cell_is_a_code_a_name_a_calling_code_or_a_flag(text: str, region: str | None) -> None:
    assert region_of(text) == region


def test_every_country_is_found_by_its_codes_and_each_of_its_names() -> None:
    countries = names_of_countries()
    assert len({two for two, _, _ in countries}) == len({three for _, three, _ in countries}) == len(countries)
    wrong = [
        (two, spelling)
        for two, three, names in countries
        for spelling in (two, three, *names)
        if region_of(spelling) != two or region_of(spelling.upper()) != two
    ]
    assert wrong == []


def test_every_region_with_numbers_has_a_name() -> None:
    assert {two for two, _, _ in names_of_countries()} >= phonenumbers.SUPPORTED_REGIONS
    assert name_of("DE") == "Germany"
    assert name_of("ZZ") == "ZZ"
