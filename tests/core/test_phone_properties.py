"""What holds for every cell, whatever is in it."""

import random
import re

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from bulk_lookup.core.numbering import plan_of
from bulk_lookup.core.phone import Phone, Reason, Repair, parse_phone
from bulk_lookup.core.phone_cell import read_cell
from bulk_lookup.core.phone_text import LONGEST_CELL

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
E164 = re.compile(r"\+[1-9][0-9]{5,14}")

regions = st.one_of(
    st.none(), st.sampled_from(["DE", "US", "GB", "FR", "IT", "BR", "AR", "IN"]), st.sampled_from(REGIONS)
)
anything = st.text(st.characters(codec=None), max_size=60)
# Mostly digits, and what stands between and beside them in real cells.
phone_like = st.lists(
    st.one_of(
        st.sampled_from("0123456789"),
        st.sampled_from("0123456789"),
        st.sampled_from("0123456789"),
        st.sampled_from(
            ["+", "00", "0", " ", " ", "-", "/", "(", ")", "(0)", ".", ",", ";", "\n", "'", "x", "E+", "O"]
        ),
        st.sampled_from(
            [" ext. ", " or ", "Tel. ", " Fax ", "+49", "030 ", "+1 415 555 ", "0171 ", "\u200e", "٣", "３"]
        ),
    ),
    max_size=30,
).map("".join)
cells = st.one_of(anything, phone_like)


def assert_sound(phone: Phone, region: str | None) -> None:
    for e164 in (phone.e164, *phone.others):
        if e164 is not None:
            assert E164.fullmatch(e164)
            assert phonenumbers.is_valid_number(phonenumbers.parse(e164, None))
            again = parse_phone(e164, region)
            assert (again.e164, again.reason, again.repairs, again.others) == (e164, None, (), ())
    if phone.e164 is None:
        assert phone == Phone(None, None, None, phone.reason) and isinstance(phone.reason, Reason)
    else:
        assert phone.reason is None and phone.kind is not None
        assert parse_phone(phone.e164, None) == Phone(phone.e164, phone.country_code, phone.kind, None)
        assert phone.e164 not in phone.others and len(set(phone.others)) == len(phone.others)
    assert list(phone.repairs) == [repair for repair in Repair if repair in phone.repairs]


@settings(max_examples=1500, deadline=None)
@given(cells, regions)
@example("00(0)0", "DE")  # a calling code of no digits
def test_every_cell_is_a_valid_number_or_has_a_reason(raw: str, region: str | None) -> None:
    assert_sound(parse_phone(raw, region), region)


@settings(max_examples=300, deadline=None)
@given(cells, st.text(max_size=4))
def test_a_region_that_does_not_exist_is_none(raw: str, region: str) -> None:
    if region not in REGIONS:
        assert parse_phone(raw, region) == parse_phone(raw, None)


@settings(max_examples=800, deadline=None)
@given(phone_like, st.sampled_from(["DE", "US", "FR", "GB", "IT", "IN", "JP", "ES"]))
def test_the_digits_bought_stand_in_the_cell_one_after_the_other(raw: str, region: str) -> None:
    phone = parse_phone(raw, region)
    if phone.e164 is None or Repair.VANITY in phone.repairs or phone.country_code == "AR":
        return  # Argentina's mobile numbers are written 11 15 … at home and +54 9 11 … abroad
    digits = re.sub("[^0-9]", "", raw.translate({ord("٣"): "3", ord("３"): "3"}))
    without_trunk = re.sub("[^0-9]", "", raw.replace("(0)", ""))
    national = phonenumbers.national_significant_number(phonenumbers.parse(phone.e164, None))
    assert national in digits or national in without_trunk


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(REGIONS), st.data())
def test_what_follows_a_number_never_joins_it(region: str, data: st.DataObject) -> None:
    cell, e164 = data.draw(st.sampled_from(spellings(region)))
    digits = data.draw(st.text("0123456789", min_size=1, max_size=6))
    behind = data.draw(st.sampled_from([" ext. ", " x", "x", " #", ";ext=", " Durchwahl -", "; ", "\n", ", Zimmer "]))
    assert parse_phone(cell + behind + digits, region).e164 == e164


def spellings(region: str) -> list[tuple[str, str]]:
    """Clean cells of the region's examples, each with its number."""
    found = []
    for kind in (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.TOLL_FREE):
        number = phonenumbers.example_number_for_type(region, kind)
        for form in (PhoneNumberFormat.E164, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.NATIONAL):
            cell = phonenumbers.format_number(number, form) if number else ""
            phone = parse_phone(cell, region)
            if phone.e164 is not None and not phone.repairs:
                found.append((cell, phone.e164))
    return found


SEPARATORS = (" / ", "/", "; ", ", ", "\n", " | ", " & ", " or ", " oder ", "  ", " ", "\t", " - ", " Fax ", " M: ")
EXTENSIONS = (" ext. 12", "x123", " #12", " Durchwahl -12", ";ext=12", " (ext. 5)", " poste 12", " ramal 40")
WORDS = (" (office)", " office", " Frau Müller", ", Berlin", " - John", " [home]", " (9-17 Uhr)")
LABELS = ("Tel. ", "phone ", "mobile: ", "Mob.", "(office) ", "Müller: ", "☎ ", "- ", "T: ", "Tel. 2: ")


def test_no_composition_of_cells_buys_anything_but_the_first_number() -> None:
    chance = random.Random(20_261_123)
    known = {region: spellings(region) for region in REGIONS}
    wrong, bought, composed = [], 0, 8_000
    for _ in range(composed):
        region = chance.choice(REGIONS)
        (first, e164), (second, other) = chance.choice(known[region]), chance.choice(known[region])
        cell = chance.choice(
            (
                first + chance.choice(SEPARATORS) + second,
                first + chance.choice(EXTENSIONS),
                first + chance.choice(EXTENSIONS) + chance.choice(SEPARATORS[:6]) + second,
                first + chance.choice(WORDS),
                chance.choice(LABELS) + first,
                f"{first} ({second})",
            )
        )
        phone = parse_phone(cell, region)
        bought += phone.e164 == e164
        if phone.e164 not in (e164, None) or not {*phone.others} <= {e164, other}:
            wrong.append((cell, region, phone))
        # An ending may be a whole number, where numbers are as short; it never changes the first.
        with_ending = parse_phone(f"{first}{chance.choice(('/', ' / '))}{chance.randrange(1, 9999)}", region)
        if with_ending.e164 != e164:
            wrong.append((first, region, with_ending))
    assert wrong == []
    assert bought > 0.95 * composed


@pytest.mark.parametrize("region", ["DE", "US", "FR", "GB", "IT", "BR", "AR", "MX", "IN", "NC", "RU", "CN"])
def test_the_quick_way_and_the_rules_agree_on_clean_cells(region: str) -> None:
    for cell, e164 in spellings(region):
        for default in (region, "DE", "US", None):
            phone, reading = parse_phone(cell, default), read_cell(cell, plan_of(default))
            assert (phone.e164, phone.reason, phone.repairs) == (
                reading.number.e164,
                reading.number.reason,
                reading.repairs,
            )
        assert parse_phone(cell, region).e164 == e164


@pytest.mark.parametrize(
    "raw",
    [
        "9" * 200_000,
        "9 " * 100_000,
        "Tel. " * 40_000,
        "(" * 200_000,
        "\0" * 200_000 + "030 123456",
        " " * 200_000 + "x",
        "030 123456; " * 20_000,
        "1-800-" * 30_000,
    ],
    ids=range(8),
)
def test_a_cell_that_is_a_text_is_no_number(raw: str) -> None:
    assert parse_phone(raw, "DE").reason is Reason.NOT_A_NUMBER


def test_blanks_around_a_number_do_not_count_for_its_length() -> None:
    assert parse_phone(" " * 200_000 + "030 123456" + "\n" * 1000, "DE").e164 == "+4930123456"
    assert parse_phone("030 123456 " + "a " * (LONGEST_CELL // 2 - 10), "DE").e164 == "+4930123456"


@pytest.mark.parametrize(
    "group",
    [
        "0 ",
        "1/",
        "0-",
        "1.",
        "1 01 ",
        "01 23 45 67 89 ",
        "030 1234567 ",
        "9812345678 ",
        "1) 030 1234567 ",
        "1-800-",
        "12:30 ",
    ],
)
@pytest.mark.parametrize("region", ["DE", "AT", "US", "LU", None])
def test_repeated_groups_cost_no_more_questions_than_the_bounds_allow(group: str, region: str | None) -> None:
    # Without the bounds on splitting, "01 23 45 67 89 " takes minutes in Austria, where nearly all digits are numbers.
    assert_sound(parse_phone(group * (LONGEST_CELL // len(group)), region), region)


@pytest.mark.parametrize(
    "raw", ["\ud800", "030 123456\udcff", "\udc80" * 20, "\0", "+\0", "\ufffd030 123456", "4\u0336155550100"]
)
def test_broken_text_is_no_number(raw: str) -> None:
    assert parse_phone(raw, "DE").reason in (Reason.NOT_A_NUMBER, Reason.EMPTY)
