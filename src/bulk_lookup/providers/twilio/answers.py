"""Twilio's JSON read into an `Answer`: typed where it is as documented, kept as it came where it is not."""

from collections.abc import Mapping, Sequence

from bulk_lookup.core.answer import JSON, NOTHING, Answer, PackageAnswer
from bulk_lookup.core.billing import Billing
from bulk_lookup.core.data_package import BASIC, CATALOGUE
from bulk_lookup.providers.twilio.failures import package_failure

_OF_THE_NUMBER = frozenset(
    {
        "calling_country_code",
        "country_code",
        "phone_number",
        "national_format",
        "valid",
        "validation_errors",
        "url",
    }
)
_KNOWN = _OF_THE_NUMBER | {name for name in CATALOGUE if name != BASIC}

# What a database's integer column takes.
_LARGEST_CODE = 2**31 - 1


def is_answer(read: object) -> bool:
    """Whether it is an object with at least one of the documented fields."""
    return isinstance(read, dict) and not _KNOWN.isdisjoint(read)


def read_answer(
    read: dict[str, JSON],
    packages: Sequence[str],
    *,
    number: str,
    request_id: str | None,
    response_time_ms: int,
    concurrent_requests: int | None,
    simulated: bool,
) -> Answer:
    """The answer to one request for `packages`; never raises, whatever the values are.

    The bill: a package with data is billed, `valid: false` and an error code are unknown (nobody outside knows), 60616
    was not processed, basic is free. What is not as documented (a package that is null, no object, or comes without a
    plain `valid: true`) is unknown too: the price may have been taken.
    """
    extra = NOTHING if _KNOWN.issuperset(read) else {key: read[key] for key in read.keys() - _KNOWN}
    valid = read.get("valid")
    if not isinstance(valid, bool):
        extra, valid = _kept(extra, "valid", valid), None
    country = read.get("country_code")
    if not (isinstance(country, str) and len(country) == 2):
        extra, country = _kept(extra, "country_code", country), None
    told_number = read.get("phone_number")
    if not isinstance(told_number, str):
        extra, told_number = _kept(extra, "phone_number", told_number), number
    errors = read.get("validation_errors")
    words = tuple(word for word in errors if isinstance(word, str)) if isinstance(errors, list) else ()
    if errors and (not isinstance(errors, list) or len(words) != len(errors)):
        extra = _kept(extra, "validation_errors", errors)
    return Answer(
        told_number,
        valid,
        words,
        country,
        {package: _package(package, read, valid is True) for package in packages},
        request_id,
        response_time_ms,
        concurrent_requests,
        simulated,
        extra,
    )


def _kept(extra: Mapping[str, JSON], name: str, value: JSON) -> Mapping[str, JSON]:
    return extra if value is None else {**extra, name: value}


def _package(package: str, read: dict[str, JSON], valid: bool) -> PackageAnswer:
    if package == BASIC:
        return PackageAnswer(BASIC, {key: read[key] for key in read.keys() & _OF_THE_NUMBER}, None, Billing.FREE)
    told = read.get(package)
    if not isinstance(told, dict):
        return PackageAnswer(package, NOTHING if told is None else {"value": told}, None, Billing.UNKNOWN)
    raw_code = told.get("error_code")
    # Zero is how programs that make answers up from the API's description write "no error".
    if not raw_code:
        return PackageAnswer(package, told, None, Billing.BILLED if valid else Billing.UNKNOWN)
    code = _code(raw_code)
    failure = package_failure(package, code)
    return PackageAnswer(package, told, code, failure.billing, failure)


def _code(raw: JSON) -> int | None:
    """The number that an error code is: Twilio writes that of reassigned_number as a text."""
    if isinstance(raw, str) and raw.isascii() and raw.isdecimal() and len(raw) <= 10:
        raw = int(raw)
    if isinstance(raw, int) and not isinstance(raw, bool) and 0 < raw <= _LARGEST_CODE:
        return raw
    return None
