"""Writing a table: one function for all formats."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Final, Literal

from bulk_lookup.lib.tables.csv_writer import CsvWriter
from bulk_lookup.lib.tables.jsonl_writer import JsonlWriter
from bulk_lookup.lib.tables.output_file import OutputFile
from bulk_lookup.lib.tables.parquet_writer import ColumnType, ParquetWriter
from bulk_lookup.lib.tables.table_writer import TableWriter
from bulk_lookup.lib.tables.xlsx_writer import XlsxWriter

OutputKind = Literal["csv", "tsv", "xlsx", "jsonl", "parquet"]

OUTPUT_KINDS: Final[tuple[OutputKind, ...]] = ("csv", "tsv", "xlsx", "jsonl", "parquet")


def open_writer(
    target: Path | BinaryIO,
    *,
    kind: OutputKind,
    header: Sequence[str] | None,
    delimiter: str | None = None,
    line_ending: str = "\n",
    bom: bool = False,
    gzip: bool = False,
    sheet: str = "Sheet1",
    rows: int | None = None,
    types: Mapping[str, ColumnType] | None = None,
    overwrite: bool = False,
) -> TableWriter:
    """Return a writer of the format `kind` into a file, or into a stream that the caller closes.

    A file appears under its name only at `close`, and an existing one is replaced only with `overwrite`. Without a
    header none is written; JSON Lines and Parquet need one. `delimiter`, `line_ending`, `bom` belong to CSV and TSV,
    `gzip` to these and JSON Lines, `sheet` and `rows` (how many will come, to refuse too many) to XLSX, `types` to
    Parquet. Raises TableError where this cannot be written.
    """
    output = OutputFile(target, overwrite=overwrite, packed=gzip and kind in ("csv", "tsv", "jsonl"))
    if kind in ("csv", "tsv"):
        between = "\t" if kind == "tsv" else delimiter or ","
        return CsvWriter(output, header, delimiter=between, line_ending=line_ending, bom=bom)
    if kind == "xlsx":
        return XlsxWriter(output, header, sheet=sheet, rows=rows)
    if header is None:
        output.abort()
        raise ValueError(f"{kind} needs a header")
    if kind == "jsonl":
        return JsonlWriter(output, header)
    return ParquetWriter(output, header, types=types or {})
