"""The column of phone numbers is found by what is in it, then by its name, then by its place."""

import re
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_lookup.core.columns import (
    ColumnError,
    appended_header,
    choose_phone_column,
    find_column,
    first_row_is_data,
    list_columns,
    suggest_country_column,
)


def looks_like_phone(cell: str) -> bool:
    """As lenient as a predicate may be: seven to fifteen digits among the usual punctuation."""
    return re.fullmatch(r"\s*\+?(?:[\s().\-/]*\d){7,15}[\s)]*", cell) is not None


Cell = Callable[[int], str]
COLUMNS: dict[str, Cell] = {
    "phone": lambda n: f"+1415555{n * 37 % 10000:04}",
    "other phone": lambda n: f"(212) 555-{n * 91 % 10000:04}",
    "national": lambda n: f"0171{n * 7919 % 10_000_000:07}",
    "half": lambda n: f"+1415555{n:04}" if n % 2 else "",
    "some": lambda n: f"+1415555{n:04}" if n % 3 else "",
    "few": lambda n: f"+1415555{n:04}" if n % 20 == 0 else "",
    "switchboard": lambda n: "+14155550000",
    "counter": lambda n: f"{10_000_000 + n}",
    "date": lambda n: f"2024-{n % 12 + 1:02}-{n % 28 + 1:02}",
    "compact date": lambda n: f"2024{n % 12 + 1:02}{n % 28 + 1:02}",
    "german date": lambda n: f"{n % 28 + 1:02}.{n % 12 + 1:02}.2024",
    "time": lambda n: f"2024-01-{n % 28 + 1:02} 13:45:{n % 60:02}",
    "price": lambda n: f"{n * 1237 + 10000}.50",
    "zip": lambda n: f"{94000 + n}-{n * 7 % 10000:04}",
    "ip": lambda n: f"192.168.{n % 256}.{n * 7 % 256}",
    "latitude": lambda n: f"52.{n * 7919 % 1_000_000:06}",
    "name": lambda n: f"Person {n}",
    "email": lambda n: f"p{n}@example.com",
    "empty": lambda n: "",
}


def rows_of(*kinds: str, count: int = 100) -> list[list[str]]:
    return [[COLUMNS[kind](number) for kind in kinds] for number in range(count)]


def chosen(header: Sequence[str] | None, *kinds: str) -> tuple[int, str]:
    choice = choose_phone_column(header, rows_of(*kinds), looks_like_phone)
    return choice.column.position, choice.reason


@pytest.mark.parametrize(
    ("header", "kinds", "position", "reason"),
    [
        (["a", "b", "c"], ["name", "email", "phone"], 2, "content"),
        (["phone", "b"], ["name", "phone"], 1, "content"),  # the content counts before the name
        (["phone"], ["phone"], 0, "only_column"),
        (["anything"], ["counter"], 0, "only_column"),  # a test list may count up
        (None, ["name", "phone"], 1, "content"),
        (["x", "y"], ["counter", "phone"], 1, "content"),  # an id
        (["x", "mobile"], ["phone", "counter"], 1, "header"),  # numbers given out in a row, and named so
        (["Kundennummer", "b"], ["national", "phone"], 1, "header"),
        (["x", "y"], ["date", "phone"], 1, "content"),
        (["x", "y"], ["compact date", "phone"], 1, "content"),
        (["x", "y"], ["german date", "phone"], 1, "content"),
        (["x", "y"], ["time", "phone"], 1, "content"),
        (["x", "y"], ["price", "phone"], 1, "content"),
        (["x", "y"], ["zip", "phone"], 1, "content"),
        (["x", "y"], ["ip", "phone"], 1, "content"),
        (["x", "y"], ["latitude", "phone"], 1, "content"),
        (["x", "y"], ["switchboard", "phone"], 1, "content"),  # one number for all is nobody's own
        (["a", "b"], ["phone", "other phone"], 0, "leftmost"),
        (["a", "Telefon"], ["phone", "other phone"], 1, "header"),
        (["Phone", "Mobile"], ["phone", "other phone"], 0, "leftmost"),
        (["Number", "Phone"], ["phone", "other phone"], 1, "header"),  # "phone" says more than "number"
        (["Ref", "Number"], ["phone", "other phone"], 1, "header"),
        (["Fax", "Phone"], ["phone", "half"], 1, "header"),  # a fax loses to less
        (["Telefax", "x"], ["phone", "half"], 1, "header"),
        (["Fax", "name"], ["phone", "name"], 0, "content"),  # but not to nothing
        (["Mobile", "Phone"], ["half", "phone"], 1, "content"),  # clearly fuller
        (["a", "phone", "b"], ["name", "empty", "name"], 1, "header"),  # nothing in it yet: its name counts
        (["a", "b"], ["few", "phone"], 1, "content"),
    ],
)
def test_the_phone_column(header: list[str] | None, kinds: list[str], position: int, reason: str) -> None:
    assert chosen(header, *kinds) == (position, reason)


def test_the_choice_comes_with_its_share_and_the_alternatives_best_first() -> None:
    choice = choose_phone_column(
        ["name", "Phone", "Fax", "Other", "few"],
        rows_of("name", "phone", "other phone", "some", "few"),
        looks_like_phone,
    )
    assert (choice.column.name, choice.column.share) == ("Phone", 1.0)
    assert [(other.label, round(other.share, 2)) for other in choice.alternatives] == [("Fax", 1.0), ("Other", 0.66)]


def test_a_column_without_name_is_called_by_its_number() -> None:
    choice = choose_phone_column(None, rows_of("name", "phone"), looks_like_phone)
    assert choice.column.label == "column 2"


def test_the_old_export_is_taken_by_its_name() -> None:
    header = ["id", "formatted_phone_number", "raw_phone_number"]
    assert chosen(header, "counter", "phone", "empty") == (2, "raw_phone_number")
    assert chosen(["raw_phone_number"], "name") == (0, "raw_phone_number")


OWN = ["formatted_phone_number", "valid", "validation_error", "country_code", "line_type"]


@pytest.mark.parametrize(
    ("header", "kinds", "position"),
    [
        (["name", "Tel", *OWN], ["name", "some", "phone"], 1),  # theirs, though ours is fuller
        (["Tel", *OWN, *(f"lookup_{name}" for name in OWN)], ["some", *["phone"] * 10], 0),  # fed back twice
        (["valid", "Tel", "formatted_phone_number", "lookup_valid"], ["name", "some", "phone", "name"], 1),
        (["Tel", "lookup_formatted_phone_number_2", "lookup_valid_3"], ["some", "phone", "name"], 0),
    ],
)
def test_our_own_output_fed_back_in(header: list[str], kinds: list[str], position: int) -> None:
    kinds = kinds + ["name"] * (len(header) - len(kinds))
    assert chosen(header, *kinds) == (position, "own_output")


def test_without_any_phone_like_column_the_columns_are_listed() -> None:
    with pytest.raises(ColumnError, match=r"No column looks like phone numbers.*the columns are: 1 a, 2 b\."):
        choose_phone_column(["a", "b"], rows_of("name", "email"), looks_like_phone)
    with pytest.raises(ColumnError, match="only numbers from 1 to 2"):
        choose_phone_column(None, rows_of("name", "email"), looks_like_phone)
    with pytest.raises(ColumnError, match="the columns are: 1 a"):
        choose_phone_column(["a"], [], looks_like_phone)
    assert choose_phone_column(["Phone"], [], looks_like_phone).column.position == 0


@pytest.mark.parametrize(
    ("asked", "position"),
    [("Phone", 1), ("phone", 2), ("PHONE ", None), ("tel", 3), ("TEL", 3), ("1", 0), ("4", 3), ("2024", 4), ("5", 4)],
)
def test_a_column_asked_for_by_name_or_number(asked: str, position: int | None) -> None:
    header = ["name", "Phone", "phone", " tel", "2024"]
    if position is None:
        with pytest.raises(ColumnError, match=r"Several columns are called 'PHONE '.*one of them: 2, 3\."):
            find_column(header, 5, asked)
    else:
        assert find_column(header, 5, asked) == position


@pytest.mark.parametrize("asked", ["0", "6", "-1", "x", "", "1.0", "٣", "99999999999999999999"])
def test_a_column_that_is_not_there(asked: str) -> None:
    with pytest.raises(ColumnError, match=r"There is no column .* the columns are: 1 a, 2 b, 3, 4 d, 5 e"):
        find_column(["a", "b", "", "d", "e"], 5, asked)


def test_what_is_asked_for_decides_whatever_is_in_it() -> None:
    choice = choose_phone_column(["raw_phone_number", "note"], rows_of("phone", "name"), looks_like_phone, asked="note")
    assert (choice.column.position, choice.reason, choice.column.share) == (1, "asked_for", 0.0)
    with pytest.raises(ColumnError):
        choose_phone_column(["a"], rows_of("phone"), looks_like_phone, asked="b")


def test_many_columns_are_not_all_listed() -> None:
    assert list_columns([f"c{number}" for number in range(50)], 50).endswith("20 c19 and 30 more")
    assert list_columns(["x" * 100_000, "y"], 2) == f"the columns are: 1 {'x' * 40}…, 2 y"
    assert list_columns(None, 1) == "the table has 1 column"


@pytest.mark.parametrize(
    ("first", "rows", "is_data"),
    [
        (["name", "phone"], rows_of("name", "phone"), False),
        (["Bob", "+14155550100"], rows_of("name", "phone"), True),
        (["Bob", "unknown"], rows_of("name", "phone"), False),
        (["1000001", "phone"], rows_of("counter", "phone"), False),  # the phone cell decides
        (["+14155550100"], [], True),
        (["phone"], [], False),
        ([], rows_of("phone"), False),
        (["Bob", "+14155550100"], rows_of("name", "name"), True),
    ],
)
def test_a_first_row_with_a_number_in_its_phone_cell_is_data(
    first: list[str], rows: list[list[str]], is_data: bool
) -> None:
    assert first_row_is_data(first, rows, looks_like_phone) is is_data


@pytest.mark.parametrize(
    ("header", "cells", "position"),
    [
        (["phone", "country"], ["1", "US"], 1),
        (["phone", "Land"], ["1", "Deutschland"], 1),
        (["phone", "país"], ["1", ""], None),  # nothing in it
        (["phone", "country"], ["1", "49"], None),  # calling codes
        (["phone", "x"], ["1", "US"], 1),
        (["phone", "country", "x"], ["1", "DE", "US"], 1),
        (["phone", "formatted_phone_number", "valid", "country_code"], ["1", "1", "yes", "US"], None),  # ours
    ],
)
def test_a_country_column_is_only_suggested(header: list[str], cells: list[str], position: int | None) -> None:
    countries = {"US", "DE", "Deutschland"}
    assert suggest_country_column(header, [cells] * 20, countries.__contains__) == position


def test_american_states_are_no_countries() -> None:
    states = ["CA", "NY", "AL", "TX", "IN", "DE", "CO", "GA"] * 5
    rows = [["1", state] for state in states]
    assert suggest_country_column(None, rows, {"CA", "AL", "IN", "DE", "CO", "GA"}.__contains__) is None


@pytest.mark.parametrize(
    ("original", "new", "names"),
    [
        (["a"], ["valid", "line_type"], ["a", "valid", "line_type"]),
        (["valid"], ["valid"], ["valid", "lookup_valid"]),
        (["valid", "lookup_valid"], ["valid"], ["valid", "lookup_valid", "lookup_valid_2"]),
        (["valid", "lookup_valid", "lookup_valid_2"], ["valid"], ["valid", "lookup_valid", "lookup_valid_2",
                                                                 "lookup_valid_3"]),
        ([" valid "], ["valid"], [" valid ", "lookup_valid"]),
        (["a", "a", ""], ["valid"], ["a", "a", "", "valid"]),  # their own names stay as they are
        (["Valid"], ["valid"], ["Valid", "valid"]),
        (["lookup_status"], ["lookup_status"], ["lookup_status", "lookup_lookup_status"]),
    ],
)  # fmt: skip
def test_a_new_column_whose_name_is_taken_gets_another(original: list[str], new: list[str], names: list[str]) -> None:
    assert appended_header(original, new) == names


@given(
    st.lists(st.sampled_from(["a", "lookup_a", "lookup_a_2", "b", ""])), st.lists(st.sampled_from("ab"), unique=True)
)
def test_new_names_are_never_there_twice(original: list[str], new: list[str]) -> None:
    names = appended_header(original, new)
    assert names[: len(original)] == original
    added = names[len(original) :]
    assert len(added) == len(new) == len(set(added))
    assert not set(added) & set(original)


@given(st.lists(st.lists(st.text(max_size=8), max_size=4), max_size=6), st.none() | st.lists(st.text(max_size=8)))
def test_any_table_has_a_choice_or_a_sentence(rows: list[list[str]], header: list[str] | None) -> None:
    width = max([len(header or ()), *map(len, rows)], default=0)
    try:
        choice = choose_phone_column(header, rows, looks_like_phone)
    except ColumnError as error:
        assert str(error).endswith(".")
    else:
        assert 0 <= choice.column.position < width
        assert 0 <= choice.column.share <= 1
