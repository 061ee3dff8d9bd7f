"""A spreadsheet shows the provider's text and never runs it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_lookup.lib.tables.formula import neutralise


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "+cmd|' /C calc'!A0", "-", "+", "=", "＝1+1", "＋A1",
     "+1 415 555 0100!A1", "-1;2", '+1"', "+１"],
)  # fmt: skip
def test_formulas_get_an_apostrophe(text: str) -> None:
    assert neutralise(text) == "'" + text


@pytest.mark.parametrize(
    "text",
    ["", "T-Mobile", "AT&T", "1+1", "+14155550100", "+1 (415) 555-0100", "+49.30.1234567", "-12.5", "+7", "- 3", "a=b"],
)  # fmt: skip
def test_names_numbers_and_phones_stay(text: str) -> None:
    assert neutralise(text) == text


@given(st.text())
def test_nothing_begins_a_formula_afterwards(text: str) -> None:
    safe = neutralise(text)
    assert safe.removeprefix("'") == text.removeprefix("'")
    assert not safe.startswith(("=", "@", "\t", "\r", "\n"))
    if safe.startswith(("+", "-")):
        assert not any(letter.isalpha() or letter in "!|;\"'&*^%" for letter in safe)
