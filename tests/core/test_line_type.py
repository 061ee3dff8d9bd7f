"""Line types and whether a text message can arrive."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_lookup.core.line_type import LINE_TYPES, can_receive_sms, line_types_named

TABLE = {
    "mobile": "yes",
    "nonFixedVoip": "yes",
    # Only where the owner had it switched on, which nobody outside sees.
    "fixedVoip": "unknown",
    "tollFree": "unknown",
    "personal": "unknown",
    "unknown": "unknown",
    "landline": "no",
    "premium": "no",
    "sharedCost": "no",
    "uan": "no",
    "voicemail": "no",
    "pager": "no",
}


def test_the_table_has_all_twelve_line_types() -> None:
    assert set(TABLE) == set(LINE_TYPES)
    assert len(LINE_TYPES) == 12


@pytest.mark.parametrize(("line_type", "expected"), TABLE.items())
def test_which_line_type_can_receive_a_text_message(line_type: str, expected: str) -> None:
    assert can_receive_sms(line_type) == expected


@pytest.mark.parametrize(
    ("line_type", "valid", "status", "expected"),
    [
        ("mobile", False, None, "no"),
        ("mobile", True, "inactive", "no"),
        # It may be switched on again before the message expires.
        ("mobile", True, "unreachable", "yes"),
        (None, None, None, "unknown"),
        (None, True, "active", "unknown"),
        (None, False, None, "no"),
        ("landline", True, "active", "no"),
    ],
)
def test_validity_and_line_status_count_too(
    line_type: str | None, valid: bool | None, status: str | None, expected: str
) -> None:
    assert can_receive_sms(line_type, valid=valid, line_status=status) == expected


@given(st.text())
def test_a_word_nobody_knows_is_unknown(word: str) -> None:
    if word not in TABLE:
        assert can_receive_sms(word) == "unknown"
        assert can_receive_sms("mobile", line_status=word) == ("no" if word == "inactive" else "yes")


def test_voip_means_both_kinds() -> None:
    assert line_types_named("voip") == ("fixedVoip", "nonFixedVoip")
    assert line_types_named("mobile") == ("mobile",)
    assert line_types_named("hologram") == ("hologram",)
