"""What an import would make of the first rows of an upload, under the choices made so far. Nothing is stored, nothing read."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from bulk_lookup.core.phone import Phone, parse_phone
from bulk_lookup.core.region import infer_region, region_of
from bulk_lookup.engine.import_dates import date_reader, find_date_order
from bulk_lookup.engine.import_mapping import ColumnMapping
from bulk_lookup.engine.import_region import RegionSource, choose_region
from bulk_lookup.engine.import_rows import region_reader
from bulk_lookup.engine.take_sample import Sample, about

Kind = Literal["valid", "repaired", "rejected", "duplicate"]

MOST_SEARCH_COLUMNS: Final = 3
NO_REGION: Final = "none"
"""Chosen where numbers without a country are to be rejected."""

_FEWEST_DIGITS: Final = 6  # in a cell of another column, for it to be worth reading
_SHOWN_COUNTRIES: Final = 5
_LEAST_HINT: Final = 0.5
_FEWEST_HINT: Final = 2


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person chose; None is as guessed. `region` is a country, NO_REGION, or None."""

    phone_column: int | None = None
    country_column: int | None = None
    region: str | None = None
    search_columns: tuple[int, ...] = ()
    last_verified_column: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What would become of one row; `duplicate_of` is the number of the first row with its phone number."""

    number: int
    cells: tuple[str, ...]
    kind: Kind
    phone: Phone
    duplicate_of: int | None = None
    has_country: bool = False  # in the country column


@dataclass(frozen=True, slots=True)
class ColumnShare:
    """A column that phone numbers may be in, and the share of sampled rows with a valid one there (0 … 1)."""

    position: int
    label: str
    share: float
    guessed: bool

    @property
    def percent(self) -> int:
        """The share in whole per cent."""
        return round(100 * self.share)


@dataclass(frozen=True, slots=True)
class RegionHint:
    """A region under which a share (0 … 1) of `rows` rejected rows would be valid."""

    region: str
    share: float
    rows: int


@dataclass(frozen=True, slots=True)
class Preview:
    """The choices as they are followed, and what they make of the sample.

    `phone_column` is None where nobody knows it yet; the mapping then has the first.

    `counts` has the number of sampled rows by kind, repaired ones counted as valid too; they add up without "repaired".
    `unread_dates` are cells of the column of dates that are no date, or could be two.
    `countries` are the most frequent ones of the country column, which has `more_countries` besides.
    """

    sample: Sample
    phone_column: int | None
    mapping: ColumnMapping
    region_source: RegionSource
    columns: tuple[ColumnShare, ...]
    verdicts: tuple[Verdict, ...]
    counts: Counter[str]
    countries: tuple[str, ...] = ()
    more_countries: int = 0
    hint: RegionHint | None = None
    unread_dates: tuple[str, ...] = ()

    @property
    def expected_valid(self) -> int:
        """About how many rows of the whole table can be looked up."""
        share = self.counts["valid"] / max(1, len(self.verdicts))
        return (
            round(self.sample.rows_total * share) if self.sample.rows_exact else about(self.sample.rows_total * share)
        )


def preview_import(sample: Sample, choices: Choices, *, organization_country: str | None) -> Preview:
    """Read the sample as an import would with these choices; places of columns outside the table are ignored."""
    phone = choices.phone_column if _inside(sample, choices.phone_column) else sample.phone_column
    place = phone or 0
    country = choices.country_column if _inside(sample, choices.country_column) else None
    homeless = tuple(_cell(row, place) for row in sample.rows if country is None or not _cell(row, country).strip())
    verified = choices.last_verified_column if _inside(sample, choices.last_verified_column) else None
    dates = [] if verified is None else [_cell(row, verified) for row in sample.rows]
    order = find_date_order(dates)
    region, source = _region(homeless, choices.region, organization_country)
    mapping = ColumnMapping(
        phone_column=place,
        region=region,
        country_column=country,
        last_verified_column=verified,
        date_order=order,
        sheet=sample.sheet,
        header=sample.header is not None,
        search_columns=tuple(one for one in choices.search_columns if _inside(sample, one))[:MOST_SEARCH_COLUMNS],
    )
    verdicts = _verdicts(sample, mapping)
    names, more = _countries(sample, country)
    return Preview(
        sample=sample,
        phone_column=phone,
        mapping=mapping,
        region_source=source,
        columns=_columns(sample, mapping),
        verdicts=verdicts,
        counts=_counts(verdicts),
        countries=names,
        more_countries=more,
        hint=_hint(verdicts, mapping),
        unread_dates=tuple(cell for cell in dates if cell.strip() and date_reader(order)(cell) is None),
    )


def _inside(sample: Sample, place: int | None) -> bool:
    return place is not None and 0 <= place < sample.width


def _cell(cells: Sequence[str], place: int) -> str:
    return cells[place] if place < len(cells) else ""


def _region(
    homeless: tuple[str, ...], chosen: str | None, organization_country: str | None
) -> tuple[str | None, RegionSource]:
    if chosen == NO_REGION:
        return None, "given"
    if chosen:
        return chosen, "given"
    if organization_country:
        return choose_region((), given=None, organization_country=organization_country)[:2]
    guess = _guess(homeless)
    if guess.clear:
        return guess.region, "inferred"
    return None, "unclear" if guess.cells else "not_needed"


# Seventy countries are tried: a third of a second, for the same cells at each change of a choice.
_guess = lru_cache(maxsize=64)(lambda cells: infer_region(cells))


def _verdicts(sample: Sample, mapping: ColumnMapping) -> tuple[Verdict, ...]:
    region_of_row = region_reader(mapping)
    firsts: dict[str, int] = {}
    verdicts: list[Verdict] = []
    for number, cells in zip(sample.numbers, sample.rows, strict=True):
        raw, region = _cell(cells, mapping.phone_column), region_of_row(cells)
        phone = _read(raw, region)
        kind: Kind = "rejected" if phone.e164 is None else "repaired" if phone.repairs else "valid"
        first = firsts.setdefault(phone.e164, number) if phone.e164 else number
        column = mapping.country_column
        said = column is not None and bool(_cell(cells, column).strip())
        verdicts.append(
            Verdict(
                number, cells, "duplicate" if first != number else kind, phone, first if first != number else None, said
            )
        )
    return tuple(verdicts)


_read = lru_cache(maxsize=8192)(parse_phone)


def _counts(verdicts: Sequence[Verdict]) -> Counter[str]:
    counts = Counter[str](one.kind for one in verdicts)
    counts["valid"] += counts["repaired"]
    return counts


def _columns(sample: Sample, mapping: ColumnMapping) -> tuple[ColumnShare, ...]:
    """All columns, the most likely first: the guess, then by their shares."""
    shares = [
        ColumnShare(place, sample.label(place), _share(sample, mapping, place), place == sample.phone_column)
        for place in range(sample.width)
    ]
    return tuple(sorted(shares, key=lambda one: (not one.guessed, -one.share, one.position)))


def _share(sample: Sample, mapping: ColumnMapping, place: int) -> float:
    region_of_row = region_reader(mapping)
    valid = sum(
        _may_be_phone(cell) and _read(cell, region_of_row(cells)).e164 is not None
        for cells in sample.rows
        if (cell := _cell(cells, place)) or place == mapping.phone_column
    )
    return valid / max(1, len(sample.rows))


def _may_be_phone(cell: str) -> bool:
    # Most cells of most tables are names and words, and those are the dearest to read.
    return sum(map(str.isdigit, cell)) >= _FEWEST_DIGITS


def _is_international(cell: str) -> bool:
    return cell.lstrip(" (").startswith(("+", "00"))


def _countries(sample: Sample, column: int | None) -> tuple[tuple[str, ...], int]:
    """The countries of the country column, the most frequent first, and how many more there are."""
    if column is None:
        return (), 0
    found = Counter(region for row in sample.rows if (region := region_of(_cell(row, column))))
    names = [region for region, _ in found.most_common()]
    return tuple(names[:_SHOWN_COUNTRIES]), max(0, len(names) - _SHOWN_COUNTRIES)


def _hint(verdicts: Sequence[Verdict], mapping: ColumnMapping) -> RegionHint | None:
    """The region that the rows speak for which are rejected with a number that says no country."""
    cells = tuple(
        cell
        for one in verdicts
        if one.phone.e164 is None
        and not one.has_country
        and _may_be_phone(cell := _cell(one.cells, mapping.phone_column))
        and not _is_international(cell)
    )
    if len(cells) < _FEWEST_HINT:
        return None
    region = _guess(cells).region
    if region is None or region == mapping.region:
        return None
    valid = sum(_read(cell, region).e164 is not None for cell in cells)
    return RegionHint(region, valid / len(cells), len(cells)) if valid >= len(cells) * _LEAST_HINT else None
