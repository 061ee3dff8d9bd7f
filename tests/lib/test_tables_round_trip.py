"""Whatever text is written comes back the same, in every format."""

from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bulk_lookup.lib.tables.names import unique_names
from bulk_lookup.lib.tables.source import open_table
from bulk_lookup.lib.tables.writers import OutputKind, open_writer

# No NUL and no half of a surrogate pair (which are cleaned), no mark of the byte order (which begins files).
cells = st.text(st.characters(codec="utf-8", exclude_characters="\x00\ufeff"), max_size=12) | st.sampled_from(
    ["+14155550100", "00042", "=1", "'", '"', '""', "\r", "\n", "\r\n", ",", ";", "\t", "_x0041_", "&amp;", "null", " "]
)
tables = st.integers(1, 5).flatmap(
    lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=8)
)
quick = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def written(path: Path, rows: list[list[str]], kind: OutputKind, **options: Any) -> Path:
    header = options.pop("header", [f"name {number}" for number in range(len(rows[0]))])
    with open_writer(path, kind=kind, header=header, overwrite=True, **options) as writer:
        writer.write(rows)
    return path


@quick
@given(rows=tables, delimiter=st.sampled_from(",;\t|"), ending=st.sampled_from(["\n", "\r\n", "\r"]), bom=st.booleans())
def test_csv(tmp_path: Path, rows: list[list[str]], delimiter: str, ending: str, bom: bool) -> None:
    path = written(tmp_path / "a", rows, "csv", delimiter=delimiter, line_ending=ending, bom=bom)
    with open_table(path, delimiter=delimiter, encoding="utf-8", header=True) as table:
        assert [row.cells for row in table.rows()] == rows
        assert [row.problem for row in table.rows()] == [None] * len(rows)
        assert [row for batch in table.batches(3) for row in batch] == list(table.rows())


@quick
@given(rows=tables)
def test_json_lines(tmp_path: Path, rows: list[list[str]]) -> None:
    with open_table(written(tmp_path / "a", rows, "jsonl")) as table:
        assert [row.cells for row in table.rows()] == rows


@quick
@given(rows=tables)
def test_xlsx(tmp_path: Path, rows: list[list[str]]) -> None:
    with open_table(written(tmp_path / "a", rows, "xlsx"), header=True) as table:
        read = [row.cells for row in table.rows()]
    while rows and not any(rows[-1]):
        rows = rows[:-1]  # empty rows at the end are none in a sheet
    assert read == rows


@quick
@given(rows=tables)
def test_parquet(tmp_path: Path, rows: list[list[str]]) -> None:
    made = pyarrow.parquet.read_table(written(tmp_path / "a", rows, "parquet"))
    assert [list(row.values()) for row in made.to_pylist()] == rows


PHONES = [["Smith, John", "+14155550100", "Rome"], ["Zoë", "+14155550101", ""], ['"Bob"', "+14155550102", "a;b"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("header", [None, ["name", "phone", "city"]])
def test_csv_in_every_dress_is_recognised(
    tmp_path: Path, encoding: str, delimiter: str, header: list[str] | None
) -> None:
    path = written(tmp_path / "a", PHONES, "csv", delimiter=delimiter, header=header)
    path.write_bytes(path.read_text().encode(encoding))
    with open_table(path) as table:
        assert table.header == (tuple(header) if header else None)
        assert [row.cells for row in table.rows()] == PHONES


@given(st.lists(st.sampled_from(["", "a", "b", "a_2", "a_3", "column_1", "column_2"])))
def test_unique_names(header: list[str]) -> None:
    names = unique_names(header)
    assert len(set(names)) == len(names) == len(header)
    assert all(names)
    for number, name in enumerate(header):
        if name and name not in header[:number]:
            assert names[number] == name
