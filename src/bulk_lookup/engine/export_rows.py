"""The rows of an export of contacts: read by list and row number, each with its own cells under the columns chosen."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import orjson
from django.db.models.expressions import RawSQL

from bulk_lookup.core.columns import appended_header
from bulk_lookup.core.data_package import CATALOGUE
from bulk_lookup.engine.export_choice import ExportChoice, OwnColumn, columns_of, found_columns
from bulk_lookup.lib.tables.formula import neutralise
from bulk_lookup.lib.tables.parquet_writer import ColumnType
from bulk_lookup.models import Export, Import
from bulk_lookup.models.contact import Contacts
from bulk_lookup.models.scope import organization_scope

ROWS_AT_ONCE = 10_000

_TYPES: Final[Mapping[str, ColumnType]] = {"flag": "boolean", "integer": "integer", "decimal": "decimal"}
_FLAGS: Final = {True: "true", False: "false", None: ""}
_BESIDE: Final = 4  # what is read of each row beside the found columns


class ExportRows:
    """Every text is neutralised, that no spreadsheet runs what a stranger has written; numbers stay as they are.

    `header` and `types` are what a writer needs; `simulated` is true once a simulator's answer was among the rows.
    """

    def __init__(self, export: Export, contacts: Contacts) -> None:
        choice = ExportChoice.from_json(export.columns)
        offered = {column.name: column for column in found_columns(list(CATALOGUE))}
        self._found = [offered[name] for name in choice.found if name in offered]
        self._organization_id = export.organization_id
        self._own = choice.own
        self._places: dict[int, list[int]] = {}
        own = [neutralise(column.name) for column in choice.own]
        self.header = appended_header(own, [column.name for column in self._found])
        self.types = {
            name: _TYPES[column.kind]
            for name, column in zip(self.header[len(own) :], self._found, strict=True)
            if column.kind in _TYPES
        }
        self.simulated = False
        # In text a flag is a word of ours; elsewhere it is a value.
        as_text = export.format in ("csv", "tsv")
        self._flags = [place for place, one in enumerate(self._found) if as_text and one.kind == "flag"]
        # The texts are ours; the form gives names only.
        selected = {f"found_{place}": RawSQL(one.sql, ()) for place, one in enumerate(self._found)}  # noqa: S611
        self._rows = contacts.annotate(cells_text=RawSQL("cells::text", ()), **selected).values_list(
            "import_id", "row_number", "simulated", "cells_text", *selected
        )

    def read(self, lists: Sequence[int]) -> Iterator[list[list[Any]]]:
        """Batches of rows, list by list; call it outside a scope."""
        for contact_list_id in lists:
            last: int | None = None
            while (batch := self._batch(contact_list_id, last)) is not None:
                yield [self._row(row) for row in batch]
                if len(batch) < ROWS_AT_ONCE:
                    break
                last = batch[-1][1]

    def _batch(self, contact_list_id: int, last: int | None) -> list[tuple[Any, ...]] | None:
        """The next rows of a list behind row `last`; None where there are none."""
        with organization_scope(self._organization_id):
            rows = self._rows.filter(contact_list_id=contact_list_id).order_by("row_number")
            if last is not None:
                rows = rows.filter(row_number__gt=last)
            batch = list(rows[:ROWS_AT_ONCE])
            unknown = {row[0] for row in batch} - self._places.keys()
            for one in Import.objects.filter(id__in=unknown) if unknown else ():
                self._places[one.pk] = _places(one.header, self._own)
        return batch or None

    def _row(self, row: tuple[Any, ...]) -> list[Any]:
        import_id, _, simulated, cells_text = row[:_BESIDE]
        self.simulated = self.simulated or simulated
        cells: list[Any] = orjson.loads(cells_text)
        width = len(cells)
        own = [cells[place] if place < width else "" for place in self._places[import_id]]
        found: list[Any] = list(row[_BESIDE:])
        for place in self._flags:
            found[place] = _FLAGS[found[place]]
        return [neutralise(value) if type(value) is str else value for value in own + found]


def _places(header: Sequence[str], own: Sequence[OwnColumn]) -> list[int]:
    """Where each chosen column stands in the rows of one upload; behind every row where it has no such column."""
    places = {column: place for place, column in enumerate(columns_of(header))}
    return [places.get(column, 1 << 30) for column in own]
