"""An export: a list with all its rows, in order, with its own columns and what was found out.

The rows are read by ranges of row numbers, each its own statement, so that no snapshot is held for long; where the format is
text, PostgreSQL writes it and Python only passes it on.
"""

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.db import connection
from django.utils import timezone

from bulk_lookup.core.columns import appended_header
from bulk_lookup.engine.export_columns import ExportColumn, export_columns
from bulk_lookup.lib.tables.parquet_writer import ColumnType
from bulk_lookup.lib.tables.writers import OutputKind, open_writer
from bulk_lookup.models import Contact, Export, Import, Run
from bulk_lookup.models.scope import organization_scope

ROWS_AT_ONCE = 50_000
STANDARD_OUTPUT = "-"

_PARQUET_TYPES: Mapping[str, ColumnType] = {"flag": "boolean", "integer": "integer", "decimal": "decimal"}
_TEXT_FORMATS = ("csv", "tsv")


class CannotExport(Exception):
    """The file cannot be written; the message is a sentence for the user."""


def build_export(organization_id: int, export_id: int) -> Export:
    """Write the file of an export; the file appears whole or not at all. Raises CannotExport with a sentence."""
    with organization_scope(organization_id):
        export = Export.objects.get(id=export_id)
        assert export.run_id is not None and export.contact_list_id is not None
        run = Run.objects.get(id=export.run_id)
        imports = list(Import.objects.filter(contact_list_id=export.contact_list_id).order_by("id"))
        last = (
            Contact.objects.of_list(export.contact_list_id)
            .order_by("-row_number")
            .values_list("row_number", flat=True)
            .first()
        )
    columns = export_columns(run.packages)
    header = own_header(imports)
    names = appended_header(header, [column.name for column in columns])
    try:
        if export.format in _TEXT_FORMATS:
            rows = _write_text(organization_id, export, run, columns, header, names, last or 0)
        else:
            rows = _write_table(organization_id, export, run, columns, header, names, last or 0)
    except OSError as error:
        _mark(organization_id, export, Export.State.FAILED, problem=str(error))
        raise CannotExport(f"{export.path} cannot be written: {error.strerror or error}.") from error
    _mark(organization_id, export, Export.State.READY, rows=rows)
    return export


def own_header(imports: Sequence[Import]) -> list[str]:
    """The columns of the upload, by name or as column_1 … where it had no header."""
    widest = max(imports, key=lambda one: len(one.header), default=None)
    return list(widest.header) if widest is not None else []


def _write_text(
    organization_id: int,
    export: Export,
    run: Run,
    columns: Sequence[ExportColumn],
    header: Sequence[str],
    names: Sequence[str],
    last: int,
) -> int:
    """CSV or TSV, written by PostgreSQL. The byte order mark and the line ending are the input's."""
    options = export.options
    delimiter = "\t" if export.format == "tsv" else options.get("delimiter") or ","
    ending = b"\r\n" if options.get("line_ending") == "\r\n" else b"\n"
    # PostgreSQL would write an empty text as "" to tell it from null; here both are an empty cell.
    cells = [f"nullif(cells ->> {place}, '')" for place in range(len(header))]
    select = ", ".join([*cells, *(_as_text(column) for column in columns)])
    rows = 0
    with _target(export.path) as file:
        if options.get("byte_order_mark"):
            file.write(b"\xef\xbb\xbf")
        file.write(_csv_line([*header, *names[len(header) :]], delimiter).encode() + ending)
        for first in range(0, last + 1, ROWS_AT_ONCE):
            with organization_scope(organization_id):
                for line in _copy(select, export, run, first, delimiter):
                    file.write(line if ending == b"\n" else bytes(line[:-1]) + ending)
                    rows += 1
    return rows


def _copy(select: str, export: Export, run: Run, first: int, delimiter: str) -> Iterator[memoryview | bytes]:
    connection.ensure_connection()
    statement = f"""
        copy (select {select} from contact
              where organization_id = {export.organization_id} and contact_list_id = {export.contact_list_id}
                  and row_number between {first} and {first + ROWS_AT_ONCE - 1}
              order by row_number)
        to stdout (format csv, delimiter {_quoted(delimiter)})
    """.replace("%(run_id)s", str(int(run.pk)))
    assert connection.connection is not None
    with connection.connection.cursor() as cursor, cursor.copy(statement) as copy:
        yield from copy


def _write_table(
    organization_id: int,
    export: Export,
    run: Run,
    columns: Sequence[ExportColumn],
    header: Sequence[str],
    names: Sequence[str],
    last: int,
) -> int:
    """XLSX, JSON Lines or Parquet, written by Python."""
    appended = zip(names[len(header) :], columns, strict=True)
    types = {name: _PARQUET_TYPES[column.kind] for name, column in appended if column.kind in _PARQUET_TYPES}
    rows = 0
    with (
        _target(export.path) as file,
        open_writer(file, kind=cast(OutputKind, export.format), header=names, types=types) as writer,
    ):
        for first in range(0, last + 1, ROWS_AT_ONCE):
            batch = list(_values(organization_id, export, run, columns, len(header), first))
            writer.write(batch)
            rows += len(batch)
    return rows


def _values(
    organization_id: int, export: Export, run: Run, columns: Sequence[ExportColumn], width: int, first: int
) -> Iterator[list[Any]]:
    select = ", ".join(column.sql for column in columns)
    with organization_scope(organization_id), connection.cursor() as cursor:
        cursor.execute(
            f"""
            select cells, {select} from contact
            where organization_id = %(organization_id)s and contact_list_id = %(contact_list_id)s
                and row_number between %(first)s and %(last)s
            order by row_number
            """,
            {
                "organization_id": organization_id,
                "contact_list_id": export.contact_list_id,
                "first": first,
                "last": first + ROWS_AT_ONCE - 1,
                "run_id": run.pk,
            },
        )
        for cells, *values in cursor:
            own = json.loads(cells)
            yield [*own, *[""] * (width - len(own)), *values]


@contextmanager
def _target(path: str) -> Iterator[BinaryIO]:
    """A file that takes its name when it is complete; standard output, a device or a named pipe as it is."""
    if path == STANDARD_OUTPUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    place = Path(path).resolve()  # a link stays, and what it points to is written
    if place.exists() and not place.is_file():  # /dev/null is no name to take: root would break the machine with it
        with place.open("wb") as file:
            yield file
        return
    descriptor, draft = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.", suffix=".part")
    try:
        with os.fdopen(descriptor, "wb", buffering=1 << 20) as file:
            yield file
        Path(draft).chmod(0o666 & ~_umask())
        Path(draft).replace(place)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _as_text(column: ExportColumn) -> str:
    if column.kind == "flag":
        return f"case when {column.sql} then 'true' else 'false' end"
    return f"nullif({column.sql}, '')" if column.kind == "text" else column.sql


def _csv_line(cells: Sequence[str], delimiter: str) -> str:
    special = (delimiter, '"', "\n", "\r")
    return delimiter.join(
        '"' + cell.replace('"', '""') + '"' if any(c in cell for c in special) else cell for cell in cells
    )


def _quoted(text: str) -> str:
    return "e'\\t'" if text == "\t" else "'" + text.replace("'", "''") + "'"


def _mark(organization_id: int, export: Export, state: str, *, problem: str = "", rows: int = 0) -> None:
    with organization_scope(organization_id):
        Export.objects.filter(id=export.pk).update(state=state, problem=problem, rows=rows, finished_at=timezone.now())
    export.state, export.rows = state, rows
