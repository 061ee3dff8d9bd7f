"""What a table is written in."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["csv", "tsv", "xlsx", "jsonl"]


@dataclass(frozen=True, slots=True)
class TableFormat:
    r"""How a table stands in its file.

    `kind` "tsv" is text with tabs, "csv" text with any other delimiter. `encoding` is a Python codec's name without
    its byte order mark, which is `bom`. `delimiter` is None for a text file of one column and for other kinds;
    `sheet` and `sheets` are the sheet read and all there are (XLSX). `skipped` counts title and blank rows above the
    table. `line_ending` is "\n", "\r\n" or "\r".
    """

    kind: Kind
    encoding: str = "utf-8"
    bom: bool = False
    delimiter: str | None = None
    gzip: bool = False
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    has_header: bool = True
    skipped: int = 0
    line_ending: str = "\n"
