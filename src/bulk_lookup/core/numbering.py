"""Reading one written number with the phone libraries: the quick one for a yes, the reference for every no.

`rphonenumbers` takes a number apart in 2 µs, `phonenumbers` (the reference) in 15, but they are built from different
editions of the world's numbering plans: tried over all regions, the quick one took two kinds of number for valid that
the reference does not know. So only the taking apart is left to it. Whether the number exists, in which country and of
which kind, is asked of the reference's own patterns, joined into one regular expression for each country (1 µs instead
of 6), and whatever comes out as a no is asked again of the reference as a whole.
"""

import re
from functools import cache, lru_cache
from typing import NamedTuple

import phonenumbers
import rphonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberType, ValidationResult
from phonenumbers.re_util import enable_pattern_cache

from bulk_lookup.core.phone_words import Reason

# Python's own store of compiled patterns holds 512, the plans have thousands: without this, a list of many countries
# makes the reference compile its patterns again for every number.
enable_pattern_cache()

# ITU-T E.164: at most fifteen digits after the plus. The plans know longer numbers of some countries; nobody can dial
# them from abroad.
LONGEST_E164 = 1 + 15
_FEW_LENGTHS = 3

_KINDS = {
    PhoneNumberType.PREMIUM_RATE: "premium_rate",
    PhoneNumberType.TOLL_FREE: "toll_free",
    PhoneNumberType.SHARED_COST: "shared_cost",
    PhoneNumberType.VOIP: "voip",
    PhoneNumberType.PERSONAL_NUMBER: "personal_number",
    PhoneNumberType.PAGER: "pager",
    PhoneNumberType.UAN: "uan",
    PhoneNumberType.VOICEMAIL: "voicemail",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "fixed_line_or_mobile",
    PhoneNumberType.FIXED_LINE: "fixed_line",
    PhoneNumberType.MOBILE: "mobile",
}
KINDS = tuple(_KINDS.values())

# The reference asks for the kinds in this order; the first that fits is the number's.
_EARLY_KINDS = ("premium_rate", "toll_free", "shared_cost", "voip", "personal_number", "pager", "uan", "voicemail")


class Reading(NamedTuple):
    """What a written number is: a valid number with its country and kind, or the reason why it is none."""

    e164: str | None
    country: str | None
    kind: str | None
    reason: Reason | None


class Plan(NamedTuple):
    """What the cell rules need to know of a region's numbering plan."""

    region: str
    calling_code: str
    plus: str  # the calling code with its plus
    trunk_zero: bool  # national numbers are written with a leading 0 that is not dialled from abroad
    north_american: bool
    fixed_lengths: frozenset[int]  # digits of a subscriber's whole number, without trunk prefix
    mobile_lengths: frozenset[int]
    usual_lengths: frozenset[int]  # of either

    @property
    def takes_many_lengths(self) -> bool:
        """Whether nearly any digits could be a number: Germany, Austria and few others."""
        return len(self.usual_lengths) > _FEW_LENGTHS


def read(text: str, region: str | None) -> Reading:
    """Read one number, written internationally (with a plus) or as in `region`, exactly as the reference would.

    `text` is digits and the usual punctuation. The answer has either an E.164 number or a reason.
    """
    quick = _take_apart(text, region)
    found = _locate(*quick) if quick else None
    if quick is None or found is None:
        return _ask_reference(text, region)
    return Reading(f"+{quick[0]}{quick[1]}", found[0], found[1], None)


def read_quickly(text: str, region: str | None) -> tuple[str | None, str] | None:
    """Give country and kind of a valid number by the quick library's word alone, for counting; None is no verdict."""
    quick = _take_apart(text, region)
    return _locate(*quick) if quick else None


@cache
def plan_of(region: str | None) -> Plan | None:
    """Give the numbering plan of an ISO 3166 region, None for a region that has none."""
    metadata = PhoneMetadata.metadata_for_region(region, None) if region else None
    if metadata is None or region is None:
        return None
    fixed, mobile = _lengths(metadata.fixed_line), _lengths(metadata.mobile)
    return Plan(
        region=region,
        calling_code=str(metadata.country_code),
        plus=f"+{metadata.country_code}",
        trunk_zero=metadata.national_prefix == "0",
        north_american=metadata.country_code == 1,
        fixed_lengths=fixed,
        mobile_lengths=mobile,
        usual_lengths=fixed | mobile,
    )


def plan_of_calling_code(calling_code: str) -> Plan | None:
    """Give the plan of the main country of a calling code, written as digits; None if it is no country's."""
    if not calling_code or len(calling_code) > 3:
        return None
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(calling_code))
    return plan_of(regions[0]) if regions else None


def _take_apart(text: str, region: str | None) -> tuple[int, str] | None:
    """Calling code and national number, leading zeros included."""
    try:
        number = rphonenumbers.parse(text, region)
    except rphonenumbers.NumberParseException:
        return None
    national = str(number.national_number)
    if number.italian_leading_zero:
        national = "0" * (number.number_of_leading_zeros or 1) + national
    return number.country_code, national


def _locate(calling_code: int, national: str) -> tuple[str | None, str] | None:
    """Country and kind of a valid number, by the reference's rules and in its order; None when it is not valid."""
    for country, leading_digits, kind_pattern, kinds in _countries(calling_code, len(national)):
        if leading_digits is not None and not leading_digits.match(national):
            continue
        match = kind_pattern.match(national)
        if match is not None:
            return country, kinds[match.lastindex or 0]
        if leading_digits is not None:
            return None
    return None


_Country = tuple[str | None, re.Pattern[str] | None, re.Pattern[str], tuple[str, ...]]


@cache
def _countries(calling_code: int, length: int) -> tuple[_Country, ...]:
    """The countries of a calling code, each with the pattern of its valid numbers of this many digits."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(calling_code, ())
    countries: list[_Country] = []
    for region in regions:
        metadata = PhoneMetadata.metadata_for_region_or_calling_code(calling_code, region)
        if metadata is None:
            continue
        # Calling codes such as +800 and +882 belong to no country.
        country = None if region == phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY else region
        # The reference looks at leading digits only to tell countries of one calling code apart.
        leading = re.compile(metadata.leading_digits) if metadata.leading_digits and len(regions) > 1 else None
        countries.append((country, leading, *_kind_pattern(metadata, length)))
    return tuple(countries)


def _kind_pattern(metadata: PhoneMetadata, length: int) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """One pattern whose group number says the kind; patterns of kinds without numbers of this length stay out."""
    general = _of_length(metadata.general_desc, length)
    fixed, mobile = _of_length(metadata.fixed_line, length), _of_length(metadata.mobile, length)
    choices = [(kind, _of_length(getattr(metadata, kind), length)) for kind in _EARLY_KINDS]
    if metadata.same_mobile_and_fixed_line_pattern:
        choices.append(("fixed_line_or_mobile", fixed))
    else:
        both = f"(?={mobile}){fixed}" if fixed and mobile else None
        choices += [("fixed_line_or_mobile", both), ("fixed_line", fixed), ("mobile", mobile)]
    used = [(kind, pattern) for kind, pattern in choices if pattern] if general else []
    if not used:
        return re.compile(r"(?!)"), ()
    alternatives = "|".join(f"({pattern})" for _, pattern in used)
    return re.compile(f"(?={general})(?:{alternatives})"), ("", *(kind for kind, _ in used))


def _of_length(description: phonenumbers.PhoneNumberDesc | None, length: int) -> str | None:
    """A pattern for whole national numbers of this description, None when it has none of this length."""
    if description is None or not description.national_number_pattern:
        return None
    if description.possible_length and length not in description.possible_length:
        return None
    return rf"(?:{description.national_number_pattern})\Z"


def _lengths(description: phonenumbers.PhoneNumberDesc | None) -> frozenset[int]:
    return frozenset(length for length in description.possible_length if length > 0) if description else frozenset()


_PARSE_REASONS = {
    phonenumbers.NumberParseException.INVALID_COUNTRY_CODE: Reason.BAD_COUNTRY_CODE,
    phonenumbers.NumberParseException.NOT_A_NUMBER: Reason.NOT_A_NUMBER,
    phonenumbers.NumberParseException.TOO_SHORT_AFTER_IDD: Reason.TOO_SHORT,
    phonenumbers.NumberParseException.TOO_SHORT_NSN: Reason.TOO_SHORT,
    phonenumbers.NumberParseException.TOO_LONG: Reason.TOO_LONG,
}
_LENGTH_REASONS = {
    ValidationResult.IS_POSSIBLE: Reason.POSSIBLE_BUT_NOT_VALID,
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: Reason.NO_AREA_CODE,
    ValidationResult.INVALID_COUNTRY_CODE: Reason.BAD_COUNTRY_CODE,
    ValidationResult.TOO_SHORT: Reason.TOO_SHORT,
    ValidationResult.INVALID_LENGTH: Reason.WRONG_LENGTH,
    ValidationResult.TOO_LONG: Reason.TOO_LONG,
}


# A cell whose number is not valid is tried in several ways; most of them end in the same question.
@lru_cache(maxsize=1024)
def _ask_reference(text: str, region: str | None) -> Reading:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        reason = _PARSE_REASONS[error.error_type]
        if reason is Reason.BAD_COUNTRY_CODE and region is None and "+" not in text:
            reason = Reason.NO_COUNTRY
        return Reading(None, None, None, reason)
    if not phonenumbers.is_valid_number(number):
        return Reading(None, None, None, _LENGTH_REASONS[phonenumbers.is_possible_number_with_reason(number)])
    country = phonenumbers.region_code_for_number(number)
    return Reading(
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
        None if country == phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY else country,
        _KINDS[phonenumbers.number_type(number)],
        None,
    )
