"""What each data package answers for a line: the same for the same line, seed and question.

Each function gets the line and the question's parameters and returns the package's object as Twilio writes it, its
`error_code` among the rest. Coverage and codes are those of Twilio's error dictionary: 60600 out of coverage, 60601
Canada not approved, 60607 country not supported, 60612 not a mobile number, 60617 a parameter is missing, 60618 a
parameter is malformed.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date

from bulk_lookup.simulator.population import Line

Answer = dict[str, object]
Parameters = Mapping[str, str]

_FIRST_NAMES = ("JANE", "JOHN", "ALEX", "SAM", "CHRIS", "PAT", "ROBIN", "KIM")
_LAST_NAMES = ("EXAMPLE", "SAMPLE", "PLACEHOLDER", "FICTION", "INVENTED", "MADEUP")
_BUSINESSES = ("EXAMPLE BAKERY", "SAMPLE MOTORS", "FICTIONAL DENTAL", "PLACEHOLDER LAW")
_JUNK = ("WIRELESS CALLER", "UNKNOWN")
_DATE = re.compile(r"\d{8}")
_IDENTITY_FIELDS = {
    "FirstName": "first_name_match",
    "LastName": "last_name_match",
    "AddressLine1": "address_lines_match",
    "City": "city_match",
    "State": "state_match",
    "PostalCode": "postal_code_match",
    "AddressCountryCode": "address_country_match",
    "NationalId": "national_id_match",
    "DateOfBirth": "date_of_birth_match",
}
_MATCHES = ("exact_match", "exact_match", "high_partial_match", "partial_match", "no_match", "no_data_available")
_BLANK: dict[str, tuple[str, ...]] = {
    "line_type_intelligence": ("type", "carrier_name", "mobile_country_code", "mobile_network_code"),
    "caller_name": ("caller_name", "caller_type"),
    "line_status": ("status",),
    "reassigned_number": ("last_verified_date", "is_number_reassigned"),
    "sms_pumping_risk": (
        "carrier_risk_category",
        "number_blocked",
        "number_blocked_date",
        "number_blocked_last_3_months",
        "sms_pumping_risk_score",
    ),
    "sim_swap": ("last_sim_swap", "carrier_name", "mobile_country_code", "mobile_network_code"),
    "call_forwarding": ("call_forwarding_enabled",),
    "identity_match": (*_IDENTITY_FIELDS.values(), "summary_score", "error_message"),
    "phone_number_quality_score": ("quality_score", "quality_category"),
    "pre_fill": ("first_name", "last_name", "address_line", "country_code", "state", "postal_code"),
}


def without_data(package: str, code: int) -> Answer:
    """Write a package that failed: all its values null, and the code, which reassigned_number writes as text."""
    return {**dict.fromkeys(_BLANK[package]), "error_code": str(code) if package == "reassigned_number" else code}


def answer(package: str, line: Line, parameters: Parameters, *, nth: int, canada_approved: bool) -> Answer:
    """Answer one package for a valid line; risk scores move with `nth`, how often the number was asked before."""
    if package == "line_type_intelligence" and line.country == "CA" and not canada_approved:
        return without_data(package, 60601)
    if package == "sms_pumping_risk":
        return _sms_pumping_risk(line, parameters, nth)
    return _ANSWERS[package](line, parameters)


def _line_type_intelligence(line: Line, parameters: Parameters) -> Answer:
    carrier = line.carrier
    return {
        "type": line.line_type,
        "carrier_name": carrier,
        "mobile_country_code": None if carrier is None or line.line_type == "landline" else "001",
        "mobile_network_code": None if line.line_type == "landline" else line.network_code,
        "error_code": None,
    }


def _caller_name(line: Line, parameters: Parameters) -> Answer:
    if line.country != "US":
        return without_data("caller_name", 60600)
    draw = line.share(2)
    name: str | None
    kind: str | None
    if line.line_type == "nonFixedVoip" or draw >= 900:
        # Billed without a name, as with Twilio.
        name, kind = None, "UNDETERMINED"
    elif draw >= 800:
        name, kind = _of(_JUNK, line.share(3)), "CONSUMER"
    elif draw >= 600 or line.line_type == "tollFree":
        name, kind = _of(_BUSINESSES, line.share(3)), "BUSINESS"
    else:
        name, kind = f"{_of(_LAST_NAMES, line.share(3))} {_of(_FIRST_NAMES, line.share(4))}", "CONSUMER"
    return {"caller_name": name and f"{name} (simulated)", "caller_type": kind, "error_code": None}


def _line_status(line: Line, parameters: Parameters) -> Answer:
    draw = line.share(5)
    if line.line_type not in ("mobile", "landline", "fixedVoip", "nonFixedVoip"):
        status = "unknown"
    elif draw < 700:
        status = "active"
    elif draw < 820:
        status = "reachable"
    elif draw < 880:
        status = "unreachable"
    else:
        status = "inactive" if draw < 970 else "unknown"
    return {"status": status, "error_code": None}


def _reassigned_number(line: Line, parameters: Parameters) -> Answer:
    if line.country != "US":
        return without_data("reassigned_number", 60607)
    asked = parameters.get("LastVerifiedDate")
    if not asked:
        return without_data("reassigned_number", 60617)
    verified = _date(asked)
    if verified is None:
        return without_data("reassigned_number", 60618)
    # Twilio's data begin early in 2021; each number changes hands on a day of its own after that.
    changed = date.fromordinal(date(2021, 1, 31).toordinal() + line.share(6) * 2)
    draw = line.share(7)
    word = "yes" if draw < 300 and verified < changed else "no"
    if draw < 50:
        word = "no_data_available"
    return {"last_verified_date": verified.isoformat(), "is_number_reassigned": word, "error_code": None}


def _sms_pumping_risk(line: Line, parameters: Parameters, nth: int) -> Answer:
    if len(parameters.get("PartnerSubId", "")) > 64:
        return without_data("sms_pumping_risk", 60618)
    # Each question counts as a signal, so the score creeps up with them.
    score = min(100, line.share(8) ** 3 * 100 // 10**9 + 7 * min(nth, 10))
    blocked = score >= 90
    return {
        "carrier_risk_category": _of(("low", "low", "low", "mild", "moderate", "high"), line.share(9)),
        "number_blocked": blocked,
        "number_blocked_date": "2026-08-01T00:00:00Z" if blocked else None,
        "number_blocked_last_3_months": True if blocked else None,
        "sms_pumping_risk_score": score,
        "error_code": None,
    }


def _sim_swap(line: Line, parameters: Parameters) -> Answer:
    if line.line_type != "mobile":
        return without_data("sim_swap", 60612)
    swapped = line.share(10) < 40
    return {
        "last_sim_swap": {
            "last_sim_swap_date": "2026-11-01T10:00:00Z" if swapped else None,
            "swapped_period": "PT24H",
            "swapped_in_period": swapped,
        },
        "carrier_name": line.carrier,
        "mobile_country_code": "001",
        "mobile_network_code": line.network_code,
        "error_code": None,
    }


def _call_forwarding(line: Line, parameters: Parameters) -> Answer:
    if line.country != "GB":
        return without_data("call_forwarding", 60607)
    return {"call_forwarding_enabled": line.share(10) < 80, "error_code": None}


def _identity_match(line: Line, parameters: Parameters) -> Answer:
    given = {key: name for name, key in _IDENTITY_FIELDS.items() if parameters.get(name)}
    if not given:
        return without_data("identity_match", 60617)
    matches = {key: _of(_MATCHES, line.share(at % 12)) for at, key in enumerate(given)}
    score = 100 * sum(word == "exact_match" for word in matches.values()) // len(matches)
    return {**without_data("identity_match", 0), **matches, "summary_score": score, "error_code": None}


def _phone_number_quality_score(line: Line, parameters: Parameters) -> Answer:
    score = line.share(9) // 10
    return {"quality_score": score, "quality_category": "low" if score < 60 else "high", "error_code": None}


def _pre_fill(line: Line, parameters: Parameters) -> Answer:
    if not parameters.get("VerificationSid"):
        return without_data("pre_fill", 60617)
    return {
        "first_name": _of(_FIRST_NAMES, line.share(4)).title(),
        "last_name": _of(_LAST_NAMES, line.share(3)).title(),
        "address_line": "1 Example Street (simulated)",
        "country_code": line.country,
        "state": None,
        "postal_code": "00000",
        "error_code": None,
    }


def _of(words: tuple[str, ...], draw: int) -> str:
    return words[draw * len(words) // 1000]


def _date(text: str) -> date | None:
    if not _DATE.fullmatch(text):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


_ANSWERS: dict[str, Callable[[Line, Parameters], Answer]] = {
    "line_type_intelligence": _line_type_intelligence,
    "caller_name": _caller_name,
    "line_status": _line_status,
    "reassigned_number": _reassigned_number,
    "sim_swap": _sim_swap,
    "call_forwarding": _call_forwarding,
    "identity_match": _identity_match,
    "phone_number_quality_score": _phone_number_quality_score,
    "pre_fill": _pre_fill,
}
