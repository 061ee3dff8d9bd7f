"""What a report says of an import beyond its counters: by country, and what was repaired."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from django.db import connection
from django.db.models import Q, Sum

from bulk_lookup.models import FacetCount, Import

_COUNTRIES: Final = 7


@dataclass(frozen=True, slots=True)
class CountryCount:
    """Rows of one country (ISO 3166, "" for none); `countries` is how many are summed up here."""

    country_code: str
    valid: int
    invalid: int
    duplicates: int
    countries: int = 1


@dataclass(frozen=True, slots=True)
class Repairs:
    """Rows by repair word, and how many rows have further numbers; a row may have several repairs."""

    rows: int
    words: Counter[str]
    other_numbers: int


def count_by_country(contact_list_id: int) -> list[CountryCount]:
    """The rows of a list by country, from the kept counts: the most frequent, the rest as one, those without one last."""
    rows = (
        FacetCount.objects.filter(contact_list_id=contact_list_id)
        .values_list("country_code")
        .annotate(
            every=Sum("contacts", default=0),
            invalid=Sum("contacts", filter=Q(status="invalid"), default=0),
            duplicates=Sum("contacts", filter=Q(status="duplicate"), default=0),
        )
    )
    counts = [CountryCount(code, every - bad - twice, bad, twice) for code, every, bad, twice in rows if every]
    counts.sort(key=lambda one: (-one.valid, -one.invalid, one.country_code))
    named = [one for one in counts if one.country_code]
    shown = named if len(named) <= _COUNTRIES + 1 else named[:_COUNTRIES]
    rest = named[len(shown) :]
    more = [] if not rest else [_together(rest)]
    return [*shown, *more, *(one for one in counts if not one.country_code)]


def count_repairs(one: Import) -> Repairs:
    """What was repaired in an import's rows: reads all of them, some seconds for a million."""
    place = {
        "organization_id": one.organization_id,
        "contact_list_id": one.contact_list_id,
        "first": one.row_offset,
        "last": one.row_offset + one.last_row,
    }
    with connection.cursor() as cursor:
        cursor.execute(
            """
            with repaired as materialized (
                select repairs, other_phone_numbers <> '{}' as other from contact
                where organization_id = %(organization_id)s and contact_list_id = %(contact_list_id)s
                    and row_number > %(first)s and row_number <= %(last)s and formatted_phone_number is not null
                    and (repairs <> '{}' or other_phone_numbers <> '{}')
            )
            select '', count(*) filter (where repairs <> '{}'), count(*) filter (where other) from repaired
            union all
            select word, count(*), 0 from repaired, unnest(repairs) as word group by word
            """,
            place,
        )
        (_, rows, other_numbers), *words = sorted(cursor.fetchall())
    return Repairs(rows, Counter({word: count for word, count, _ in words}), other_numbers)


def _together(counts: list[CountryCount]) -> CountryCount:
    return CountryCount(
        country_code="",
        valid=sum(one.valid for one in counts),
        invalid=sum(one.invalid for one in counts),
        duplicates=sum(one.duplicates for one in counts),
        countries=len(counts),
    )
