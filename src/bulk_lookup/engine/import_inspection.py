"""What was found out about a file before its import, and the sentences that say it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bulk_lookup.core.columns import PhoneColumn
from bulk_lookup.core.phone import Phone
from bulk_lookup.core.region import RegionGuess, name_of
from bulk_lookup.engine.import_mapping import ColumnMapping
from bulk_lookup.engine.import_region import RegionSource
from bulk_lookup.lib.tables.table_format import TableFormat

_SHOWN_REGIONS: Final = 3


@dataclass(frozen=True, slots=True)
class FirstRow:
    """A row of the file and what its phone cell is read as."""

    number: int
    cells: tuple[str, ...]
    phone: Phone


@dataclass(frozen=True, slots=True)
class Inspection:
    """What an import of the file will do, and why.

    `region_guess` is there where neither the person nor the organization said a region. `suggested_country_column`
    seems to say each row's country; it is not read unasked. `unread_dates` are cells of the column of dates, among the
    first rows, that are no date or could be two.
    """

    file_name: str
    format: TableFormat
    header: tuple[str, ...] | None
    width: int
    phone: PhoneColumn
    region_source: RegionSource
    region_guess: RegionGuess | None
    mapping: ColumnMapping
    suggested_country_column: int | None
    unread_dates: tuple[str, ...]
    first_rows: tuple[FirstRow, ...]

    def sentences(self) -> Iterator[str]:
        """Say which columns are read and why, what else there is, and whose numbers those without a country are."""
        yield self._phone_sentence()
        if self.mapping.country_column is not None:
            yield f"Each row's country is read from {self._label(self.mapping.country_column)}."
        if self.region_source != "not_needed":
            region = name_of(self.mapping.region) if self.mapping.region else ""
            yield _WHY_REGION[self.region_source].format(region=region, likely=self._likely_regions())
        if self.mapping.country_column is None and self.suggested_country_column is not None:
            name = self._label(self.suggested_country_column)
            yield f"The column {name} seems to say each row's country; it is read only when it is named as such."
        if self.unread_dates:
            name = self._label(self.mapping.last_verified_column or 0)
            yield f"Some dates in {name} are not certain, such as {self.unread_dates[0]!r}; they are left out."

    def _phone_sentence(self) -> str:
        sentence = f"Phone numbers are read from {self._label(self.phone.column.position)} ({_WHY[self.phone.reason]})."
        others = [f"{self._label(column.position)} ({column.share:.0%})" for column in self.phone.alternatives]
        return f"{sentence} There are some in {', '.join(others)} as well." if others else sentence

    def _likely_regions(self) -> str:
        shares = self.region_guess.shares[:_SHOWN_REGIONS] if self.region_guess is not None else ()
        likely = ", ".join(f"{share.share:.0%} as numbers of {name_of(share.region)}" for share in shares)
        return f" (valid would be: {likely})" if likely else ""

    def _label(self, place: int) -> str:
        name = self.header[place] if self.header is not None and place < len(self.header) else ""
        return f"{name!r}" if name else f"column {place + 1}"


_WHY: Final = {
    "asked_for": "as asked for",
    "raw_phone_number": "by its name",
    "own_output": "the numbers as they were before this output was made",
    "only_column": "the only column",
    "content": "by its content",
    "header": "by its content and name",
    "leftmost": "the leftmost of several",
}
_WHY_REGION: Final = {
    "given": "Numbers without a country are read as numbers of {region}, as asked for.",
    "organization": "Numbers without a country are read as numbers of {region}, the organization's country.",
    "inferred": "Numbers without a country are read as numbers of {region}, by what they look like.",
    "unclear": "Numbers without a country are rejected, as it is unclear whose they are{likely}. "
    "Name their country (--region US, for example).",
}
