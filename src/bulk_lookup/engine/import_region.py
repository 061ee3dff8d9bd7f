"""The region of a list's numbers: whose rules read a number that says no country."""

from collections.abc import Sequence
from typing import Final, Literal

from bulk_lookup.core.phone import parse_phone
from bulk_lookup.core.region import RegionGuess, infer_region
from bulk_lookup.models import Contact, Import
from bulk_lookup.models.scope import organization_scope

RegionSource = Literal["given", "organization", "inferred", "not_needed", "unclear"]
"""Where a region is from. `not_needed`: all numbers say their country; `unclear`: nobody knows, and nobody guesses."""

_REJECTS_SAMPLE: Final = 400
# Fewer rejects than this, and fewer in proportion, are nobody's wrong region.
_FEWEST_REJECTS: Final = 3
_LEAST_SHARE_OF_ROWS: Final = 0.005
_MOST: Final = 0.5


def choose_region(
    cells: Sequence[str], *, given: str | None, organization_country: str | None
) -> tuple[str | None, RegionSource, RegionGuess | None]:
    """Choose the region: what is given, else the organization's, else the one that the numbers themselves speak for.

    The guess is there where one was made; of an unclear case it tells the likeliest regions.
    """
    if given:
        return given, "given", None
    if organization_country:
        return organization_country, "organization", None
    guess = infer_region(cells)
    if guess.clear:
        return guess.region, "inferred", guess
    return None, "unclear" if guess.cells else "not_needed", guess


def other_region(one: Import) -> tuple[str, float]:
    """The region in which most of the rejects would be valid, and the share of them that would; ("", 0.0) if none."""
    if one.mapping.get("country_column") is not None:
        return "", 0.0
    cells = _rejected_cells(one)
    region = infer_region(cells).region if cells else None
    if region is None or region == one.mapping.get("region"):
        return "", 0.0
    valid = sum(parse_phone(cell, region).e164 is not None for cell in cells)
    share = valid / len(cells)
    return (region, share) if share > _MOST and valid >= _FEWEST_REJECTS else ("", 0.0)


def _rejected_cells(one: Import) -> list[str]:
    with organization_scope(one.organization_id):
        one.refresh_from_db()
        if one.invalid < max(_FEWEST_REJECTS, one.rows * _LEAST_SHARE_OF_ROWS):
            return []
        return list(
            Contact.objects.of_list(one.contact_list_id)
            .invalid()
            .filter(row_number__gt=one.row_offset)
            .order_by("row_number")
            .values_list("raw_phone_number", flat=True)[:_REJECTS_SAMPLE]
        )
