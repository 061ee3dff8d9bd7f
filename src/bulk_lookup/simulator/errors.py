"""Refusals in the words and the shape of Twilio's own: `{code, message, more_info, status}`."""

import orjson

# Twilio's error dictionary: code → (HTTP status, message). The status of the account's own troubles (20005, 60699,
# 60624) is not published; 403 is what an account that may not do a thing gets elsewhere in the API.
ERRORS: dict[int, tuple[int, str]] = {
    20001: (400, "Invalid parameter"),
    20002: (400, "Invalid friendly name"),
    20003: (401, "Authenticate"),
    20004: (405, "Method not allowed"),
    20005: (403, "Account not active"),
    20008: (403, "Resource not accessible with Test Account Credentials"),
    20403: (403, "Forbidden"),
    20404: (404, "The requested resource was not found"),
    20429: (429, "Too Many Requests"),
    20500: (500, "Internal Server Error"),
    20503: (503, "Service is unavailable, please try again"),
    60611: (403, "The quota of this data package is reached"),
    60614: (403, "This number must be looked up in another Region"),
    60616: (429, "Rate limit of this data package exceeded"),
    60619: (403, "This data package is not offered in this Region"),
    60624: (403, "Trial account limit reached"),
    60626: (429, "Too many requests for the same phone number"),
    60699: (403, "Lookup is disabled for this account"),
}

_UNKNOWN = (403, "An error that only the simulator knows")


def status_of(code: int) -> int:
    """Say with which HTTP status a code is answered."""
    return ERRORS.get(code, _UNKNOWN)[0]


def error_body(code: int, *, status: int | None = None, detail: str = "") -> bytes:
    """Write the JSON of an error; `detail` is added to the standing message."""
    standing, message = ERRORS.get(code, _UNKNOWN)
    return orjson.dumps(
        {
            "code": code,
            "message": f"{message}: {detail}" if detail else message,
            "more_info": f"https://www.twilio.com/docs/errors/{code}",
            "status": status or standing,
        }
    )
