"""The beginning of an upload: what is kept of it to show and ask about."""

import gzip
import json
from pathlib import Path

import pytest

from bulk_lookup.engine.take_sample import SAMPLE_ROWS, Sample, about, take_sample
from bulk_lookup.lib.tables.errors import TableError
from bulk_lookup.lib.tables.writers import open_writer


def numbers(rows: int) -> str:
    return "name,phone\n" + "".join(f"Ann {n},(415) 555-{n % 10_000:04d}\n" for n in range(rows))


def sample_of(tmp_path: Path, text: str) -> Sample:
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8")
    return take_sample(path, country="US")


def test_a_short_table_is_kept_whole_and_counted_exactly(tmp_path: Path) -> None:
    sample = sample_of(tmp_path, numbers(30))

    assert (len(sample.rows), sample.rows_total, sample.rows_exact) == (30, 30, True)
    assert (sample.header, sample.phone_column, sample.width) == (("name", "phone"), 1, 2)
    assert (sample.numbers[0], sample.rows[0]) == (2, ("Ann 0", "(415) 555-0000"))


def test_of_a_long_table_the_first_rows_are_kept_and_the_lines_counted(tmp_path: Path) -> None:
    sample = sample_of(tmp_path, numbers(12_345))

    assert (len(sample.rows), sample.rows_total, sample.rows_exact) == (SAMPLE_ROWS, 12_345, False)


def test_a_packed_table_is_counted_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "list.csv.gz"
    path.write_bytes(gzip.compress(numbers(5_000).encode()))

    assert take_sample(path).rows_total == 5_000


def test_the_rows_of_a_long_sheet_are_told_by_how_far_it_was_read(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    with open_writer(path, kind="xlsx", header=["name", "phone"]) as writer:
        writer.write([f"Ann {n}", f"(415) 555-{n:04d}"] for n in range(4_000))

    sample = take_sample(path)

    assert (sample.kind, sample.rows_exact) == ("xlsx", False)
    assert 3_950 <= sample.rows_total <= 4_050


def test_huge_cells_make_the_sample_smaller_and_are_cut_in_it(tmp_path: Path) -> None:
    sample = sample_of(tmp_path, "note,phone\n" + f"{'x' * 100_000},(415) 555-2671\n" * 1_200)

    assert len(sample.rows) < SAMPLE_ROWS
    assert sum(len(cell) for row in sample.rows for cell in row) < 3_000_000
    assert sample.rows_total == 1_200


def test_a_table_without_a_phone_column_is_a_sample_all_the_same(tmp_path: Path) -> None:
    sample = sample_of(tmp_path, "name,town\nAnn,Berlin\nBob,Rome\n")

    assert (sample.phone_column, sample.header, len(sample.rows)) == (None, ("name", "town"), 2)


def test_numbers_without_a_header_are_all_rows(tmp_path: Path) -> None:
    sample = sample_of(tmp_path, "+14155552671\n+14155552672\n")

    assert (sample.header, sample.label(0), len(sample.rows)) == (None, "Column 1", 2)


@pytest.mark.parametrize(
    "content",
    [b"", b"   \n", b"%PDF-1.7 ...", b"\x89PNG\r\n\x1a\n" + bytes(100), b"PK\x03\x04" + bytes(200), b"\x1f\x8b broken"],
)
def test_what_is_no_table_is_refused_with_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "upload"
    path.write_bytes(content)

    with pytest.raises(TableError, match=r"upload.*\."):
        take_sample(path)


def test_a_sample_comes_back_from_json_as_it_was(tmp_path: Path) -> None:
    sample = sample_of(tmp_path, numbers(40))

    assert Sample.from_json(json.loads(json.dumps(sample.as_json()))) == sample


def test_estimates_have_the_digits_that_can_be_believed() -> None:
    assert [about(n) for n in (7.4, 999.2, 1_234.0, 95_243.0, 1_234_567.0)] == [7, 999, 1_230, 95_200, 1_230_000]
