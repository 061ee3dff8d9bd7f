"""Cells that have digits and are no phone numbers, and words that are."""

import pytest

from bulk_lookup.core.phone import Reason, Repair, parse_phone

NOT = Reason.NOT_A_NUMBER
FLOWERS = "+18003569377"

OTHER_THINGS: list[tuple[str, str | None, Reason]] = [
    ("2024-01-05", "DE", NOT),  # dates
    ("2024-01-05", "US", NOT),
    ("05.01.2024", "DE", NOT),
    ("5.1.2024", "DE", NOT),
    ("05/01/2024", "GB", NOT),
    ("12/31/2024", "US", NOT),
    ("5/1/24", "DE", NOT),
    ("05-01-24", "DE", NOT),
    ("20240105", "DE", NOT),  # where numbers have a zero that is missing here
    ("2024-01-05 12:30:00", "DE", NOT),
    ("2024-01-05T12:30:00Z", "DE", NOT),
    ("12:30", "DE", NOT),
    ("9:00-17:00", "DE", NOT),
    ("1,234.50", "US", NOT),  # amounts
    ("1.234,50", "DE", NOT),
    ("1.234,50 €", "DE", NOT),
    ("$1,234,567", "US", NOT),
    ("1234567 EUR", "DE", NOT),
    ("EUR 7123456", "DE", NOT),
    ("4155550100 USD", "US", NOT),
    ("12,5 %", "DE", NOT),
    ("12.345.678", "AR", NOT),  # an identity card
    ("192.168.1.1", "DE", NOT),  # IP addresses
    ("10.11.12.13:8080", "DE", NOT),
    ("Server 192.168.10.123", "US", NOT),
    ("fe80::1", "DE", NOT),
    ("00:1A:2B:3C:4D:5E", "DE", NOT),
    ("00:11:22:33:44:55", "DE", NOT),
    ("4111 1111 1111 1111", "US", NOT),  # payment cards
    ("4242 4242 4242 4242", "DK", NOT),
    ("3782 822463 10005", "DE", NOT),
    ("4111111111111111", "US", Reason.TOO_LONG),
    ("DE89 3704 0044 0532 0130 00", "DE", NOT),  # bank accounts
    ("4006381333931", "DE", Reason.TOO_LONG),  # article numbers
    ("550e8400-e29b-41d4-a716-446655440000", "DE", NOT),
    ("4155550100@example.com", "US", NOT),
    ("john.4155550100@example.com", "US", NOT),
    ("john4155550100@example.com", "US", NOT),
    ("+14155550100@c.us", None, NOT),
    ("sip:+14155550100@example.com", None, NOT),
    ("https://example.com/4155550100", "US", NOT),
    ("https://wa.me/14155550100", "US", NOT),
    ("www.4155550100.com", "US", NOT),
    ("example.com/4155550100", "US", NOT),
    ("52.520008, 13.404954", "DE", NOT),  # coordinates
    ("52.520008", "DE", NOT),
    ("-33.868820", "AU", NOT),
    ("123-45-6789", "US", Reason.TOO_SHORT),  # social security
    ("40210", "DE", Reason.NO_AREA_CODE),  # postal codes: the plan would take it for 040 210
    ("40210 Düsseldorf", "DE", Reason.NO_AREA_CODE),
    ("10115 Berlin", "DE", Reason.POSSIBLE_BUT_NOT_VALID),
    ("*67 415 555 0100", "US", Reason.DAMAGED),  # dialling codes
    ("110", "DE", Reason.TOO_SHORT),  # short numbers cannot be looked up
    ("911", "US", Reason.TOO_SHORT),
    ("22000", "US", Reason.TOO_SHORT),
    ("+49 112", None, Reason.NO_AREA_CODE),
    ("0000000000", "US", Reason.POSSIBLE_BUT_NOT_VALID),
    ("1111111111", "US", Reason.POSSIBLE_BUT_NOT_VALID),
    ("0", "DE", NOT),
    ("see notes", "DE", NOT),
    ("keine Nummer", "DE", NOT),
    ("Müller", None, NOT),
    ("x", "DE", NOT),
    ("", "DE", Reason.EMPTY),
    ("   \t\n", "DE", Reason.EMPTY),
    ("-", "DE", Reason.EMPTY),
    ("--", "DE", Reason.EMPTY),
    ("?", "DE", Reason.EMPTY),
    ("()", "DE", Reason.EMPTY),
    ("\u200b", "DE", Reason.EMPTY),
    ("n/a", "DE", Reason.EMPTY),
    ("N/A", "DE", Reason.EMPTY),
    ("NULL", "DE", Reason.EMPTY),
    ("None", "DE", Reason.EMPTY),
    ("nan", "DE", Reason.EMPTY),
    ("unbekannt", "DE", Reason.EMPTY),
]


@pytest.mark.parametrize(("raw", "region", "reason"), OTHER_THINGS)
def test_what_is_no_phone_number_is_not_bought(raw: str, region: str | None, reason: Reason) -> None:
    phone = parse_phone(raw, region)
    assert (phone.e164, phone.reason) == (None, reason)


# Letters are digits only where whole words are: behind an area code, in a North American number, ten digits in all.
VANITY: list[tuple[str, str | None, str, tuple[str, ...]]] = [
    ("1-800-FLOWERS", "US", FLOWERS, ()),
    ("1-800-flowers", "US", FLOWERS, ()),
    ("1-800-Flowers", "CA", FLOWERS, ()),  # one numbering plan
    ("1.800.FLOWERS", "US", FLOWERS, ()),
    ("800-FLOWERS", "US", FLOWERS, ()),
    ("(800) FLOWERS", "US", FLOWERS, ()),
    ("1 (800) FLOWERS", "US", FLOWERS, ()),
    ("(1-800-FLOWERS)", "US", FLOWERS, ()),
    ("1800FLOWERS", "US", FLOWERS, ()),
    ("1800 FLOWERS", "US", FLOWERS, ()),
    ("+1-800-FLOWERS", "DE", FLOWERS, ()),  # the calling code says that it is North American
    ("001 800 FLOWERS", "DE", FLOWERS, ()),
    ("+1 800 FLOWERS", None, FLOWERS, ()),
    ("1-800-GO-FEDEX", "US", "+18004633339", ()),
    ("1-800-CALL-ATT", "US", "+18002255288", ()),
    ("1-800-555-TELL", "US", "+18005558355", ()),
    ("800 GET CASH", "US", "+18004382274", ()),  # with spaces in capitals only
    ("415-555-CALL", "US", "+14155552255", ()),  # under other area codes in capitals and with hyphens only
    ("Call 1-800-FLOWERS today", "US", FLOWERS, (Repair.WORDS_CUT,)),
    ("1-800-FLOWERS x12", "US", FLOWERS, (Repair.EXTENSION_CUT,)),
    ("1-800-FLOWERS (356-9377)", "US", FLOWERS, (Repair.WORDS_CUT,)),
]


@pytest.mark.parametrize(("raw", "region", "e164", "more_repairs"), VANITY)
def test_whole_words_are_digits_in_north_america(
    raw: str, region: str | None, e164: str, more_repairs: tuple[Repair, ...]
) -> None:
    phone = parse_phone(raw, region)
    assert (phone.e164, phone.repairs) == (e164, (Repair.VANITY, *more_repairs))


NO_VANITY = [
    ("1-800-FLOWERS", "DE"),  # not a North American list, and no calling code
    ("1-800-FLOWERS", None),
    ("0800-REIMANN", "DE"),
    ("1300 FLOWERS", "AU"),
    ("1800FLO3569", "US"),  # no whole word
    ("1-800-FLOWERS1", "US"),
    ("1-800-CONTACTS", "US"),  # eight letters: the network ignores the last, we do not guess
    ("1-800-FLOWER", "US"),
    ("1-8OO-FLOWERS", "US"),
    ("800-555-OOOO", "US"),  # letters that pass for digits
    ("800-555-0IO0", "US"),
    ("800 get cash", "US"),
    ("800 for info", "US"),
    ("415 555 CALL", "US"),
    ("415-555-call", "US"),
    ("415-555-HOME", "US"),  # a number cut short, and a label
    ("415 555 home", "US"),
    ("800 555 WORK", "US"),
    ("800-5551-EXT", "US"),
    ("415-UNKNOWN", "US"),  # an excuse
    ("FLOWERS", "US"),
    ("HELLO-WORLD", "US"),
    ("1-111-FLOWERS", "US"),  # no area code begins with 1
]


@pytest.mark.parametrize(("raw", "region"), NO_VANITY)
def test_other_letters_are_never_digits(raw: str, region: str | None) -> None:
    assert parse_phone(raw, region).e164 is None


def test_words_behind_a_whole_number_are_words() -> None:
    assert parse_phone("800 555 0100 CALL", "US").e164 == "+18005550100"


@pytest.mark.parametrize(
    ("raw", "region", "e164"),
    [
        ("91.123.45.67", "ES", "+34911234567"),  # the shape of an IP address, and how Spaniards write numbers
        ("20.24.31.45", "DK", "+4520243145"),
        ("20240105", "DK", "+4520240105"),  # eight digits are a number where all numbers have eight
        ("20.12.34", "NC", "+687201234"),  # six, in New Caledonia
    ],
)
def test_what_looks_like_something_else_may_be_a_number(raw: str, region: str, e164: str) -> None:
    assert parse_phone(raw, region).e164 == e164
