"""What the wizard says of the first rows: the same that the import would do with them."""

from pathlib import Path

import import_world
import pytest

from bulk_lookup.engine.import_file import import_file, start_import
from bulk_lookup.engine.preview_import import NO_REGION, Choices, Preview, preview_import
from bulk_lookup.engine.take_sample import Sample, take_sample
from bulk_lookup.models import Organization

LIST = """name,phone,mobile,country,town
Ann,(415) 555-2671,,US,Reno
Bo,0171 39200154,(415) 555-2672,DE,Ulm
Cy,n/a,,US,Reno
Di,+44 (0)20 7946 0958,,GB,Bath
Ed,+1 415 555 2671,,,Reno
Flo,0171 39200155 / 0171 39200156,,DE,Ulm
Gus,030 901820,,,Ulm
"""


def sample_of(tmp_path: Path, text: str = LIST) -> Sample:
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8")
    return take_sample(path, country="US")


def preview(tmp_path: Path, choices: Choices | None = None, *, country: str | None = "US") -> Preview:
    return preview_import(sample_of(tmp_path), choices or Choices(), organization_country=country)


def test_each_row_has_its_verdict_under_the_choices(tmp_path: Path) -> None:
    found = preview(tmp_path, Choices(phone_column=1, country_column=3, region="DE"))

    assert [(one.number, one.kind) for one in found.verdicts] == [
        (2, "valid"),
        (3, "valid"),
        (4, "rejected"),
        (5, "repaired"),
        (6, "duplicate"),
        (7, "valid"),
        (8, "valid"),
    ]
    assert found.verdicts[4].duplicate_of == 2
    assert found.verdicts[5].phone.others == ("+4917139200156",)
    assert found.verdicts[1].has_country
    assert not found.verdicts[6].has_country


def test_the_counts_add_up_to_the_sample(tmp_path: Path) -> None:
    found = preview(tmp_path, Choices(phone_column=1, country_column=3))

    assert found.counts["valid"] + found.counts["rejected"] + found.counts["duplicate"] == len(found.verdicts) == 7
    assert found.counts["repaired"] <= found.counts["valid"]
    assert found.expected_valid == found.counts["valid"]


def test_every_column_says_how_many_valid_numbers_it_has_under_the_same_choices(tmp_path: Path) -> None:
    american = {one.label: one.share for one in preview(tmp_path).columns}
    by_country = {one.label: one.share for one in preview(tmp_path, Choices(country_column=3, region="DE")).columns}

    assert american["phone"] == pytest.approx(3 / 7)
    assert by_country["phone"] == pytest.approx(6 / 7)
    assert american["mobile"] == pytest.approx(1 / 7)
    assert american["name"] == american["town"] == 0
    assert preview(tmp_path).columns[0].guessed


def test_nothing_said_is_the_organizations_country(tmp_path: Path) -> None:
    found = preview(tmp_path)

    assert (found.mapping.region, found.region_source) == ("US", "organization")


def test_to_reject_what_says_no_country_is_a_choice(tmp_path: Path) -> None:
    found = preview(tmp_path, Choices(region=NO_REGION))

    assert (found.mapping.region, found.region_source) == (None, "given")
    assert {one.phone.reason for one in found.verdicts if one.number in (2, 3, 8)} == {"no_country"}


def test_the_rejects_that_speak_for_a_country_are_evidence(tmp_path: Path) -> None:
    german = "phone\n" + "".join(f"0171 392{n:05d}\n" for n in range(40)) + "+1 555 0132\nn/a\n"
    sample = sample_of(tmp_path, german)

    hint = preview_import(sample, Choices(phone_column=0), organization_country="US").hint

    assert hint is not None
    assert (hint.region, hint.share, hint.rows) == ("DE", 1.0, 40)
    assert preview_import(sample, Choices(phone_column=0, region="DE"), organization_country="US").hint is None


def test_a_country_column_shows_what_is_in_it(tmp_path: Path) -> None:
    found = preview(tmp_path, Choices(country_column=3))

    assert set(found.countries) == {"US", "DE", "GB"}
    assert found.more_countries == 0


def test_dates_of_a_column_are_read_where_they_are_certain(tmp_path: Path) -> None:
    text = "phone,seen\n(415) 555-2671,31.05.2024\n(415) 555-2672,04.05.2024\n(415) 555-2673,soon\n(415) 555-2674,\n"
    found = preview_import(sample_of(tmp_path, text), Choices(last_verified_column=1), organization_country="US")

    assert (found.mapping.last_verified_column, found.mapping.date_order) == (1, "dmy")
    assert found.unread_dates == ("soon",)
    assert preview(tmp_path, Choices(last_verified_column=99)).mapping.last_verified_column is None


@pytest.mark.parametrize("place", [-1, 5, 4711])
def test_places_outside_the_table_are_as_if_not_chosen(tmp_path: Path, place: int) -> None:
    found = preview(tmp_path, Choices(phone_column=place, country_column=place, search_columns=(place, 0)))

    assert (found.mapping.phone_column, found.mapping.country_column) == (1, None)
    assert found.mapping.search_columns == (0,)


def test_no_more_columns_are_searched_than_there_is_room_for(tmp_path: Path) -> None:
    assert preview(tmp_path, Choices(search_columns=(4, 3, 2, 0))).mapping.search_columns == (4, 3, 2)


def test_without_a_phone_column_nobody_pretends_to_know_it(tmp_path: Path) -> None:
    sample = sample_of(tmp_path, "name,town\nAnn,Berlin\nBob,Rome\n")

    assert preview_import(sample, Choices(), organization_country="US").phone_column is None
    assert preview_import(sample, Choices(phone_column=1), organization_country="US").phone_column == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "choices",
    [Choices(), Choices(country_column=3), Choices(country_column=3, region="DE"), Choices(region=NO_REGION)],
)
def test_the_import_does_what_the_preview_said(organization: Organization, tmp_path: Path, choices: Choices) -> None:
    said = preview(tmp_path, choices)
    one = start_import(
        organization.pk, list_name="list", file_name="list.csv", path=tmp_path / "list.csv", mapping=said.mapping
    )
    import_file(organization.pk, one.pk)

    statuses = {"valid": "pending", "repaired": "pending", "rejected": "invalid", "duplicate": "duplicate"}
    contacts = import_world.contacts_of(one)
    assert [(contact.row_number, contact.status) for contact in contacts] == [
        (verdict.number, statuses[verdict.kind]) for verdict in said.verdicts
    ]
    assert [contact.formatted_phone_number for contact in contacts] == [one.phone.e164 for one in said.verdicts]
    assert [contact.duplicate_of for contact in contacts] == [one.duplicate_of for one in said.verdicts]
