"""Whole numbers look as their number format says."""

import pytest

from bulk_lookup.lib.tables.number_format import digit_pattern, shown


@pytest.mark.parametrize(
    ("code", "value", "text"),
    [
        ("00000", "42", "00042"),
        ("00000", "42.0", "00042"),
        ("00000", "1234567", "1234567"),  # more digits than places
        ("000-00-0000", "12345678", "012-34-5678"),
        ('0#" "##" "##" "##" "##', "612345678", "06 12 34 56 78"),
        (r"\(###\)\ ###\-####", "4155550100", "(415) 555-0100"),
        ("(###) ###-####;", "4155550100", "(415) 555-0100"),
        (r"[<=9999999]###\-####;\(###\)\ ###\-####", "5550100", "555-0100"),
        (r"[<=9999999]###\-####;\(###\)\ ###\-####", "4155550100", "(415) 555-0100"),
        (r"[>9999999]\(###\)\ ###\-####;###\-####", "5550100", "555-0100"),
        ("+0", "14155550100", "+14155550100"),
        ('"+"0', "14155550100", "+14155550100"),
        ("[Red]00000", "7", "00007"),
        ("??00", "5", "05"),
    ],
)
def test_digit_patterns(code: str, value: str, text: str) -> None:
    assert digit_pattern(code)
    assert shown(code, value) == text


@pytest.mark.parametrize(
    "code",
    ["General", "0", "#", "0.00", "#,##0", "#,##0.00", "0%", "0.00E+00", "yyyy-mm-dd", "@", "", "hh:mm", "[h]:mm",
     '#,##0.00" €"', "_-* #,##0_-", "# ?/?", ";;;"],
)  # fmt: skip
def test_other_formats_are_left_alone(code: str) -> None:
    assert not digit_pattern(code)


@pytest.mark.parametrize("value", ["1.5", "-5", "abc", "", "1E5", "1234567890123456"])
def test_only_whole_numbers_are_placed(value: str) -> None:
    assert shown("00000", value) is None


def test_a_condition_that_no_section_meets() -> None:
    assert shown("[>100]00000;[<50]0000", "70") is None
