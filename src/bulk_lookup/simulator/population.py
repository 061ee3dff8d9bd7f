"""Who is behind a number: the same invented line for the same number and seed, believable in proportion.

Whether a number is valid, its country and its kind come from the numbering plan (the phone library). All else is drawn
from a hash of the number. Names and carriers end in "(simulated)", and all mobile networks have the country code 001,
which the ITU keeps for tests.
"""

from dataclasses import dataclass
from hashlib import blake2b

import phonenumbers
import rphonenumbers
from rphonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType, ValidationResult

# Line types by kind of the numbering plan, as thousandths that add up to 1000.
_Shares = tuple[tuple[int, str], ...]
_LINE_TYPES: dict[int, _Shares] = {
    PhoneNumberType.MOBILE: ((965, "mobile"), (20, "nonFixedVoip"), (10, "fixedVoip"), (5, "unknown")),
    PhoneNumberType.FIXED_LINE: ((740, "landline"), (205, "fixedVoip"), (45, "nonFixedVoip"), (10, "unknown")),
    # North America does not tell the kinds apart.
    PhoneNumberType.FIXED_LINE_OR_MOBILE: (
        (640, "mobile"),
        (165, "landline"),
        (110, "fixedVoip"),
        (78, "nonFixedVoip"),
        (7, "unknown"),
    ),
    PhoneNumberType.TOLL_FREE: ((1000, "tollFree"),),
    PhoneNumberType.PREMIUM_RATE: ((1000, "premium"),),
    PhoneNumberType.SHARED_COST: ((1000, "sharedCost"),),
    PhoneNumberType.VOIP: ((700, "fixedVoip"), (300, "nonFixedVoip")),
    PhoneNumberType.PERSONAL_NUMBER: ((1000, "personal"),),
    PhoneNumberType.PAGER: ((1000, "pager"),),
    PhoneNumberType.UAN: ((1000, "uan"),),
    PhoneNumberType.VOICEMAIL: ((1000, "voicemail"),),
}
_NO_KIND: _Shares = ((1000, "unknown"),)

_CARRIERS: dict[str, tuple[str, ...]] = {
    "mobile": ("Example Wireless", "Sample Mobile", "Placeholder Cellular", "Fictional Mobile"),
    "landline": ("Example Telephone", "Sample Fixed Line", "Placeholder Telecom"),
    "fixedVoip": ("Example Cable Voice", "Sample Broadband Voice"),
    "nonFixedVoip": ("Example App Numbers", "Sample Cloud Voice"),
}

_INVALID: dict[int, str] = {
    ValidationResult.TOO_SHORT: "TOO_SHORT",
    ValidationResult.TOO_LONG: "TOO_LONG",
    ValidationResult.INVALID_LENGTH: "INVALID_LENGTH",
    ValidationResult.INVALID_COUNTRY_CODE: "INVALID_COUNTRY_CODE",
}
_UNPARSABLE: dict[int, str] = {
    NumberParseException.INVALID_COUNTRY_CODE: "INVALID_COUNTRY_CODE",
    NumberParseException.NOT_A_NUMBER: "NOT_A_NUMBER",
    NumberParseException.TOO_SHORT_AFTER_IDD: "TOO_SHORT",
    NumberParseException.TOO_SHORT_NSN: "TOO_SHORT",
    NumberParseException.TOO_LONG: "TOO_LONG",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One number and what is known of it; `draws` are 24 random bytes that belong to it."""

    number: str
    valid: bool
    validation_error: str | None
    calling_code: str | None
    country: str | None
    national_format: str | None
    line_type: str
    draws: bytes

    def share(self, at: int) -> int:
        """Draw a number from 0 to 999, the same one each time; `at` (0 … 11) says which of the line's draws."""
        return int.from_bytes(self.draws[2 * at : 2 * at + 2], "big") * 1000 >> 16

    @property
    def carrier(self) -> str | None:
        """Name the carrier; lines without one (toll-free, premium …) have none, as with Twilio."""
        names = _CARRIERS.get(self.line_type)
        if names is None:
            return None
        # Squared, so that the first carrier is the largest.
        name = names[self.share(1) ** 2 * len(names) // 10**6]
        return f"{name} {self.country or 'International'} (simulated)"

    @property
    def network_code(self) -> str | None:
        """Give a mobile network code within the test country 001, one for each carrier."""
        names = _CARRIERS.get(self.line_type)
        return None if names is None else f"{self.share(1) ** 2 * len(names) // 10**6 + 1:02}"


def line_of(text: str, *, country: str | None = None, seed: int = 0, invalid_rate: float = 0.0) -> Line:
    """Find the line behind a number as it was asked; national ones are read in `country`, else as +1."""
    country = (country or "US").upper()
    try:
        parsed = rphonenumbers.parse(text, country)
    except NumberParseException as error:
        if text[:1] != "+":
            text = "+1" + text
        return _invalid(text, _UNPARSABLE.get(error.error_type, "NOT_A_NUMBER"))
    number = f"+{parsed.country_code}{rphonenumbers.national_significant_number(parsed)}"
    # The quick library says no to a few numbers that the reference accepts, so a no is asked again.
    if not rphonenumbers.is_valid_number(parsed) and not _reference_accepts(text, country):
        possible = rphonenumbers.is_possible_number_with_reason(parsed)
        return _invalid(number, _INVALID.get(possible, "INVALID_BUT_POSSIBLE"))
    draws = blake2b(number.encode(), digest_size=24, key=seed.to_bytes(8, "big", signed=True)).digest()
    if int.from_bytes(draws[20:], "big") < invalid_rate * 2**32:
        return _invalid(number, "INVALID_BUT_POSSIBLE")
    kind = rphonenumbers.number_type(parsed)
    region = rphonenumbers.region_code_for_number(parsed)
    return Line(
        number=number,
        valid=True,
        validation_error=None,
        calling_code=str(parsed.country_code),
        # 001 is the library's word for numbers that belong to no country.
        country=None if region == "001" else region,
        national_format=rphonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL),
        line_type=_pick(_LINE_TYPES.get(kind, _NO_KIND), int.from_bytes(draws[:2], "big") * 1000 >> 16),
        draws=draws,
    )


def _invalid(number: str, error: str) -> Line:
    return Line(
        number=number,
        valid=False,
        validation_error=error,
        calling_code=None,
        country=None,
        national_format=None,
        line_type="unknown",
        draws=bytes(24),
    )


def _reference_accepts(text: str, country: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(text, country))
    except phonenumbers.NumberParseException:
        return False


def _pick(shares: _Shares, draw: int) -> str:
    for thousandths, word in shares:
        draw -= thousandths
        if draw < 0:
            return word
    return shares[-1][1]
