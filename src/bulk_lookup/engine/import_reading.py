"""How a file is going to be read: what is in it, which column is which, and what that makes of its first rows."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from bulk_lookup.core.columns import (
    ColumnError,
    choose_phone_column,
    find_column,
    first_row_is_data,
    suggest_country_column,
)
from bulk_lookup.core.phone import parse_phone
from bulk_lookup.core.region import region_of
from bulk_lookup.engine.import_dates import date_reader, find_date_order
from bulk_lookup.engine.import_inspection import FirstRow, Inspection
from bulk_lookup.engine.import_mapping import ColumnMapping
from bulk_lookup.engine.import_region import choose_region
from bulk_lookup.engine.import_rows import region_reader
from bulk_lookup.lib.tables.batch import Row
from bulk_lookup.lib.tables.errors import TableError
from bulk_lookup.lib.tables.source import Table, open_table
from bulk_lookup.lib.tables.spool import shown_name

__all__ = ["Inspection", "inspect_file"]

_SAMPLE_ROWS: Final = 1_000
_SAMPLE_CHARACTERS: Final = 4_000_000
_READ_ROWS: Final = 50
_SHOWN_ROWS: Final = 20
_FEWEST_DIGITS: Final = 6
_LONGEST_SHAPE: Final = 40

# Written like a phone number of some country: seven to fifteen digits among the usual punctuation, in a short cell.
_PHONE_SHAPE: Final = re.compile(r"\s*(?:tel:)?[+(]?(?:[\s().\-/]*\d){7,15}[\s)]*", re.IGNORECASE)


def inspect_file(
    path: Path,
    *,
    sheet: str | None = None,
    phone_column: str | None = None,
    country_column: str | None = None,
    last_verified_column: str | None = None,
    region: str | None = None,
    organization_country: str | None = None,
) -> Inspection:
    """Look at a file's first rows and decide how to read it; columns are given by name or by number from 1.

    Raises TableError, a sentence, where there is no table, no phone column or no column of a given name.
    """
    try:
        with _open(path, sheet) as table:
            return _inspect(
                table,
                path,
                sheet=sheet,
                phone_column=phone_column,
                country_column=country_column,
                last_verified_column=last_verified_column,
                region=region,
                organization_country=organization_country,
            )
    except ColumnError as error:
        raise TableError(f"{shown_name(path)}: {error}") from error


def _open(path: Path, sheet: str | None) -> Table:
    table = open_table(path, sheet=sheet)
    first = table.header
    if (
        first is not None
        and table.format.kind != "jsonl"
        and first_row_is_data(first, [row.cells for row in _first(table)[:_SHOWN_ROWS]], _has_shape)
    ):
        table.close()
        table = open_table(path, sheet=sheet, header=False)
    return table


def _inspect(
    table: Table,
    path: Path,
    *,
    sheet: str | None,
    phone_column: str | None,
    country_column: str | None,
    last_verified_column: str | None,
    region: str | None,
    organization_country: str | None,
) -> Inspection:
    first = _first(table)
    rows = [row.cells for row in first]
    header, width = table.header, table.width
    country = None if country_column is None else find_column(header, width, country_column)
    verified = None if last_verified_column is None else find_column(header, width, last_verified_column)
    phone = choose_phone_column(header, rows, _looks_like_phone(region or organization_country), asked=phone_column)
    place = phone.column.position
    homeless = [_cell(row, place) for row in rows if country is None or not _cell(row, country).strip()]
    found, source, guess = choose_region(homeless, given=region, organization_country=organization_country)
    dates = [] if verified is None else [_cell(row, verified) for row in rows]
    order = find_date_order(dates)
    mapping = ColumnMapping(
        phone_column=place,
        region=found,
        country_column=country,
        last_verified_column=verified,
        date_order=order,
        sheet=sheet,
        header=table.format.has_header,
    )
    return Inspection(
        file_name=shown_name(path),
        format=table.format,
        header=header,
        width=width,
        phone=phone,
        region_source=source,
        region_guess=guess,
        mapping=mapping,
        suggested_country_column=suggest_country_column(header, rows, lambda cell: region_of(cell) is not None),
        unread_dates=tuple(cell for cell in dates if cell.strip() and date_reader(order)(cell) is None),
        first_rows=_shown(first, mapping),
    )


def _first(table: Table) -> list[Row]:
    """The first rows, fewer where they are huge."""
    rows: list[Row] = []
    characters = 0
    for batch in table.batches(_READ_ROWS):
        rows += batch
        characters += sum(len(cell) for cells in batch.rows for cell in cells)
        if len(rows) >= _SAMPLE_ROWS or characters >= _SAMPLE_CHARACTERS:
            break
    return rows[:_SAMPLE_ROWS]


def _shown(rows: Sequence[Row], mapping: ColumnMapping) -> tuple[FirstRow, ...]:
    region_of_row = region_reader(mapping)
    return tuple(
        FirstRow(
            row.number,
            tuple(row.cells),
            parse_phone(_cell(row.cells, mapping.phone_column), region_of_row(row.cells)),
        )
        for row in rows[:_SHOWN_ROWS]
    )


def _cell(cells: list[str], place: int) -> str:
    return cells[place] if place < len(cells) else ""


def _looks_like_phone(region: str | None) -> Callable[[str], bool]:
    # Most cells of most tables are names and words: they are told by the digits they lack, before they are read.
    return lambda cell: _has_shape(cell) or (_has_digits(cell) and parse_phone(cell, region).e164 is not None)


def _has_digits(cell: str) -> bool:
    return sum(map(str.isdigit, cell)) >= _FEWEST_DIGITS


def _has_shape(cell: str) -> bool:
    return len(cell) <= _LONGEST_SHAPE and _PHONE_SHAPE.fullmatch(cell) is not None
