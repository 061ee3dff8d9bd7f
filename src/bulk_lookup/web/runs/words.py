"""What the page of a run says: what slows it, why it stands, what to do about a failure, when it ends."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from bulk_lookup.core.failure import RETRY_CLASSES, FailureReason, RetryClass
from bulk_lookup.core.progress import Band, Slowdown
from bulk_lookup.core.retry import PauseReason
from bulk_lookup.web.templatetags.figures import NARROW_SPACE, moment_text

CODE_PAGE: Final = "https://www.twilio.com/docs/api/errors/{}"
MEASURING: Final = "Measuring, a moment."


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that slows a run, as a heading, a sentence and what can be done."""

    title: str
    icon: str
    words: str
    action: str = ""
    route: str = ""  # name of the address that the action leads to
    right: str = ""  # who may do it, by the name in `rights`
    calm: bool = False  # nothing to worry about


CAUSES: Mapping[Slowdown, Cause] = MappingProxyType(
    {
        Slowdown.OWN_CEILING: Cause(
            "Own ceiling",
            "gauge",
            "As many requests are in flight as the settings of this account allow. The provider may take more.",
            "Raise the ceiling",
            "settings",
            "credentials",
        ),
        Slowdown.ACCOUNT_LIMIT: Cause(
            "Account limit",
            "gauge",
            "The provider accepts no more requests at once on this account, whoever sends them. It was measured, and a higher "
            "limit is found within seconds.",
        ),
        Slowdown.PACKAGE_LIMIT: Cause(
            "Package limit",
            "gauge",
            "One of the packages has a limit of its own at the provider. The others wait with it.",
        ),
        Slowdown.PROVIDER_SLOW: Cause(
            "Provider slow", "clock", "The provider takes more than two seconds for an answer. Nothing has to be done."
        ),
        Slowdown.PROVIDER_DOWN: Cause(
            "Provider down",
            "wifi-off",
            "The provider does not answer. One request every five seconds tries whether it is back; the run then goes on by "
            "itself.",
        ),
        Slowdown.CAP: Cause(
            "Cap reached",
            "wallet",
            "The run stands where its cap allows no further request. What was answered is kept.",
            "Raise cap",
            "run_cap",
            "raise_cap",
        ),
        Slowdown.BUDGET: Cause(
            "Budget used up",
            "wallet",
            "The organization's budget of the month allows no further request. What was answered is kept.",
            "Change the budget",
            "settings",
            "prices",
        ),
        Slowdown.NO_WORKER: Cause(
            "No worker",
            "cpu",
            "No worker is at work, so nothing is asked. The run goes on by itself as soon as one is: bulk-lookup worker.",
        ),
        Slowdown.NOTHING: Cause(
            "Nothing", "circle-check", "Requests start as soon as they are ready; no limit is in their way.", calm=True
        ),
    }
)

PAUSES: Mapping[PauseReason, str] = MappingProxyType(
    {
        PauseReason.USER: "paused by a person",
        PauseReason.INTERRUPTED: "interrupted at the command line",
        PauseReason.CAP: "cap reached",
        PauseReason.BUDGET: "budget used up",
        PauseReason.ACCOUNT_CREDENTIALS: "Twilio refuses the account's credentials",
        PauseReason.ACCOUNT_SUSPENDED: "Twilio says that the account is not active",
        PauseReason.LOOKUP_DISABLED: "Twilio has disabled Lookup for this account",
        PauseReason.TRIAL_LIMIT: "the trial account's limit is reached",
        PauseReason.BAD_REQUEST: "Twilio refused the request itself",
        PauseReason.PACKAGE_UNAVAILABLE: "the account cannot buy what was asked for",
    }
)

PAUSE_ADVICE: Mapping[PauseReason, str] = MappingProxyType(
    {
        PauseReason.USER: "Nothing is asked until somebody resumes it. What was answered is kept.",
        PauseReason.INTERRUPTED: "Nothing is asked until somebody resumes it. What was answered is kept.",
        PauseReason.CAP: "Raise the cap to go on, or leave it: what was answered is kept.",
        PauseReason.BUDGET: "Raise the month's budget to go on, or wait for the next month.",
        PauseReason.ACCOUNT_CREDENTIALS: "Replace the credentials in the settings, then resume. No contact was touched by this.",
        PauseReason.ACCOUNT_SUSPENDED: "Add funds or write to Twilio's support, test the account in the settings, then resume.",
        PauseReason.LOOKUP_DISABLED: "Only Twilio's support can switch Lookup on again. Test the account then, and resume.",
        PauseReason.TRIAL_LIMIT: "Upgrade the account at Twilio, test it in the settings, then resume.",
        PauseReason.BAD_REQUEST: "The cause is in this program or its settings, not in the list. No contact was touched by this.",
        PauseReason.PACKAGE_UNAVAILABLE: "Enable the package at Twilio and resume, or cancel and choose others.",
    }
)

ADVICE: Mapping[RetryClass, str] = MappingProxyType(
    {
        RetryClass.NETWORK: "Nothing was sent. Ask again when the network is back",
        RetryClass.UNEXPECTED: "Check the provider's address and proxies, then retry",
        RetryClass.UNKNOWN: "Billing unknown, its price counts as spent. Retry",
        RetryClass.TRANSIENT: "Gave up after several tries. Retry later",
        RetryClass.NUMBER: "Asked for too often. Retry tomorrow",
        RetryClass.RATE_LIMIT: "Retry when less is going on at the account",
        RetryClass.PERMANENT: "Asking again gives the same answer",
        RetryClass.PACKAGE_STOP: "Enable the package at Twilio, then retry",
        RetryClass.ACCOUNT_STOP: "Mend the account in the settings, then retry",
    }
)

_SPECIAL: Mapping[FailureReason, str] = MappingProxyType(
    {
        FailureReason.PARTIAL_DATA: "Its source was impaired. Retry later",
        FailureReason.NEEDS_APPROVAL: "Apply for access at Twilio, then retry",
        FailureReason.WRONG_REGION: "Use an API key of the number's Region, then retry",
        FailureReason.MISSING_INPUT: "Import the list with what the package needs",
        FailureReason.NO_ANSWER: "Billing unknown, its price counts as spent. Retry",
    }
)


def advice_for(reason: str) -> str:
    """What to do about a failure, by its reason word; nothing for a word that is not known."""
    if reason not in list(FailureReason):
        return ""
    known = FailureReason(reason)
    return _SPECIAL.get(known) or ADVICE[RETRY_CLASSES[known]]


def pause_words(reason: str) -> str:
    """Why a run is paused; an unknown word as it is."""
    return PAUSES[PauseReason(reason)] if reason in list(PauseReason) else reason.replace("_", " ")


def ends_in(band: Band) -> str:
    """ "Ends in 2–4 min": whole units, rounded outwards, so that the end lies inside."""
    low, high = int(band.low), -int(-band.high // 1)
    if high <= 60:
        return "Ends within a minute"
    size, unit = (60, "min") if high <= 90 * 60 else (3600, "h")
    first, last = low // size, -(-high // size)
    return f"Ends in {first}–{last}{NARROW_SPACE}{unit}" if first else f"Ends within {last}{NARROW_SPACE}{unit}"


def ends_between(band: Band, now: datetime) -> str:
    """ "between 14:38 and 14:41", with the day where it is another; `now` in the viewer's zone."""
    first = (now + timedelta(seconds=band.low)).replace(second=0)
    last = now + timedelta(seconds=band.high)
    if last.second or last.microsecond:
        last = last.replace(second=0) + timedelta(minutes=1)
    texts = [f"{at:%H:%M}" if at.date() == now.date() else moment_text(at)[:-3] for at in (first, last)]
    return f"between {texts[0]} and {texts[1]}"
