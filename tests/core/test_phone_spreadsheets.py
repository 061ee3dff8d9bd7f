"""Cells that a spreadsheet, a program or a copy and paste has changed: what is still certain is repaired."""

import pytest

from bulk_lookup.core.phone import Reason, Repair, parse_phone

R = Repair
NOT, DAMAGED = Reason.NOT_A_NUMBER, Reason.DAMAGED
DE, GB, US = "+4930123456", "+441234567890", "+14155550100"

Row = tuple[str, str | None, str, tuple[Repair, ...]]

# A cell that begins with the default country's calling code, has no leading zero and is valid with a plus.
LOST_PLUS: list[Row] = [
    ("4930123456", "DE", DE, (R.LOST_PLUS,)),  # valid as a number of 04930, too: a zero would stand before that
    ("49 30 123456", "DE", DE, (R.LOST_PLUS,)),
    ("(49) 30 123456", "DE", DE, (R.LOST_PLUS,)),
    ("49 (0)30 123456", "DE", DE, (R.LOST_PLUS, R.TRUNK_ZERO)),
    ("491711234567", "DE", "+491711234567", (R.LOST_PLUS,)),
    ("441234567890", "GB", GB, (R.LOST_PLUS,)),
    ("33123456789", "FR", "+33123456789", (R.LOST_PLUS,)),
    ("5511912345678", "BR", "+5511912345678", (R.LOST_PLUS,)),
    ("919812345678", "IN", "+919812345678", (R.LOST_PLUS,)),
    ("525512345678", "MX", "+525512345678", (R.LOST_PLUS,)),
    ("5491143215678", "AR", "+5491143215678", (R.LOST_PLUS,)),
    ("390612345678", "IT", "+390612345678", (R.LOST_PLUS,)),
    ("34612345678", "ES", "+34612345678", (R.LOST_PLUS,)),
    ("79161234567", "RU", "+79161234567", (R.LOST_PLUS,)),
    ("14155550100", "US", US, ()),  # as North Americans write it at home: 1 is their trunk prefix
    ("4931123456", "DE", "+494931123456", ()),  # 31123456 is no number: 04931 it is, without its zero
    ("3901234567", "IT", "+393901234567", ()),  # Italian mobile numbers have no zero to miss
    ("5540041234", "BR", "+555540041234", ()),  # ten digits: a subscriber in area 55, not 4004 1234
    ("9118001234", "IN", "+919118001234", ()),
    ("4571234567", "DK", "+4571234567", (R.LOST_PLUS,)),
    ("45712345", "DK", "+4545712345", ()),  # eight digits are a Danish number
    ("441234567890", "DE", Reason.NO_COUNTRY, ()),  # British, most likely: too long for a German without its zero
    ("14155550100", "DE", Reason.POSSIBLE_BUT_NOT_VALID, ()),  # another country's calling code is no lost plus
    ("14155550100", None, Reason.NO_COUNTRY, ()),
    ("972502345678+", None, "+972502345678", (R.LOST_PLUS,)),  # right to left, the plus stands behind
]

PREFIXES: list[Row] = [
    ("0049 30 123456", "DE", DE, (R.INTERNATIONAL_PREFIX,)),
    ("004930123456", "US", DE, (R.INTERNATIONAL_PREFIX,)),  # 00 is understood everywhere
    ("0049 30 123456", None, DE, (R.INTERNATIONAL_PREFIX,)),
    ("(0049) 30 123456", "US", DE, (R.INTERNATIONAL_PREFIX,)),
    ("011 49 30 123456", "US", DE, (R.INTERNATIONAL_PREFIX,)),
    ("011 49 (0)30 123456", "US", DE, (R.INTERNATIONAL_PREFIX, R.TRUNK_ZERO)),
    ("0011 49 30 123456", "AU", DE, (R.INTERNATIONAL_PREFIX,)),
    ("010 49 30 123456", "JP", DE, (R.INTERNATIONAL_PREFIX,)),
    ("+0049 30 123456", None, DE, (R.INTERNATIONAL_PREFIX,)),
    ("+49 (0)30 123456", None, DE, (R.TRUNK_ZERO,)),
    ("+49(0)30123456", None, DE, (R.TRUNK_ZERO,)),
    ("+49 [0] 30 123456", None, DE, (R.TRUNK_ZERO,)),
    ("0049(0)30 123456", "DE", DE, (R.INTERNATIONAL_PREFIX, R.TRUNK_ZERO)),
    ("+44 (0)20 7946 0958", None, "+442079460958", (R.TRUNK_ZERO,)),
    ("+39 (0)6 12345678", None, "+390612345678", ()),  # in Italy the zero is part of the number
    ("+39 (0)80 3123456", None, "+390803123456", ()),  # … and without it, this would be somebody else's
    ("+39 (0)347 1234567", None, "+393471234567", (R.TRUNK_ZERO,)),  # mobile numbers have none
    ("+1 (0) 415 555 0100", None, US, (R.TRUNK_ZERO,)),
    ("+49 030 123456", None, DE, ()),  # the libraries know the trunk zero after a calling code
    ("+36 (06) 1 234 5678", None, "+3612345678", ()),
    ("8 (916) 123-45-67", "RU", "+79161234567", ()),
    ("8 029 491 19 11", "BY", "+375294911911", (R.WORDS_CUT,)),
    ("(0)30 123456", "DE", DE, ()),
    ("49(0)30 123456", "US", NOT, ()),  # whose calling code is 49 without a plus? not the default country's
    ("030 (0) 123456", "DE", NOT, ()),
    ("+49 (0)", None, Reason.TOO_SHORT, ()),
    ("00(0)0", "DE", Reason.BAD_COUNTRY_CODE, ()),
    ("+030 123456", "DE", Reason.BAD_COUNTRY_CODE, ()),
    ("++49 30 123456", None, DE, ()),
    ("+ 49 30 123456", None, DE, ()),
    ("+(49) 30 123456", None, DE, ()),
    ("(+49) 30 123456", None, DE, ()),
    ("tel:+49-30-123456", None, DE, (R.TEL_URI,)),
    ("TEL:+4930123456", None, DE, (R.TEL_URI,)),
    ("tel://+4930123456", None, DE, (R.TEL_URI,)),
    ("tel:%2B49%2030123456", None, DE, (R.TEL_URI,)),
    ("tel:030123456", "DE", DE, (R.TEL_URI,)),
    ("callto:+4930123456", None, DE, (R.TEL_URI,)),
    ("tel:555-0100;phone-context=+1415", "US", NOT, ()),  # the context is no part of the number (RFC 3966)
]

SCIENTIFIC: list[Row] = [
    ("4.41234567890E+11", "GB", GB, (R.LOST_PLUS, R.SCIENTIFIC_NOTATION)),  # twelve digits of twelve
    ("4,41234567890E+11", "GB", GB, (R.LOST_PLUS, R.SCIENTIFIC_NOTATION)),  # with a decimal comma
    ("4.41234567890e11", "GB", GB, (R.LOST_PLUS, R.SCIENTIFIC_NOTATION)),
    ("+4.41234567890E+11", None, GB, (R.SCIENTIFIC_NOTATION,)),
    ("4.155550100E+9", "US", US, (R.SCIENTIFIC_NOTATION,)),
    ("4.41E+11", "GB", DAMAGED, ()),
    ("4,41E+11", "GB", DAMAGED, ()),
    ("4.4123456789E+11", "GB", DAMAGED, ()),  # eleven of twelve: the last one may have been a 0, or not
    ("4.412345678901E+11", "GB", DAMAGED, ()),  # more digits than the number has
    ("4E+11", "GB", DAMAGED, ()),
    ("44.1234567890E+10", "GB", DAMAGED, ()),
    ("441234567890E+00", "GB", DAMAGED, ()),
    ("4.41234567890E-11", "GB", DAMAGED, ()),
    ("-4.41234567890E+11", "GB", DAMAGED, ()),
    ("4.41234567890E+99999", "GB", NOT, ()),
]

SPREADSHEET: list[Row] = [
    ("4155550100.0", "US", US, (R.TRAILING_ZERO,)),
    ("4155550100.00", "US", US, (R.TRAILING_ZERO,)),
    ("4155550100,0", "US", US, (R.TRAILING_ZERO,)),
    ("4930123456.0", "DE", DE, (R.LOST_PLUS, R.TRAILING_ZERO)),
    ("30123456.0", "DE", DE, (R.TRAILING_ZERO,)),  # the leading zero went with it, and is not needed
    ("+4930123456.0", None, DE, (R.TRAILING_ZERO,)),
    ("4155550100.5", "US", NOT, ()),
    ("30123456.125", "DE", NOT, ()),
    ("4,155,550,100", "US", US, (R.THOUSANDS_SEPARATORS,)),
    ("4.155.550.100", "US", US, (R.THOUSANDS_SEPARATORS,)),
    ("4'155'550'100", "US", US, ()),  # Swiss: punctuation like any other
    ("4,930,123,456.00", "DE", DE, (R.LOST_PLUS, R.THOUSANDS_SEPARATORS)),
    ("1,234,567", "DE", NOT, ()),  # an amount
    ("'030 123456", "DE", DE, (R.SPREADSHEET_TEXT,)),
    ("’+4930123456", None, DE, (R.SPREADSHEET_TEXT,)),
    ('="030123456"', "DE", DE, (R.SPREADSHEET_TEXT,)),
    ('="+49 30 123456"', None, DE, (R.SPREADSHEET_TEXT,)),
    ("=+4930123456", None, DE, (R.SPREADSHEET_TEXT,)),
    ("=4930123456", "DE", DE, (R.LOST_PLUS, R.SPREADSHEET_TEXT)),
    ('"030 123456"', "DE", DE, (R.SPREADSHEET_TEXT,)),
    ('=HYPERLINK("tel:+4930123456","+49 30 123456")', None, DE, (R.WORDS_CUT,)),
    ("-4155550100", "US", NOT, ()),  # a formula that was calculated: 0 - 4155550100
    ("#VALUE!", "DE", Reason.EMPTY, ()),
    ("########", "DE", DAMAGED, ()),  # the column was too narrow
    ("415…", "US", DAMAGED, ()),
    ("030 1234...", "DE", DAMAGED, ()),
    ("415-555-****", "US", DAMAGED, ()),  # masked
    ("*******0100", "US", DAMAGED, ()),
    ("XXX-XXX-0100", "US", DAMAGED, ()),
    ("030 12345xx", "DE", DAMAGED, ()),
    ("030 12345 x", "DE", DAMAGED, ()),
    ("030 12345?7", "DE", DAMAGED, ()),
    ("030 1234567*", "DE", DAMAGED, ()),
]

CHARACTERS: list[Row] = [
    ("０３０－１２３４５６", "DE", DE, (R.UNICODE_DIGITS,)),  # full width
    ("＋４９　３０　１２３４５６", None, DE, (R.UNICODE_DIGITS,)),
    ("٠٣٠ ١٢٣٤٥٦", "DE", DE, (R.UNICODE_DIGITS,)),  # Arabic-Indic
    ("۰۳۰ ۱۲۳۴۵۶", "DE", DE, (R.UNICODE_DIGITS,)),  # Persian
    ("०९८१२३४५६७८", "IN", "+919812345678", (R.UNICODE_DIGITS,)),  # Devanagari
    ("𝟎𝟑𝟎 𝟏𝟐𝟑𝟒𝟓𝟔", "DE", DE, (R.UNICODE_DIGITS,)),  # mathematical bold
    ("\u202a+49 30 123456\u202c", None, DE, (R.INVISIBLE_MARKS,)),  # Windows' contact cards
    ("\u200e+49 30 123456", None, DE, (R.INVISIBLE_MARKS,)),
    ("\ufeff030 123456", "DE", DE, (R.INVISIBLE_MARKS,)),
    ("030\u200b123456", "DE", DE, (R.INVISIBLE_MARKS,)),
    ("030\u00ad123456", "DE", DE, (R.INVISIBLE_MARKS,)),
    ("0\x003\x000\x001\x002\x003\x004\x005\x006\x00", "DE", DE, (R.INVISIBLE_MARKS,)),  # UTF-16 read as something else
    ("030\u00a0123456", "DE", DE, ()),  # spaces of any width
    ("030\u202f123456", "DE", DE, ()),
    ("030\u2009123\u2009456", "DE", DE, ()),
    ("030\t123456", "DE", DE, ()),
    ("030–123456", "DE", DE, ()),  # dashes
    ("030—123456", "DE", DE, ()),
    ("030‑123456", "DE", DE, ()),
    ("030−123456", "DE", DE, ()),
    ("415·555·0100", "US", US, ()),  # dots of designers
    ("415•555•0100", "US", US, ()),
    ("030⁄123456", "DE", DE, ()),
    ("044'123'45'67", "CH", "+41441234567", ()),
    ("030 1234\u0336567", "DE", NOT, ()),  # a digit that is struck out
    ("030 12345⁶", "DE", NOT, ()),
    ("030\ufffd123456", "DE", NOT, ()),  # lost in conversion
    ("030_123456", "DE", NOT, ()),
    ("030:123456", "DE", NOT, ()),
    ("030\\123456", "DE", NOT, ()),
]


@pytest.mark.parametrize(
    ("raw", "region", "expected", "repairs"), [*LOST_PLUS, *PREFIXES, *SCIENTIFIC, *SPREADSHEET, *CHARACTERS]
)
def test_a_repair_is_made_where_it_is_certain_and_is_told(
    raw: str, region: str | None, expected: str, repairs: tuple[Repair, ...]
) -> None:
    phone = parse_phone(raw, region)
    assert (phone.e164 or phone.reason, phone.repairs, phone.others) == (expected, repairs, ())
