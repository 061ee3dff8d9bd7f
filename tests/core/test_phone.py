"""Clean cells: the quick way, and what it leaves to the rules for dirty ones."""

import pytest

from bulk_lookup.core.phone import Phone, Reason, parse_phone

CLEAN = [
    ("+14155550100", None, "+14155550100", "US", "fixed_line_or_mobile"),  # plain E.164 needs no region
    ("+1 415 555 0100", None, "+14155550100", "US", "fixed_line_or_mobile"),
    ("(415) 555-0100", "US", "+14155550100", "US", "fixed_line_or_mobile"),
    ("415.555.0100", "US", "+14155550100", "US", "fixed_line_or_mobile"),
    ("1-415-555-0100", "US", "+14155550100", "US", "fixed_line_or_mobile"),  # the trunk prefix, nothing was lost
    ("416-555-0100", "US", "+14165550100", "CA", "fixed_line_or_mobile"),  # one plan, many countries
    ("030 1234567", "DE", "+49301234567", "DE", "fixed_line"),
    ("01711234567", "DE", "+491711234567", "DE", "mobile"),
    ("01 23 45 67 89", "FR", "+33123456789", "FR", "fixed_line"),
    ("020 7946 0958", "GB", "+442079460958", "GB", "fixed_line"),
    ("06 12345678", "IT", "+390612345678", "IT", "fixed_line"),  # the zero belongs to the number
    ("(11) 91234-5678", "BR", "+5511912345678", "BR", "mobile"),
    ("98123 45678", "IN", "+919812345678", "IN", "mobile"),
    ("55 1234 5678", "MX", "+525512345678", "MX", "fixed_line_or_mobile"),
    ("+800 1234 5678", None, "+80012345678", None, "toll_free"),  # a number of no country
]


@pytest.mark.parametrize(("raw", "region", "e164", "country", "kind"), CLEAN)
def test_a_clean_cell_is_read_without_repair(
    raw: str, region: str | None, e164: str, country: str | None, kind: str
) -> None:
    assert parse_phone(raw, region) == Phone(e164, country, kind, None, (), ())


REJECTED = [
    ("", "DE", Reason.EMPTY),
    ("030 1234567", None, Reason.NO_COUNTRY),
    ("+999 1234567", None, Reason.BAD_COUNTRY_CODE),
    ("12", "DE", Reason.TOO_SHORT),
    ("911", "US", Reason.TOO_SHORT),  # emergency and other short numbers cannot be looked up
    ("555-0100", "US", Reason.NO_AREA_CODE),
    ("415 555 0100 99 99 99 99", "US", Reason.TOO_LONG),
    ("123 456 7890", "US", Reason.POSSIBLE_BUT_NOT_VALID),  # no area code begins with 1
]


@pytest.mark.parametrize(("raw", "region", "reason"), REJECTED)
def test_a_rejected_cell_has_its_reason_and_nothing_else(raw: str, region: str | None, reason: Reason) -> None:
    assert parse_phone(raw, region) == Phone(None, None, None, reason, (), ())
