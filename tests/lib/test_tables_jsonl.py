"""Objects become rows; no key, number or broken line is lost."""

import json
from pathlib import Path

import pytest

from bulk_lookup.lib.tables.jsonl_source import MAX_COLUMNS
from bulk_lookup.lib.tables.source import open_table


def test_keys_are_columns_and_values_stay_as_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"  # the content counts, not the name
    path.write_text(
        '{"phone": "+14155550100", "n": 14155550100, "price": 7.50, "big": 4.41234567890E+11, "id": "00042"}\n'
        '{"phone": null, "yes": true, "no": false, "tags": ["a", 1], "more": {"b": 2.5}, "name": "Zo\\u00eb"}\n'
    )
    with open_table(path) as table:
        assert table.format.kind == "jsonl"
        assert table.header == ("phone", "n", "price", "big", "id", "yes", "no", "tags", "more", "name")
        first, second = [row.cells for row in table.rows()]
    assert first == ["+14155550100", "14155550100", "7.50", "4.41234567890E+11", "00042", "", "", "", "", ""]
    assert second == ["", "", "", "", "", "true", "false", '["a", 1]', '{"b": 2.5}', "Zoë"]


def test_a_key_that_comes_late_becomes_a_further_column(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text('{"phone": "1"}\n' * 5000 + '{"phone": "2", "late": "x"}\n')
    with open_table(path) as table:
        first_columns = table.header
        rows = [row.cells for row in table.rows()]
        assert (first_columns, table.header) == (("phone",), ("phone", "late"))
    assert rows[-1] == ["2", "x"]
    assert len(rows) == 5001


def test_resuming_gives_the_same_columns(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("".join(f'{{"k{number % 7}": "{number}"}}\n' for number in range(3000)))
    with open_table(path) as table:
        whole = list(table.rows())
    with open_table(path) as table:
        assert [row.cells for row in table.rows(skip=2500)] == [row.cells for row in whole[2500:]]
        assert [row.number for row in table.rows(after=2900)] == list(range(2901, 3001))


def test_broken_lines_come_as_text_in_a_column_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text('{"phone": "1"}\n{"phone": "+1415555\n[1, 2]\n"text"\n\n  \n{"phone": "2"}\n')
    with open_table(path) as table:
        rows = list(table.rows())
        assert table.header == ("phone", "unreadable_line")
    assert [(row.number, row.cells, row.problem) for row in rows] == [
        (1, ["1", ""], None),
        (2, ["", '{"phone": "+1415555'], "not_json"),
        (3, ["", "[1, 2]"], "not_an_object"),
        (4, ["", '"text"'], "not_an_object"),
        (7, ["2", ""], None),
    ]


def test_characters_that_a_database_refuses_are_replaced_and_their_rows_named(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(
        b'{"a\\u0000b": "x\\u0000y\\ud83d", "c": "\\ud83d\\ude00"}\n{"c": "1\x002"}\n{"c": "\xff"}\n{"c": "3\\u0000"}\n'
        + '{"c": "é"}\n'.encode() * 20
    )
    with open_table(path) as table:
        assert table.header == ("a\ufffdb", "c")
        rows = list(table.rows())[:4]
    assert [row.cells for row in rows] == [["x\ufffdy\ufffd", "😀"], ["", "1\ufffd2"], ["", "ÿ"], ["", "3"]]
    assert [row.problem for row in rows] == ["nul", "nul", "undecodable", "nul"]


def test_lines_of_megabytes_come_a_few_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("".join(json.dumps({"n": str(number), "text": "x" * 200_000}) + "\n" for number in range(300)))
    with open_table(path) as table:
        batches = list(table.batches(5000))
    assert max(map(len, batches)) <= 64
    assert [int(cells[0]) for batch in batches for cells in batch.rows] == list(range(300))


@pytest.mark.parametrize("text", ['{"a": ' + "[" * 100_000 + "\n", '{"a": ' + "9" * 10_000 + "}\n", '{"a": NaN}\n'])
def test_extreme_values(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a"
    path.write_text('{"a": "1"}\n' + text)
    with open_table(path) as table:
        assert len(list(table.rows())) == 2


def test_endlessly_many_keys_end_in_one_column(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("".join(json.dumps({f"key {number}": str(number)}) + "\n" for number in range(MAX_COLUMNS + 5)))
    with open_table(path) as table:
        rows = [row.cells for row in table.rows()]
        assert table.width == MAX_COLUMNS + 1
        assert table.header is not None
        assert table.header[-1] == "other_keys"
    assert json.loads(rows[-1][-1]) == {f"key {MAX_COLUMNS + 4}": str(MAX_COLUMNS + 4)}


def test_a_file_in_utf16_with_windows_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes('{"phone": "1"}\r\n{"phone": "2"}\r\n'.encode("utf-16"))
    with open_table(path) as table:
        assert [row.cells for row in table.rows()] == [["1"], ["2"]]
        assert table.format.line_ending == "\r\n"


def test_a_broken_first_line_does_not_hide_the_format(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text('garbage\n{"phone": "1"}\n{"phone": "2"}\n')
    with open_table(path) as table:
        assert table.format.kind == "jsonl"
        assert len(list(table.rows())) == 3
