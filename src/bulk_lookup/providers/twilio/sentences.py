"""What each reason word means at Twilio and what to do about it, in a sentence for people."""

from collections.abc import Mapping
from types import MappingProxyType

from bulk_lookup.core.failure import FailureReason

R = FailureReason

# Twilio's own messages are not repeated: they may hold the phone number that was asked for.
SENTENCES: Mapping[FailureReason, str] = MappingProxyType(
    {
        R.NETWORK: "Twilio could not be reached: no connection was made, so nothing was bought.",
        R.REDIRECTED: (
            "The address answers with a redirect, which is not followed with credentials. "
            "Check BULK_LOOKUP_TWILIO_URL, or whether the network asks for a sign-in first."
        ),
        R.UNEXPECTED_STATUS: (
            "The address refuses in a way that Twilio does not. Check BULK_LOOKUP_TWILIO_URL, and proxies."
        ),
        R.TIME_OUT: "Twilio did not answer in time; whether it was billed is unknown.",
        R.CONNECTION_LOST: "The connection broke after the request was sent; whether it was billed is unknown.",
        R.SERVER_ERROR: "Twilio had an error of its own; whether it was billed is unknown.",
        R.INVALID_ANSWER: "The answer cannot be read; whether it was billed is unknown.",
        R.RATE_LIMITED: "Too many requests at once on this account; it will be asked again.",
        R.NUMBER_RATE_LIMITED: "This number was asked for too often in a short time.",
        R.NOT_FOUND: "Twilio does not know this number.",
        R.INVALID_NUMBER: "Twilio does not take this for a phone number.",
        R.NO_ANSWER: "There was no answer twice; each request may have been billed.",
        R.PACKAGE_RATE_LIMITED: "Too many requests at once for this package; it will be asked again.",
        R.SOURCE_FAILED: "The source behind this package had an error.",
        R.PARTIAL_DATA: "The source behind this package was impaired: the data are incomplete.",
        R.NOT_COVERED: "The package does not cover this number.",
        R.COUNTRY_NOT_COVERED: "The package does not cover this country.",
        R.NEEDS_APPROVAL: "Line types of Canadian numbers need an approval (CLNPC) of the Twilio account.",
        R.NOT_MOBILE: "The package covers mobile numbers only.",
        R.NO_DATA: "The carrier gave no data.",
        R.NUMBER_CANCELLED: "The number has been cancelled.",
        R.WRONG_REGION: (
            "This package or number is served from another Twilio Region. "
            "Set TWILIO_REGION and an API key of that Region."
        ),
        R.MISSING_INPUT: "The package needs more data about the number than the row has.",
        R.BAD_INPUT: "A value sent along with the number is malformed.",
        R.PACKAGE_REFUSED: "Twilio refused this package for this number.",
        R.PACKAGE_UNAVAILABLE: (
            "The package is not enabled for this Twilio account. Ask Twilio to enable it, or leave it out."
        ),
        R.QUOTA_REACHED: "The quota of this package is used up. Ask Twilio to raise it, or leave the package out.",
        R.ACCOUNT_CREDENTIALS: (
            "Twilio does not accept the credentials. Check TWILIO_ACCOUNT_SID with TWILIO_AUTH_TOKEN, or "
            "TWILIO_API_KEY with TWILIO_API_SECRET; that they belong to one account and Region; that an API key may "
            "use Lookup."
        ),
        R.TEST_CREDENTIALS: (
            "These are Twilio's test credentials. They cannot look up line types, caller names or line status, and "
            "know a few made-up numbers only. Use the live credentials, or --simulate to try everything for free."
        ),
        R.ACCOUNT_SUSPENDED: (
            "The Twilio account is not active: its money is used up, or it was suspended or closed. "
            "See the Twilio Console."
        ),
        R.LOOKUP_DISABLED: (
            "Twilio has switched Lookup off for this account. Only Twilio's support can switch it on again."
        ),
        R.TRIAL_LIMIT: "The limit of the Twilio trial account is reached. Upgrade the account in the Twilio Console.",
        R.BAD_REQUEST: (
            "Twilio does not understand the request. The cause is in this program or its settings, not in the list."
        ),
        R.SIMULATION_MIXED: "The account was checked as simulated and answers as real, or the other way round.",
    }
)


def sentence(reason: FailureReason, *, code: int | None = None, status: int | None = None) -> str:
    """The reason's sentence, with Twilio's code or the HTTP status behind it where there is one."""
    parts = [f"Twilio error {code}" if code is not None else "", f"HTTP {status}" if status not in (None, 200) else ""]
    behind = ", ".join(part for part in parts if part)
    return f"{SENTENCES[reason]} ({behind})" if behind else SENTENCES[reason]
