"""The COPY text of rows: what PostgreSQL reads from it is what stood in the file."""

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from bulk_lookup.engine.import_mapping import ColumnMapping
from bulk_lookup.engine.import_phones import read_cells
from bulk_lookup.engine.import_rows import (
    BATCH_CHARACTERS,
    BATCH_ROWS,
    COPY_COLUMNS,
    ReadyRows,
    RowGatherer,
    ready_rows,
)
from bulk_lookup.lib.tables.batch import Batch
from bulk_lookup.models.queries import query

# Whatever a reader of tables may give: no NUL, no lone surrogate; most of it where COPY and JSON have their own signs.
CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00") | st.sampled_from('\\\t\n\r"{}N.\x01\x7f')) | (
    st.sampled_from(["\\N", "\\.", "415-555-2671", "4155552671 / 4155552672", "1-800-FLOWERS", "\\\n"])
)
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=8)
)


def write(mapping: ColumnMapping, *batches: Batch, offset: int = 0) -> ReadyRows:
    gatherer = RowGatherer(mapping)
    for batch in batches:
        gatherer.add(batch)
    rows, regions = gatherer.take()
    return ready_rows(rows, read_cells(rows.cells, regions), offset=offset)


@pytest.mark.django_db
@settings(max_examples=200, deadline=None)
@given(rows=TABLES, offset=st.integers(0, 10**12), data=st.data())
def test_postgresql_reads_the_cells_that_were_written(rows: list[list[str]], offset: int, data: st.DataObject) -> None:
    column = data.draw(st.integers(0, len(rows[0]) - 1))
    mapping = ColumnMapping(phone_column=column, region="US")
    ready = write(mapping, Batch(range(2, 2 + len(rows)), rows), offset=offset)

    with connection.cursor() as cursor:
        cursor.execute(query("import_staging"))
        with cursor.copy(f"copy import_row ({COPY_COLUMNS}) from stdin") as copy:
            copy.write(ready.text)
        cursor.execute(
            """
            select row_number, raw_phone_number, array(select jsonb_array_elements_text(cells)), other_phone_numbers,
                (formatted_phone_number is null) = (reason <> '')
            from import_row order by row_number
            """
        )
        stored = cursor.fetchall()

    assert [(number, raw, cells) for number, raw, cells, _, _ in stored] == [
        (offset + number, row[column], row) for number, row in enumerate(rows, 2)
    ]
    assert all(number.startswith("+") for *_, others, _ in stored for number in others)
    assert all(has_reason for *_, has_reason in stored)


PHONE_ONLY = ColumnMapping(phone_column=0, region="US")


def test_a_number_that_stood_in_the_batch_points_to_its_first_row() -> None:
    ready = write(
        PHONE_ONLY,
        Batch([2, 3], [["4155552671"], ["n/a"]]),
        Batch([7, 9], [["+1 415 555 2671"], ["4155552671"]]),
        offset=10,
    )

    assert [line.rsplit("\t", 1)[1] for line in ready.text.decode().splitlines()] == ["\\N", "\\N", "12", "12"]
    assert (ready.rows, ready.last_row, ready.reasons) == (4, 9, {"empty": 1})


def test_what_is_taken_is_gone() -> None:
    gatherer = RowGatherer(PHONE_ONLY)
    gatherer.add(Batch([2], [["4155552671"]], {0: "nul"}))
    first, _ = gatherer.take()
    second, _ = gatherer.take()

    assert (first.cells, first.row_problems) == (["4155552671"], {"nul": (1, 2)})
    assert (second.cells, second.numbers, second.json, second.row_problems, second.characters) == ([], [], [], {}, 0)


def test_a_batch_is_full_by_its_rows_or_by_its_size() -> None:
    gatherer = RowGatherer(PHONE_ONLY)
    gatherer.add(Batch(range(1, BATCH_ROWS), [["4155552671"]] * (BATCH_ROWS - 1)))
    assert not gatherer.rows.is_full
    gatherer.add(Batch([BATCH_ROWS], [["4155552671"]]))
    assert gatherer.rows.is_full

    gatherer.take()
    assert not gatherer.rows.is_full
    gatherer.add(Batch(range(1, 10), [["4155552671", "x" * (BATCH_CHARACTERS // 9)]] * 9))
    assert gatherer.rows.is_full


def test_rows_that_are_too_short_for_a_column_have_it_empty() -> None:
    mapping = ColumnMapping(phone_column=1, region="US", country_column=2, last_verified_column=3)

    assert write(mapping, Batch([2], [["Ann"]])).text == b'2\t\t["Ann"]\t\\N\t\t\t{}\t{}\tempty\t\\N\t\\N\n'


def test_problems_of_rows_are_counted_by_word_with_the_first_row() -> None:
    ready = write(
        PHONE_ONLY,
        Batch([4, 5, 6], [["1"], ["2"], ["3"]], {2: "nul", 1: "nul"}),
        Batch([7], [["4"]], {0: "too_few_cells"}),
    )

    assert ready.row_problems == {"nul": (2, 5), "too_few_cells": (1, 7)}
