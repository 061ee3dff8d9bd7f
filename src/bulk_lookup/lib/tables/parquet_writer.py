"""Parquet, by pyarrow, which is an optional dependency."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any, Final, Literal

from bulk_lookup.lib.tables.errors import TableError
from bulk_lookup.lib.tables.names import unique_names
from bulk_lookup.lib.tables.output_file import OutputFile
from bulk_lookup.lib.tables.table_writer import Cell, TableWriter

ColumnType = Literal["string", "integer", "boolean", "decimal", "timestamp"]

_ROWS: Final = 50_000  # of a row group
_WORDS: Final = {"true": True, "yes": True, "false": False, "no": False}


class ParquetWriter(TableWriter):
    """Writes columns of strings, and of other types where `types` names them; None is null.

    A typed column's values may be given as text: integers, yes / no / true / false, decimal numbers (6 places), ISO
    times (with a zone, or taken as UTC). An empty text is null there. Raises TableError for text that is none of it.
    """

    def __init__(self, output: OutputFile, header: Sequence[str], *, types: Mapping[str, ColumnType]) -> None:
        super().__init__(output)
        try:
            import pyarrow
            import pyarrow.parquet
        except ImportError:
            output.abort()
            raise TableError("Parquet needs one more package: pip install 'bulk-lookup[parquet]'") from None
        self._arrow: Any = pyarrow
        arrow_types = {
            "string": pyarrow.string(),
            "integer": pyarrow.int64(),
            "boolean": pyarrow.bool_(),
            "decimal": pyarrow.decimal128(24, 6),
            "timestamp": pyarrow.timestamp("us", tz="UTC"),
        }
        self._types: list[ColumnType] = [types.get(name, "string") for name in header]
        fields = zip(unique_names(header), self._types, strict=True)
        self._schema: Any = pyarrow.schema([(name, arrow_types[kind]) for name, kind in fields])
        self._waiting: list[Sequence[Cell]] = []
        self._parquet: Any = pyarrow.parquet.ParquetWriter(output.stream, self._schema)

    def write(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Write rows."""
        rows = iter(rows)
        while some := list(islice(rows, _ROWS - len(self._waiting))):
            self._waiting += some
            if len(self._waiting) == _ROWS:
                self._write_group()

    def abort(self) -> None:
        """Give the file up."""
        if hasattr(self, "_parquet"):
            self._parquet.is_open = False  # else it writes its last part when it is collected
        super().abort()

    def _finish(self) -> None:
        self._write_group()
        with self._output.errors_said():
            self._parquet.close()

    def _write_group(self) -> None:
        if not self._waiting:
            return
        columns = zip(*self._waiting, strict=True)
        arrays = [
            self._arrow.array([_typed(value, kind, field.name) for value in column], type=field.type)
            for column, kind, field in zip(columns, self._types, self._schema, strict=True)
        ]
        self._waiting = []
        with self._output.errors_said():
            self._parquet.write_batch(self._arrow.record_batch(arrays, schema=self._schema))


def _typed(value: Cell, kind: ColumnType, name: str) -> str | int | bool | Decimal | datetime.datetime | None:
    if kind == "string":
        return value if value is None or type(value) is str else str(value)
    if value is None or value == "":
        return None
    try:
        match kind:
            case "integer":
                return int(value)
            case "decimal":
                return Decimal(value).quantize(Decimal("0.000001"))
            case "boolean":
                return _WORDS[str(value).lower()]
            case "timestamp":
                moment = datetime.datetime.fromisoformat(str(value))
                return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
    except (ValueError, KeyError, ArithmeticError):
        raise TableError(f"Column {name} holds {str(value)!r}, which is no {kind}. Write it as text.") from None
