"""The table is found below its titles, with its header where it has one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_lookup.lib.tables.layout import find_layout, looks_like_value


@pytest.mark.parametrize(
    "cell",
    ["+1 415 555 0100", "(415) 555-0100", "0041 44 668 18 00", "4.41234567890E+11", "٠١٢٣٤٥٦", "２０２４０１０５",
     "2024-01-05", "05.01.2024", "12:45:30", "bob@example.com", " 14155550100 ", "12345.67"],
)  # fmt: skip
def test_values(cell: str) -> None:
    assert looks_like_value(cell)


@pytest.mark.parametrize(
    "cell",
    ["", "Phone", "Phone 2", "2024", "Tel. (+1 415 555 0100)", "address 12345", "@", "1", "Q1/24", "電話", "+", "-"],
)
def test_names_of_columns(cell: str) -> None:
    assert not looks_like_value(cell)


TABLE = [["name", "phone", "city"], ["Bob", "+14155550100", "Rome"], ["Eve", "+14155550101", "Oslo"]]


@pytest.mark.parametrize(
    ("records", "skipped", "header"),
    [
        (TABLE, 0, ("name", "phone", "city")),
        (TABLE[1:], 0, None),
        ([["Customers", "", ""], *TABLE], 1, ("name", "phone", "city")),  # a title
        ([["Customers"], [], *TABLE], 2, ("name", "phone", "city")),  # a title and a blank line
        ([["", "", ""], *TABLE], 1, ("name", "phone", "city")),
        ([["Customers", "", ""], *TABLE[1:]], 1, None),  # a title above data without header
        ([["", "+14155550100", ""], *TABLE[1:]], 0, None),  # sparse data is no title
        ([["01.02.2024", "", ""], *TABLE], 1, ("name", "phone", "city")),  # a date above the table
        ([["phone"], ["+14155550100"]], 0, ("phone",)),
        ([["+14155550100"], ["+14155550101"]], 0, None),
        ([[], [], ["phone"], ["+14155550100"]], 2, ("phone",)),
        # One used column of two, under a title: the text right above the data names it.
        ([["List", ""], ["", ""], ["phone", ""], ["+14155550100", ""]], 2, ("phone", "")),
        ([["1", "2", "3"], ["4", "5", "6"]], 0, None),  # nothing but numbers names nothing
        ([["2023", "2024", "total"], ["4", "5", "6"]], 0, ("2023", "2024", "total")),
        ([["name", "phone"], ["Bob", "1", "x"], ["Eve", "2", "y"]], 0, ("name", "phone", "")),
        ([["name", "phone", "", ""], ["Bob", "1"], ["Eve", "2"]], 0, ("name", "phone")),
        ([["name", "name", " phone "], ["Bob", "Bob", "1"]], 0, ("name", "name", "phone")),
    ],
)
def test_where_the_table_begins(records: list[list[str]], skipped: int, header: tuple[str, ...] | None) -> None:
    layout = find_layout(records)
    assert (layout.skipped, layout.header) == (skipped, header)


@given(st.lists(st.lists(st.text(max_size=5), max_size=5), max_size=8), st.sampled_from([None, True, False]))
def test_any_records_have_a_layout(records: list[list[str]], header: bool | None) -> None:
    layout = find_layout(records, header=header)
    assert 0 <= layout.skipped <= max(len(records) - 1, 0)
    assert layout.width >= 1
    assert layout.header is None or len(layout.header) == layout.width
    assert header is None or (layout.header is not None) == header
