"""A JSON Lines file as a source of rows: one object per line, its keys are the columns."""

import io
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, Final

from bulk_lookup.lib.tables.batch import BATCH_CHARACTERS, Batch
from bulk_lookup.lib.tables.byte_stream import ByteStream
from bulk_lookup.lib.tables.csv_records import MAX_CELL
from bulk_lookup.lib.tables.encoding import clean, cleaned
from bulk_lookup.lib.tables.errors import TableError
from bulk_lookup.lib.tables.lines import LineTape
from bulk_lookup.lib.tables.spool import shown_name
from bulk_lookup.lib.tables.table_format import TableFormat

MAX_COLUMNS: Final = 1000
OTHER_KEYS: Final = "other_keys"
"""Column that holds, as one JSON object, the keys that come after the first MAX_COLUMNS."""

UNREADABLE_LINE: Final = "unreadable_line"
"""Column that holds the text of lines that are no JSON object; it exists only where there are such lines."""

_SAMPLE_LINES: Final = 1000
_PROBE_LINES: Final = 20
_LINES_AT_ONCE: Final = 16  # between two looks at how much text they are
_ESCAPE: Final = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")  # NUL, or half of a surrogate pair
# Numbers stay as they are written: 14155550100 keeps its digits, 7.0 its zero.
_decoder: Final = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)
_INDENTED: Final = re.compile(r"\s*(?:\[\s*[\[{\]]|\{\s*\n)")


def is_json_lines(text: str, name: str) -> bool:
    """Tell whether a file that begins with `text` is JSON Lines.

    Raises TableError for other JSON: an array, or an object over several lines.
    """
    lines = [line for line in islice(io.StringIO(text, newline=""), _PROBE_LINES) if line.strip()]
    are_objects = [isinstance(_parsed(line), dict) for line in lines]
    objects = sum(are_objects)
    if _INDENTED.match(text) and objects < 2:
        raise TableError(
            f"{name} is JSON, but not JSON Lines: each line must be one object. "
            "Convert it, for example with: jq -c '.[]' FILE > list.jsonl"
        )
    return (
        are_objects[:1] == [True] or objects * 2 >= len(lines) or (len(lines) == 1 and text.lstrip().startswith('{"'))
    )


class JsonlSource:
    """Streams the objects; a key that was not seen before becomes a further column, so that none is lost.

    Numbers come as they are written, nested values as JSON text, true and false as these words, null and a missing
    key as an empty cell. Keys are compared after cleaning; of two equal ones in an object the last counts.
    """

    def __init__(self, path: Path, *, encoding: str, bom_length: int, line_ending: str) -> None:
        self._path, self._encoding, self._bom_length = path, encoding, bom_length
        self._columns: dict[str, int] = {}
        self._stream = ByteStream(path)
        self._stream.close()
        self.format = TableFormat(
            kind="jsonl", encoding=encoding, bom=bom_length > 0, gzip=self._stream.gzip, line_ending=line_ending
        )
        next(self.batches(_SAMPLE_LINES), None)
        if not self._columns:
            raise TableError(f"{shown_name(path)} has no rows. Give a file with a list in it.")

    @property
    def header(self) -> tuple[str, ...]:
        """The keys seen so far, in the order in which they were first seen."""
        return tuple(self._columns)

    @property
    def width(self) -> int:
        """The number of keys seen so far."""
        return len(self._columns)

    @property
    def bytes_read(self) -> int:
        """Bytes of the file read so far."""
        return self._stream.bytes_read

    @property
    def bytes_total(self) -> int:
        """Bytes of the file."""
        return self._stream.bytes_total

    def batches(self, size: int) -> Iterator[Batch]:
        """Yield all rows from the first, up to `size` at a time; numbers are those of the lines."""
        self._stream = stream = ByteStream(self._path)  # of its own: two readings do not disturb each other
        try:
            tape = LineTape(stream, self._encoding, self._bom_length)
            every_line, first = tape.lines_from(0), 0
            while lines := _next_lines(every_line, size):
                batch = self._batch(lines, first + 1, marked=tape.marked_until > first)
                first += len(lines)
                tape.forget_before(first)
                if batch.rows:
                    yield batch
        finally:
            stream.close()

    def close(self) -> None:
        """Close the file of the latest reading."""
        self._stream.close()

    def _batch(self, lines: list[str], first: int, *, marked: bool) -> Batch:
        numbers: list[int] = []
        rows: list[list[str]] = []
        problems: dict[int, str] = {}
        for number, line in enumerate(lines, first):
            if line.isspace():
                continue
            problem = None
            if marked:
                line, problem = clean(line)
            value = _parsed(line)
            if isinstance(value, dict):
                cells, found = self._cells(value, line)
                problem = found if found == "nul" else problem or found
            else:
                problem = problem or ("not_json" if value is None else "not_an_object")
                cells, _ = self._cells({UNREADABLE_LINE: line.strip()[:MAX_CELL]}, "")
            if problem:
                problems[len(rows)] = problem
            numbers.append(number)
            rows.append(cells)
        width = len(self._columns)
        for cells in rows:
            if len(cells) < width:
                cells += [""] * (width - len(cells))
        return Batch(numbers, rows, problems)

    def _cells(self, record: dict[str, Any], line: str) -> tuple[list[str], str | None]:
        problem: str | None = None
        unclean = "\\u" in line and _ESCAPE.search(line) is not None
        cells = [""] * len(self._columns)
        others: dict[str, Any] = {}
        for key, value in record.items():
            text = value if type(value) is str else _text(value, key, line)
            if unclean:
                (key, text), found = cleaned([key, text])
                problem = found if found == "nul" else problem or found
            place = self._columns.get(key)
            if place is None:
                if len(self._columns) >= MAX_COLUMNS:
                    others[key] = text
                    continue
                place = self._columns[key] = len(self._columns)
                cells.append("")
            cells[place] = text
        if others:
            place = self._columns.setdefault(OTHER_KEYS, len(self._columns))
            cells += [""] * (place + 1 - len(cells))
            cells[place] = json.dumps(others, ensure_ascii=False)
        return cells, problem


def _next_lines(every_line: Iterator[str], size: int) -> list[str]:
    """Return the next `size` lines, fewer at the end and where they are huge."""
    lines: list[str] = []
    characters = 0
    while len(lines) < size and characters < BATCH_CHARACTERS:
        some = list(islice(every_line, min(size - len(lines), _LINES_AT_ONCE)))
        if not some:
            break
        lines += some
        characters += sum(map(len, some))
    return lines


def _parsed(line: str) -> Any:
    try:
        return _decoder.decode(line)
    except (ValueError, RecursionError):
        return None


def _text(value: Any, key: str, line: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    with suppress(ValueError):  # an integer of more digits than Python converts stays a string
        value = json.loads(line)[key]  # again: the numbers inside are to be numbers
    return json.dumps(value, ensure_ascii=False)
