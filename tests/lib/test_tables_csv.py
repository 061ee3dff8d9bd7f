"""Delimited text comes in as it is written: every row, in order, with all its cells."""

import csv
import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bulk_lookup.lib.tables import csv_records
from bulk_lookup.lib.tables.csv_records import MAX_CELL
from bulk_lookup.lib.tables.errors import TableError
from bulk_lookup.lib.tables.lines import BLOCK_BYTES, MAX_LINE
from bulk_lookup.lib.tables.source import Table, open_table

Opener = Callable[..., Table]


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Opener]:
    """A function that writes bytes or text to a file and opens it."""
    opened: list[Table] = []

    def write_and_open(content: str | bytes, name: str = "list.csv", **options: Any) -> Table:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        opened.append(open_table(path, **options))
        return opened[-1]

    yield write_and_open
    for one in opened:
        one.close()


def cells(found: Table) -> list[list[str]]:
    return [row.cells for row in found.rows()]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_by_content(table: Opener, delimiter: str) -> None:
    text = "name,phone,city\nBob,+14155550100,Rome\nEve,+14155550101,Oslo\n".replace(",", delimiter)
    found = table(text, "list.txt")
    assert found.format.delimiter == delimiter
    assert found.format.kind == ("tsv" if delimiter == "\t" else "csv")
    assert found.header == ("name", "phone", "city")
    assert cells(found) == [["Bob", "+14155550100", "Rome"], ["Eve", "+14155550101", "Oslo"]]


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("name;price\nBob;1,5\nEve;2,5\n", ";"),  # decimals with a comma are no columns
        ('a,b\n"x;y;z",1\n"x;y;z",2\n', ","),  # nor are lists inside quotation marks
        ("sep=;\nname;phone\nBob;+14155550100\n", ";"),  # Excel's own hint
        ("sep=|\nphone\n+14155550100\n", "|"),  # also where the table has one column
        ("phone\n+14155550100\n+14155550101\n", None),  # one column
        ("Smith, John\n+14155550100\n+14155550101\n", ","),  # the first row is split by it
        ("name,phone\nBob\nEve\nMallory,1\n", ","),  # rows that lost their last cells
        ("phone\n415-555-0100, 415-555-0101\n+14155550102\n", None),  # two numbers in a cell
    ],
)
def test_the_delimiter_of_unclear_files(table: Opener, text: str, delimiter: str | None) -> None:
    assert table(text).format.delimiter == delimiter


def test_a_given_delimiter_decides(table: Opener) -> None:
    assert cells(table("a;b,c\n1,2;3\n", delimiter=";")) == [["1,2", "3"]]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_endings_are_kept_for_the_way_back(table: Opener, ending: str) -> None:
    found = table(ending.join(["a,b", "1,2", "3,4", ""]))
    assert found.format.line_ending == ending
    assert cells(found) == [["1", "2"], ["3", "4"]]


def test_line_breaks_and_quotation_marks_inside_cells(table: Opener) -> None:
    found = table('a,b,c\r\n"one\r\ntwo",x,"say ""hi"""\r\n"\n\n",y,"a,b"\r\n')
    assert cells(found) == [["one\r\ntwo", "x", 'say "hi"'], ["\n\n", "y", "a,b"]]
    assert [(row.number, row.problem) for row in found.rows()] == [(2, None), (3, None)]


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x0b", "\x0c", "\x1c", "\x85"])
def test_other_separators_of_unicode_do_not_end_a_line(table: Opener, separator: str) -> None:
    assert cells(table(f"a,b\nx{separator}y,1\n")) == [[f"x{separator}y", "1"]]


def test_rows_without_header_are_all_data(table: Opener) -> None:
    found = table("+14155550100,Bob\n+14155550101,Eve\n")
    assert found.header is None
    assert [(row.number, row.cells[1]) for row in found.rows()] == [(1, "Bob"), (2, "Eve")]


def test_header_or_none_can_be_said(table: Opener) -> None:
    assert table("1000001,Bob\n", header=True).header == ("1000001", "Bob")
    assert table("phone,name\nx,y\n", header=False).header is None
    assert table("x1,Bob\nx2,Eve\n", is_value=lambda cell: cell.startswith("x")).header is None


def test_title_rows_are_skipped_and_counted(table: Opener) -> None:
    found = table("Customers,,,,\nas of,05.01.2024,,,\n\nname,phone,city,street,age\nBob,+14155550100,Rome,Via 1,7\n")
    assert (found.format.skipped, found.header) == (3, ("name", "phone", "city", "street", "age"))
    assert [(row.number, row.cells[0]) for row in found.rows()] == [(5, "Bob")]


def test_blank_lines_count_but_are_no_rows(table: Opener) -> None:
    found = table("a,b\n1,2\n\n\n3,4\n\n\n")
    assert [(row.number, row.cells) for row in found.rows()] == [(2, ["1", "2"]), (5, ["3", "4"])]


def test_a_blank_line_in_a_list_of_one_column_is_a_row_unless_only_blank_lines_follow(table: Opener) -> None:
    found = table("phone\n+14155550100\n\n+14155550101\n\n\n")
    assert [(row.number, row.cells) for row in found.rows()] == [
        (2, ["+14155550100"]),
        (3, [""]),
        (4, ["+14155550101"]),
    ]


def test_blank_lines_are_kept_across_batches(table: Opener) -> None:
    found = table("phone\n+14155550100\n" + "\n" * 25 + "+14155550101\n")
    batches = list(found.batches(10))
    assert [number for batch in batches for number in batch.numbers] == list(range(2, 29))
    assert max(map(len, batches)) == 10


def test_rows_of_empty_cells_are_rows(table: Opener) -> None:
    assert cells(table("a,b,c\n,,\n1,2,3\n,,\n")) == [["", "", ""], ["1", "2", "3"], ["", "", ""]]


def test_short_rows_are_filled_up_and_long_rows_lose_nothing(table: Opener) -> None:
    found = table("name,phone,city\nBob,1\nSmith,2,Rome, Italy\nEve,3,Oslo,,\n")
    assert [(row.cells, row.problem) for row in found.rows()] == [
        (["Bob", "1", ""], "too_few_cells"),
        (["Smith", "2", "Rome, Italy"], "too_many_cells"),
        (["Eve", "3", "Oslo"], None),  # delimiters at the end of the line
    ]


def test_a_header_shorter_than_its_rows_is_continued_without_names(table: Opener) -> None:
    found = table("name,phone\nBob,+14155550100,Rome\nEve,+14155550101,Oslo\n")
    assert (found.header, found.width) == (("name", "phone", ""), 3)
    assert cells(found)[0] == ["Bob", "+14155550100", "Rome"]


def test_a_quotation_mark_that_is_never_closed_spoils_one_row_only(table: Opener) -> None:
    rows = "".join(f"name {number},{number}\n" for number in range(3, 40_000))
    found = table(f'name,phone\n"Bob,1\n{rows}')
    read = list(found.rows())
    assert len(read) == 39_998
    assert (read[0].number, read[0].cells, read[0].problem) == (2, ['"Bob', "1"], "unclosed_quote")
    assert (read[1].cells, read[-1].cells) == (["name 3", "3"], ["name 39999", "39999"])
    assert [row.number for row in read if row.problem] == [2]


def test_a_stray_quotation_mark_closed_by_a_later_one_spoils_one_row_only(table: Opener) -> None:
    found = table('a,b\n"x,1\ny,2\nz,"3"\nw,"4"\n')
    assert [(row.number, row.cells, row.problem) for row in found.rows()] == [
        (2, ['"x', "1"], "unclosed_quote"),
        (3, ["y", "2"], None),
        (4, ["z", "3"], None),
        (5, ["w", "4"], None),
    ]


def test_untidy_quotation_marks_in_one_line_spoil_nothing(table: Opener) -> None:
    found = table('a,b\n"Bob" Smith,1\n"x\ny",2\n5" screen,3\n"in ""quotes""",4\n')
    assert [(row.cells, row.problem) for row in found.rows()] == [
        (["Bob Smith", "1"], None),
        (["x\ny", "2"], None),
        (['5" screen', "3"], None),
        (['in "quotes"', "4"], None),
    ]


def test_a_file_of_nothing_but_broken_quotation_marks_is_given_up(
    table: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_records, "_WASTED_LINES", 5000)
    with pytest.raises(TableError, match=r"list.csv, row \d+: too many quotation marks.*last row.*is \d+"):
        list(table("a,b\n" + '"x,1\n' * 100_000).rows())


def test_an_open_quotation_mark_in_the_last_line(table: Opener) -> None:
    found = table('a,b\n1,2\n3,"4\n')
    assert [(row.cells, row.problem) for row in found.rows()] == [(["1", "2"], None), (["3", '"4'], "unclosed_quote")]


def test_a_quotation_mark_before_an_endless_rest_is_found_at_the_limit_of_a_cell(table: Opener) -> None:
    line = "some name of a person,+14155550100\n"
    count = MAX_CELL // len(line) + 1000
    found = table(f'name,phone\n"Bob,1\n{line * count}')
    assert sum(len(batch) for batch in found.batches()) == count + 1
    assert next(found.rows()).problem == "unclosed_quote"


def test_large_cells_are_kept_and_endless_ones_are_cut(table: Opener) -> None:
    found = table(f"a,b\n{'x' * 200_000},1\n{'y' * (MAX_CELL + 5)},2\n{'z' * (MAX_LINE + 2 * BLOCK_BYTES)},3\nlast,4\n")
    rows = list(found.rows())
    assert [row.problem for row in rows] == [None, "cell_too_long", "cell_too_long", None]
    assert [len(row.cells[0]) for row in rows] == [200_000, MAX_CELL, MAX_CELL, 4]
    assert rows[1].cells[1] == "2"
    assert rows[2].cells[1] == ""  # lay behind the limit of a line
    assert rows[3].cells == ["last", "4"]


def test_a_long_line_of_short_cells_is_cut_and_says_so(table: Opener) -> None:
    found = table("a\tb\n" + "x\t" * (MAX_LINE // 2 + BLOCK_BYTES) + "\n1\t2\n")
    first, second = found.rows()
    assert first.problem == "line_too_long"
    assert second.cells == ["1", "2"]


def test_reading_may_resume_by_count_or_behind_a_row(table: Opener) -> None:
    found = table("a,b\n" + "".join(f"{number},x\n\n" for number in range(100)))
    everything = list(found.rows())
    for skip in (0, 1, 7, 99, 100, 500):
        assert list(found.rows(skip=skip)) == everything[skip:]
        assert [row for batch in found.batches(8, skip=skip) for row in batch] == everything[skip:]
    for after in (0, 1, 2, 3, 120, 1000):
        assert list(found.rows(after=after)) == [row for row in everything if row.number > after]


def test_problems_stay_with_their_rows_when_reading_resumes(table: Opener) -> None:
    found = table("a,b\n1\n2,2\n3\n")
    assert [(row.number, row.problem) for row in found.rows(skip=1)] == [(3, None), (4, "too_few_cells")]


def test_gzip_is_told_by_content_and_progress_counts_packed_bytes(table: Opener) -> None:
    packed = gzip.compress(b"a,b\n" + b"1,2\n" * 1000)
    found = table(packed, "list.csv")
    assert found.format.gzip
    assert found.bytes_total == len(packed)
    assert sum(1 for _ in found.rows()) == 1000
    assert found.bytes_read == len(packed)


def test_several_gzip_files_joined_are_one(table: Opener) -> None:
    assert len(cells(table(gzip.compress(b"a,b\n1,2\n") + gzip.compress(b"3,4\n")))) == 2


@pytest.mark.parametrize("line", ["1,2\n", '{"a": "1"}\n'])
def test_a_sample_does_not_disturb_reading(table: Opener, line: str) -> None:
    found = table(line * 200_000)
    reading = found.batches(1000)
    first = next(reading)
    assert len(found.sample(10)) == 10
    assert 0 < found.bytes_read < found.bytes_total
    assert len(first) + sum(map(len, reading)) == len(cells(found))
    assert found.bytes_read == found.bytes_total


def test_a_header_alone_is_a_table_without_rows(table: Opener) -> None:
    found = table("name,phone\n")
    assert (found.header, cells(found), found.sample()) == (("name", "phone"), [], [])


def test_rows_of_huge_cells_come_a_few_at_a_time_and_none_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "a"
    rows = [[str(number), ("x" * 99 + "\n") * 2_000 if number % 3 else "y" * 200_000] for number in range(300)]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["number", "text"], *rows])
    with open_table(path) as table:
        batches = list(table.batches(5000))
        assert len(table.sample(1000)) < 100
        assert [row.cells for row in table.rows(skip=250)] == rows[250:]
    assert max(map(len, batches)) < 100
    assert [cells for batch in batches for cells in batch.rows] == rows
