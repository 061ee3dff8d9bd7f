"""Dirty cells as customer lists have them: whose number they are, what was repaired, which numbers are left over.

Each row: the cell, the default region, the number or the reason, the repairs, the other numbers. The names before the
tables say where such cells come from.
"""

import pytest

from bulk_lookup.core.phone import Reason, Repair, parse_phone

R = Repair
NOT = Reason.NOT_A_NUMBER
DE, DE_MOBILE = "+4930123456", "+491711234567"
US, US_2 = "+14155550100", "+14155550101"

Row = tuple[str, str | None, str, tuple[Repair, ...], tuple[str, ...]]

WORDS: list[Row] = [
    ("Tel. 030 123456", "DE", DE, (R.WORDS_CUT,), ()),  # a label
    ("Tel.: 030/123456", "DE", DE, (R.WORDS_CUT,), ()),  # and the German slash behind the area code
    ("Telefon (030) 123456", "DE", DE, (R.WORDS_CUT,), ()),
    ("Tel.(030)123456", "DE", DE, (R.WORDS_CUT,), ()),
    ("Tel030123456", "DE", DE, (R.WORDS_CUT,), ()),  # a label may touch the digits
    ("Fon: +49 30 123456", None, DE, (R.WORDS_CUT,), ()),
    ("Mob-98123 45678", "IN", "+919812345678", (R.WORDS_CUT,), ()),  # Indian lists write it with a hyphen
    ("Ph.No. 98123 45678", "IN", "+919812345678", (R.WORDS_CUT,), ()),
    ("M. 98123 45678", "IN", "+919812345678", (R.WORDS_CUT,), ()),  # one letter, set apart
    ("030 123456 (office)", "DE", DE, (R.WORDS_CUT,), ()),  # a remark
    ("030 123456(office)", "DE", DE, (R.WORDS_CUT,), ()),
    ("030 123456 [Büro]", "DE", DE, (R.WORDS_CUT,), ()),
    ("030 123456 - Frau Müller", "DE", DE, (R.WORDS_CUT,), ()),
    ("030 123456, Frau Müller", "DE", DE, (R.WORDS_CUT,), ()),
    ("Müller, Anna: 030 123456", "DE", DE, (R.WORDS_CUT,), ()),
    ("(office) 030 123456", "DE", DE, (R.WORDS_CUT,), ()),
    ("Frau Müller 030 123456", "DE", DE, (R.WORDS_CUT,), ()),  # words without punctuation are words before
    ("030 123456 call after six", "DE", DE, (R.WORDS_CUT,), ()),
    ("030 123456 (Mo-Fr 9-17 Uhr)", "DE", DE, (R.WORDS_CUT,), ()),  # a remark with digits stays a remark
    ("030 123456 (9:00-17:00)", "DE", DE, (R.WORDS_CUT,), ()),
    ("030 1234 (9-17 Uhr)", "DE", "+49301234", (R.WORDS_CUT,), ()),  # … and its digits join nothing
    ("030 1234567 9-17 Uhr", "DE", NOT, (), ()),
    ("030 123456 2. Stock", "DE", NOT, (), ()),  # a single digit that counts something
    ("030 123456 3 Tage", "DE", NOT, (), ()),
    ("030 12 34 56 Büro", "DE", DE, (R.WORDS_CUT,), ()),
    ("mobile: 0171 1234567", "DE", DE_MOBILE, (R.WORDS_CUT,), ()),
    ("0171 1234567 mobil", "DE", DE_MOBILE, (R.WORDS_CUT,), ()),
    ("0171 1234567mobil", "DE", DE_MOBILE, (R.WORDS_CUT,), ()),  # a label may touch the digits behind, too
    ("(415) 555-0100 cell", "US", US, (R.WORDS_CUT,), ()),
    ("C: 415-555-0100", "US", US, (R.WORDS_CUT,), ()),
    ("415-555-0100 (c)", "US", US, (R.WORDS_CUT,), ()),
    ("p. 415.555.0100", "US", US, (R.WORDS_CUT,), ()),
    ("US 415-555-0100", "US", US, (R.WORDS_CUT,), ()),  # a country before it
    ("USA: +1 415-555-0100", None, US, (R.WORDS_CUT,), ()),
    ("DE +49 30 123456", None, DE, (R.WORDS_CUT,), ()),
    ("Tél. : 01 23 45 67 89", "FR", "+33123456789", (R.WORDS_CUT,), ()),
    ("Tél.\u00a0: 01\u00a023\u00a045\u00a067\u00a089", "FR", "+33123456789", (R.WORDS_CUT,), ()),  # French spaces
    ("Port. 06.12.34.56.78", "FR", "+33612345678", (R.WORDS_CUT,), ()),
    ("cell. 347 1234567", "IT", "+393471234567", (R.WORDS_CUT,), ()),
    ("Cel: (11) 91234-5678", "BR", "+5511912345678", (R.WORDS_CUT,), ()),
    ("Celular (55) 1234-5678", "MX", "+525512345678", (R.WORDS_CUT,), ()),
    ("WhatsApp +52 55 1234 5678", None, "+525512345678", (R.WORDS_CUT,), ()),
    ("whatsapp:+14155550100", None, US, (R.WORDS_CUT,), ()),
    ("тел. +7 916 123-45-67", None, "+79161234567", (R.WORDS_CUT,), ()),
    ("هاتف: +966 50 123 4567", None, "+966501234567", (R.WORDS_CUT,), ()),
    ("โทร 02 123 4567", "TH", "+6621234567", (R.WORDS_CUT,), ()),  # vowel signs are no letters, and no digits either
    ("電話:03-1234-5678(代)", "JP", "+81312345678", (R.WORDS_CUT,), ()),
    ("手机13812345678", "CN", "+8613812345678", (R.WORDS_CUT,), ()),
    ("☎ 030 123456", "DE", DE, (), ()),  # a picture is neither word nor repair
    ("📞+49 30 123456", None, DE, (), ()),
    ("Tel. 2: 030 123456", "DE", DE, (R.WORDS_CUT,), ()),  # the digit belongs to the label
    ("Phone 1: 415-555-0100", "US", US, (R.WORDS_CUT,), ()),
    ("1. 030 123456", "DE", DE, (R.WORDS_CUT,), ()),  # a numbered list: not 1030…
    ("2) +49 30 123456", None, DE, (R.WORDS_CUT,), ()),
    ("1 030 123456", "DE", DE, (R.WORDS_CUT,), ()),
    ("- 030 123456", "DE", DE, (), ()),  # a bullet
    ("* 030 123456", "DE", DE, (), ()),
    ("<030 123456>", "DE", DE, (), ()),
    ("# 415 555 0100", "US", US, (), ()),
    ("john.doe@example.com 415-555-0100", "US", US, (R.WORDS_CUT,), ()),  # an address without digits is a word
    ("030 123456 ?", "DE", DE, (), ()),
    ("030 123456.", "DE", DE, (), ()),
    ("24.12.2023 030 123456", "DE", DE, (R.WORDS_CUT,), ()),  # dates and times are set apart
    ("2024-01-05 12:30 +49 30 123456", None, DE, (R.WORDS_CUT,), ()),
    ('<a href="tel:+4930123456">030 123456</a>', "DE", DE, (R.WORDS_CUT,), ()),
]

LETTERS: list[Row] = [
    ("030 123O456", "DE", NOT, (), ()),  # the letter O for a zero
    ("O30 123456", "DE", NOT, (), ()),
    ("030 12345 O 67", "DE", NOT, (), ()),  # set apart, and yet it may be a digit
    ("030 12345 I 67", "DE", NOT, (), ()),
    ("l415 555 0100", "US", NOT, (), ()),
    ("415 555 010O", "US", NOT, (), ()),
    ("41S-555-0100", "US", NOT, (), ()),
    ("030 12B4567", "DE", NOT, (), ()),
    ("030 abc 123456", "DE", NOT, (), ()),  # a word between digits
    ("0171 1234567 Anna 0172 1234567", "DE", NOT, (), ()),
    ("030 12345 (O) 67", "DE", NOT, (), ()),
    ("030 12345(O)67", "DE", NOT, (), ()),
    ("030 1234567abc", "DE", NOT, (), ()),
    ("4155550100m", "US", NOT, (), ()),
    ("M4155550100", "US", NOT, (), ()),  # a single letter touching the digits is too little for a label
    ("ID-4155550100", "US", NOT, (), ()),  # identifiers
    ("INV-2024-0001234", "US", NOT, (), ()),
    ("4155550100-B", "US", NOT, (), ()),
    ("A12 4155550100", "US", NOT, (), ()),
    ("SKU_4155550100", "US", NOT, (), ()),
    ("Flat 4B, 030 123456", "DE", NOT, (), ()),
    ("030 123456²", "DE", NOT, (), ()),  # a footnote mark is no digit, and not set apart
    ("030 123456 ²", "DE", DE, (R.WORDS_CUT,), ()),
    ("①030 123456", "DE", NOT, (), ()),
    ("KL5-1234", "US", NOT, (), ()),  # old exchange names
    ("(415) KL5-1234", "US", NOT, (), ()),
    ("0xx11 91234-5678", "BR", Reason.DAMAGED, (), ()),  # Brazilian, xx for a carrier's code
    ("4155550100p12", "US", NOT, (), ()),
]

EXTENSIONS: list[Row] = [
    ("415-555-0100 ext. 12", "US", US, (R.EXTENSION_CUT,), ()),
    ("415-555-0100 ext 12", "US", US, (R.EXTENSION_CUT,), ()),
    ("415-555-0100ext12", "US", US, (R.EXTENSION_CUT,), ()),
    ("415-555-0100 x12", "US", US, (R.EXTENSION_CUT,), ()),
    ("415-555-0100x12", "US", US, (R.EXTENSION_CUT,), ()),
    ("415-555-0100 X 1234", "US", US, (R.EXTENSION_CUT,), ()),
    ("415-555-0100 #12", "US", US, (R.EXTENSION_CUT,), ()),
    ("415-555-0100#12", "US", US, (R.EXTENSION_CUT,), ()),
    ("(415) 555-0100, ext. 12", "US", US, (R.EXTENSION_CUT,), ()),
    ("(415) 555-0100 (ext. 12)", "US", US, (R.EXTENSION_CUT,), ()),
    ("(415) 555-0100 Extension: 12", "US", US, (R.EXTENSION_CUT,), ()),
    ("+1 415-555-0100;ext=12", None, US, (R.EXTENSION_CUT,), ()),  # RFC 3966
    ("tel:+1-415-555-0100;ext=12", None, US, (R.TEL_URI, R.EXTENSION_CUT), ()),
    ("4155550100,,12", "US", US, (R.WORDS_CUT,), ()),  # a comma is a pause when dialled …
    ("4155550100,12", "US", NOT, (), ()),  # … and may be a decimal sign
    ("030 123456 ext. 12", "DE", DE, (R.EXTENSION_CUT,), ()),
    ("030 123456 Durchwahl -12", "DE", DE, (R.EXTENSION_CUT,), ()),
    ("030 123456 (Durchwahl -12)", "DE", DE, (R.EXTENSION_CUT,), ()),
    ("030 123456 DW 12", "DE", DE, (R.EXTENSION_CUT,), ()),
    ("030 123456 App. 12", "DE", DE, (R.EXTENSION_CUT,), ()),
    ("030 123456 Nst. 12", "DE", DE, (R.EXTENSION_CUT,), ()),
    ("01 5123456 Kl. 12", "AT", "+4315123456", (R.EXTENSION_CUT,), ()),
    ("01 23 45 67 89 poste 12", "FR", "+33123456789", (R.EXTENSION_CUT,), ()),
    ("06 12345678 int. 12", "IT", "+390612345678", (R.EXTENSION_CUT,), ()),
    ("(11) 3123-4567 ramal 12", "BR", "+551131234567", (R.EXTENSION_CUT,), ()),
    ("(11) 3123-4567 R: 12", "BR", "+551131234567", (R.EXTENSION_CUT,), ()),
    ("55 1234 5678 ext 101", "MX", "+525512345678", (R.EXTENSION_CUT,), ()),
    ("011 4321-5678 int. 12", "AR", "+541143215678", (R.EXTENSION_CUT,), ()),
    ("+7 495 123-45-67 доб. 12", None, "+74951234567", (R.EXTENSION_CUT,), ()),
    ("03-1234-5678 内線12", "JP", "+81312345678", (R.EXTENSION_CUT,), ()),
    ("020 7946 0958 ext 12 (office)", "GB", "+442079460958", (R.EXTENSION_CUT, R.WORDS_CUT), ()),
    ("415-555-0100 ext.", "US", US, (R.WORDS_CUT,), ()),  # an extension that was never filled in
    ("415-555-0100 ext 12 / 415-555-0101", "US", US, (R.EXTENSION_CUT,), (US_2,)),
    ("415-555-0100 ext 12, 415-555-0101 ext 13", "US", US, (R.EXTENSION_CUT,), (US_2,)),
    ("415-555-0100 ext 12 415-555-0101", "US", US, (R.EXTENSION_CUT,), (US_2,)),
    ("089 1234-0", "DE", "+498912340", (), ()),  # a German hyphen is part of the number: it is dialled
    ("030 123456 (12)", "DE", DE, (R.WORDS_CUT,), ()),
    ("ext 12", "US", Reason.TOO_SHORT, (), ()),
    (
        "030 12 ext. 3456789",
        "DE",
        Reason.POSSIBLE_BUT_NOT_VALID,
        (),
        (),
    ),  # what has no number has no extension to join it
]

SEVERAL: list[Row] = [
    ("030 123456 / 0171 1234567", "DE", DE, (), (DE_MOBILE,)),
    ("030 123456/0171 1234567", "DE", DE, (), (DE_MOBILE,)),
    ("030/123456 / 0171/1234567", "DE", DE, (), (DE_MOBILE,)),
    ("030/123456/0171/1234567", "DE", DE, (), (DE_MOBILE,)),
    ("030 123456 // 0171 1234567", "DE", DE, (), (DE_MOBILE,)),
    ("030 123456\n0171 1234567", "DE", DE, (), (DE_MOBILE,)),  # Alt+Enter in a spreadsheet
    ("030 123456\r\n0171 1234567", "DE", DE, (), (DE_MOBILE,)),
    ("030 123456; 0171 1234567", "DE", DE, (), (DE_MOBILE,)),
    ("030 123456, 0171 1234567", "DE", DE, (), (DE_MOBILE,)),
    ("030 123456 | 0171 1234567", "DE", DE, (), (DE_MOBILE,)),
    ("030 123456 & 0171 1234567", "DE", DE, (), (DE_MOBILE,)),
    ("030 123456 + 0171 1234567", "DE", DE, (), (DE_MOBILE,)),
    ("030 123456 oder 0171 1234567", "DE", DE, (R.WORDS_CUT,), (DE_MOBILE,)),
    ("030 123456 u. 0171 1234567", "DE", DE, (R.WORDS_CUT,), (DE_MOBILE,)),
    ("030 123456 bzw. 0171 1234567", "DE", DE, (R.WORDS_CUT,), (DE_MOBILE,)),
    ("415-555-0100 or 415-555-0101", "US", US, (R.WORDS_CUT,), (US_2,)),
    ("415-555-0100 and 415-555-0101", "US", US, (R.WORDS_CUT,), (US_2,)),
    ("91 123 45 67 o 612 34 56 78", "ES", "+34911234567", (R.WORDS_CUT,), ("+34612345678",)),  # both are whole numbers
    ("+49 30 123456 +49 171 1234567", None, DE, (), (DE_MOBILE,)),
    ("+4930123456+491711234567", None, DE, (), (DE_MOBILE,)),
    ("030 1234567 0171 1234567", "DE", "+49301234567", (), (DE_MOBILE,)),  # only a space between them
    ("4155550100 4155550101", "US", US, (), (US_2,)),
    ("4155550100\t4155550101", "US", US, (), (US_2,)),
    ("4155550100-4155550101", "US", US, (), (US_2,)),
    ("9812345678/9812345679", "IN", "+919812345678", (), ("+919812345679",)),
    ("98123 45678, 98123 45679", "IN", "+919812345678", (), ("+919812345679",)),
    ("01 23 45 67 89 / 06 12 34 56 78", "FR", "+33123456789", (), ("+33612345678",)),
    ("01 23 45 67 89 06 12 34 56 78", "FR", "+33123456789", (), ("+33612345678",)),
    ("01/23/45/67/89", "FR", "+33123456789", (), ()),  # slashes inside one number
    ("+49/30/123456", None, DE, (), ()),
    ("030 / 123456", "DE", DE, (), ()),
    ("415/555-0100", "US", US, (), ()),
    ("20 24 31 45 20 24 31 46", "DK", "+4520243145", (), ("+4520243146",)),
    ("030 123456 (0171 1234567)", "DE", DE, (), (DE_MOBILE,)),
    ("030 123456 (mobil 0171 1234567)", "DE", DE, (R.WORDS_CUT,), (DE_MOBILE,)),
    ("T: 030 123456 M: 0171 1234567", "DE", DE, (R.WORDS_CUT,), (DE_MOBILE,)),
    ("T 030 123456 M 0171 1234567", "DE", DE, (R.WORDS_CUT,), (DE_MOBILE,)),
    ("Tel. 030 123456 Fax 030 123457", "DE", DE, (R.WORDS_CUT,), ("+4930123457",)),
    ("Tel. 030 123456 Fax -57", "DE", DE, (R.WORDS_CUT,), ()),  # the fax's ending is no number
    ("Büro: 030 123456, Handy: 0171 1234567", "DE", DE, (R.WORDS_CUT,), (DE_MOBILE,)),
    ("1) 030 1234567 2) 0171 1234567", "DE", "+49301234567", (R.WORDS_CUT,), (DE_MOBILE,)),
    ("1. 030 1234567\n2. 0171 1234567", "DE", "+49301234567", (R.WORDS_CUT,), (DE_MOBILE,)),
    ("030 123456, 030 123456", "DE", DE, (), ()),  # the same once more is no other number
    ("030 123456, 12", "DE", DE, (R.WORDS_CUT,), ()),
    ("030 123456, 789012", "DE", DE, (R.WORDS_CUT,), ()),  # no area code: nobody knows whose
    ("12, 030 123456", "DE", DE, (R.WORDS_CUT,), ()),
    ("030, 123456", "DE", Reason.POSSIBLE_BUT_NOT_VALID, (), ()),  # digits on two sides of a comma are not joined …
    ("030\n7123456", "DE", Reason.NO_AREA_CODE, (), ()),  # … and the second half is not taken for a number
    ("n/a / 0171 1234567", "DE", DE_MOBILE, (R.WORDS_CUT,), ()),
    ("0171 1234567; Zimmer 4B", "DE", DE_MOBILE, (R.WORDS_CUT,), ()),  # behind a separator nothing can spoil it
    ("030 123O456 / 0171 1234567", "DE", NOT, (), ()),  # before it, it can
    ("030/0171 1234567", "DE", DE_MOBILE, (R.WORDS_CUT,), ()),  # an area code, and a number that is not its own
    ("030 0171 1234567", "DE", NOT, (), ()),
    ("+49/030/1234567", None, "+49301234567", (), ()),
    ("0171/1234567 0r 030 123456", "DE", NOT, (), ()),  # a zero for the o of "or" never makes a digit more
    ("01 51234 01 51235", "AT", "+43151234", (), ("+43151235",)),  # would be one number, by its length
    ("030 123456 ::: 0171 1234567", "DE", DE, (), (DE_MOBILE,)),  # Google's contacts
    ('["+4930123456","+491711234567"]', None, DE, (), (DE_MOBILE,)),  # JSON
    ("{030 123456,0171 1234567}", "DE", DE, (), (DE_MOBILE,)),  # PostgreSQL
    ("TEL;TYPE=CELL:+49 171 1234567", None, DE_MOBILE, (R.WORDS_CUT,), ()),  # a contact card
    ("0171 1234567; 12 o 34", "DE", DE_MOBILE, (R.WORDS_CUT,), ()),
    ("192.168.1.1, 7123456", "DE", Reason.NO_AREA_CODE, (), ()),
    ("10115 Berlin, 030 123456", "DE", DE, (R.WORDS_CUT,), ()),  # a postal code before it
    ("10115 030 123456", "DE", Reason.POSSIBLE_BUT_NOT_VALID, (), ()),
    ("030 123456 or", "DE", DE, (R.WORDS_CUT,), ()),
    ("02 1234567, 347 1234567", "IT", "+39021234567", (), ("+393471234567",)),
    ("(11) 3123-4567 / 91234-5678", "BR", "+551131234567", (R.ALTERNATIVE_CUT,), ()),  # second without area code
    ("(11) 3123-4567 / (11) 91234-5678", "BR", "+551131234567", (), ("+5511912345678",)),
]

ALTERNATIVES: list[Row] = [
    ("030 123129/130", "DE", "+4930123129", (R.ALTERNATIVE_CUT,), ("+4930123130",)),  # the next ending: certain
    ("030/123129/130", "DE", "+4930123129", (R.ALTERNATIVE_CUT,), ("+4930123130",)),
    ("030 123129 / 130", "DE", "+4930123129", (R.ALTERNATIVE_CUT,), ("+4930123130",)),
    ("030 123456/12", "DE", DE, (R.ALTERNATIVE_CUT,), ()),  # may be an extension: not certain
    ("030 123129/30", "DE", "+4930123129", (R.ALTERNATIVE_CUT,), ("+4930123130",)),
    ("415-555-0100/0101", "US", US, (R.ALTERNATIVE_CUT,), (US_2,)),
    ("415-555-0100/01", "US", US, (R.ALTERNATIVE_CUT,), (US_2,)),
    ("415-555-0100/9999", "US", US, (R.ALTERNATIVE_CUT,), ()),
    ("030 123129/130/131", "DE", "+4930123129", (R.ALTERNATIVE_CUT,), ("+4930123130", "+4930123131")),
    ("022 2345 6789/90", "IN", "+912223456789", (R.ALTERNATIVE_CUT,), ("+912223456790",)),
]


@pytest.mark.parametrize(
    ("raw", "region", "expected", "repairs", "others"), [*WORDS, *LETTERS, *EXTENSIONS, *SEVERAL, *ALTERNATIVES]
)
def test_the_cell_decides_whose_number_is_bought(
    raw: str, region: str | None, expected: str, repairs: tuple[Repair, ...], others: tuple[str, ...]
) -> None:
    phone = parse_phone(raw, region)
    assert (phone.e164 or phone.reason, phone.repairs, phone.others) == (expected, repairs, others)
