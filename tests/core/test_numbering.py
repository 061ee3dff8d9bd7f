"""The quick way against the reference: the same verdict for everything, none excused."""

import random
from collections.abc import Iterator

import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from bulk_lookup.core.numbering import KINDS, plan_of, plan_of_calling_code, read, read_quickly
from bulk_lookup.core.phone import parse_phone
from bulk_lookup.core.phone_words import Reason

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
FORMATS = (
    PhoneNumberFormat.E164,
    PhoneNumberFormat.INTERNATIONAL,
    PhoneNumberFormat.NATIONAL,
    PhoneNumberFormat.RFC3966,
)
GENERATED = 200_000

Verdict = tuple[str, str | None, str | None]


def by_reference(text: str, region: str | None) -> Verdict:
    """E.164, country and kind as the reference alone has them, or what it says against the number."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        return f"parse {error.error_type}", None, None
    if not phonenumbers.is_valid_number(number):
        return f"length {phonenumbers.is_possible_number_with_reason(number)}", None, None
    country = phonenumbers.region_code_for_number(number)
    kind = PhoneNumberType.to_string(phonenumbers.number_type(number)).lower()
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return e164, None if country == "001" else country, kind


REFERENCE_REASONS = {
    "parse 0": {Reason.BAD_COUNTRY_CODE, Reason.NO_COUNTRY},
    "parse 1": {Reason.NOT_A_NUMBER},
    "parse 2": {Reason.TOO_SHORT},
    "parse 3": {Reason.TOO_SHORT},
    "parse 4": {Reason.TOO_LONG},
    "length 0": {Reason.POSSIBLE_BUT_NOT_VALID},
    "length 1": {Reason.BAD_COUNTRY_CODE},
    "length 2": {Reason.TOO_SHORT},
    "length 3": {Reason.TOO_LONG},
    "length 4": {Reason.NO_AREA_CODE},
    "length 5": {Reason.WRONG_LENGTH},
}


def differs(text: str, region: str | None) -> str | None:
    reading, (verdict, country, kind) = read(text, region), by_reference(text, region)
    if reading.reason is None:
        same = (reading.e164, reading.country, reading.kind) == (verdict, country, kind)
    else:
        same = reading.e164 is None and reading.reason in REFERENCE_REASONS.get(verdict, ())
    return None if same else f"{text!r} in {region}: {reading}, reference: {verdict, country, kind}"


def examples(region: str) -> Iterator[phonenumbers.PhoneNumber]:
    for kind in PhoneNumberType.values():
        number = phonenumbers.example_number_for_type(region, kind)
        if number is not None:
            yield number


def example_spellings(region: str) -> list[str]:
    spellings = [phonenumbers.format_number(number, form) for number in examples(region) for form in FORMATS]
    spellings += [phonenumbers.national_significant_number(number) for number in examples(region)]
    spellings += [phonenumbers.format_out_of_country_calling_number(number, "US") for number in examples(region)]
    invalid = phonenumbers.invalid_example_number(region)
    return spellings + ([phonenumbers.format_number(invalid, form) for form in FORMATS] if invalid else [])


def test_every_regions_example_numbers_of_every_kind_are_read_as_the_reference_reads_them() -> None:
    wrong = [
        difference
        for region in REGIONS
        for text in example_spellings(region)
        for difference in (differs(text, region), differs(text, None), differs(text, "US"))
        if difference
    ]
    assert wrong == []


def test_every_regions_example_numbers_are_valid_cells() -> None:
    wrong = []
    for region in REGIONS:
        for number in examples(region):
            e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
            for form in FORMATS:
                text = phonenumbers.format_number(number, form)
                # The national spelling of one region's number may be another number there; the reference knows.
                if by_reference(text, region)[0] == e164 and parse_phone(text, region).e164 != e164:
                    wrong.append((text, region, parse_phone(text, region)))
    assert wrong == []


def test_numbers_of_no_country_are_read_as_the_reference_reads_them() -> None:
    wrong = []
    for calling_code in phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS:
        example = phonenumbers.example_number_for_non_geo_entity(calling_code)
        for form in FORMATS:
            text = phonenumbers.format_number(example, form)
            wrong += [difference for region in (None, "DE", "US") if (difference := differs(text, region))]
        assert parse_phone(phonenumbers.format_number(example, PhoneNumberFormat.E164), None).country_code is None
    assert wrong == []


def test_generated_strings_are_read_as_the_reference_reads_them() -> None:
    chance = random.Random(20_261_123)
    per_region = GENERATED // len(REGIONS) + 1
    wrong: list[str] = []
    valid = compared = 0
    for region in REGIONS:
        spellings = example_spellings(region)
        for _ in range(per_region):
            text = generate(chance, spellings)
            difference = differs(text, region)
            compared += 1
            valid += read_quickly(text, region) is not None
            if difference:
                wrong.append(difference)
    assert wrong == []
    assert compared >= GENERATED
    assert 0.25 < valid / compared < 0.75  # neither verdict is tested in passing only


def generate(chance: random.Random, spellings: list[str]) -> str:
    """A number of a region with some of its digits changed, digits at random, or either with something around it."""
    if chance.random() < 0.8:
        characters = list(chance.choice(spellings))
        for _ in range(chance.choice((0, 1, 1, 1, 2, 4))):
            place = chance.randrange(len(characters))
            if characters[place].isdigit():
                characters[place] = chance.choice("0123456789")
        if chance.random() < 0.15:
            characters.insert(chance.randrange(len(characters) + 1), chance.choice("0123456789"))
        if chance.random() < 0.15:
            characters.pop(chance.randrange(len(characters)))
        text = "".join(characters)
    else:
        digits = "".join(chance.choice("0123456789") for _ in range(chance.randrange(2, 19)))
        text = chance.choice(("", "", "+", "00", "0", "011", "1", "8")) + digits
    oddity = chance.random()
    if oddity < 0.1:
        text = "".join(character + chance.choice(("", "", " ", "-", ".", "/", ") ")) for character in text)
    elif oddity < 0.15:
        text += chance.choice((" ext. 12", "x123", ";ext=5", " #7", " доб 12", ",,9", ";isub=12"))
    elif oddity < 0.18:
        text += ";phone-context=" + chance.choice(("+1", "+49", "+4930", "example.com", "", "+"))
    elif oddity < 0.22:
        text = text.translate(chance.choice((FULL_WIDTH, ARABIC)))
    elif oddity < 0.25:
        text = chance.choice(("tel:", "Tel. ", "(", "[", "  ", "\u200e", "++", "*")) + text
    elif oddity < 0.28:
        text = text[:-4] + chance.choice(("CALL", "TAXI", "abcd", "O123"))
    return text


FULL_WIDTH = {ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789+"}
ARABIC = {ord(digit): 0x0660 + int(digit) for digit in "0123456789"}


@pytest.mark.parametrize(
    ("text", "region", "country"),
    [
        ("+14155550100", None, "US"),
        ("+14165550100", None, "CA"),
        ("+12425550100", None, None),  # Bahamas: 555 is not in use there
        ("+12423651234", None, "BS"),
        ("+17875550100", None, "PR"),
        ("+447400123456", None, "GB"),
        ("+447781123456", None, "GG"),
        ("+447797123456", None, "JE"),
        ("+447624123456", None, "IM"),
        ("+79161234567", None, "RU"),
        ("+77011234567", None, "KZ"),
        ("+390669812345", None, "VA"),  # the Vatican is Rome's 06 698
        ("+390612345678", None, "IT"),
        ("+4779123456", None, "SJ"),
        ("+80012345678", None, None),
    ],
)
def test_countries_of_one_calling_code_are_told_apart(text: str, region: str | None, country: str | None) -> None:
    assert read(text, region).country == country
    assert differs(text, region) is None


def test_a_yes_is_the_references_own() -> None:
    # The quick library's edition of the plans knows these as valid, the reference's has dropped them.
    assert read("2012 3486", "CR").e164 is None
    assert read("0200 8234", "ZW").e164 is None
    # And these the other way round.
    assert read("+267 50 12345", None).e164 == "+2675012345"


def test_leading_zeros_that_belong_to_a_number_are_kept() -> None:
    assert read("06 12345678", "IT").e164 == "+390612345678"
    assert read("+390612345678", None).e164 == "+390612345678"
    assert read("+39 612345678", None).e164 is None


def test_kinds_are_those_of_the_reference() -> None:
    assert set(KINDS) == {PhoneNumberType.to_string(kind).lower() for kind in PhoneNumberType.values()} - {"unknown"}


def test_plans_say_how_numbers_are_written() -> None:
    germany, italy, america = plan_of("DE"), plan_of("IT"), plan_of("CA")
    assert germany is not None and germany.trunk_zero and germany.takes_many_lengths
    assert italy is not None and not italy.trunk_zero
    assert america is not None and america.north_american and america.usual_lengths == {10}
    assert plan_of("XX") is None and plan_of(None) is None and plan_of("") is None
    assert plan_of_calling_code("44") == plan_of("GB")
    assert plan_of_calling_code("999") is None and plan_of_calling_code("800") is None
