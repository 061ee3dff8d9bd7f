"""What is said about an account that cannot be asked: by the reason word, in the words of a page and not of a command line."""

from collections.abc import Mapping
from dataclasses import dataclass

from bulk_lookup.core.failure import Failure, FailureReason
from bulk_lookup.core.retry import PauseReason

R = FailureReason


@dataclass(frozen=True, slots=True)
class Halt:
    """A halt as its panel says it: what happened, Twilio's code of it, what to look at first, and in a word for the log."""

    title: str
    code: int
    look: str
    short: str

    @property
    def code_url(self) -> str:
        """Twilio's page of the code."""
        return f"https://www.twilio.com/docs/api/errors/{self.code}"


_HALTS: Mapping[str, Halt] = {
    PauseReason.ACCOUNT_CREDENTIALS.value: Halt(
        "Twilio rejects the credentials of this account",
        20003,
        "Check in Twilio’s console that the API key or the auth token was not revoked.",
        "credentials rejected",
    ),
    PauseReason.ACCOUNT_SUSPENDED.value: Halt(
        "This Twilio account is not active",
        20005,
        "Look in Twilio’s console whether its money is used up, or whether it was suspended or closed.",
        "account not active",
    ),
    PauseReason.LOOKUP_DISABLED.value: Halt(
        "Twilio has switched Lookup off for this account",
        60699,
        "Write to Twilio’s support: only they can switch it on again.",
        "Lookup switched off",
    ),
    PauseReason.TRIAL_LIMIT.value: Halt(
        "The limit of this Twilio trial account is reached",
        60624,
        "Upgrade the account in Twilio’s console.",
        "trial limit reached",
    ),
}

# Where the provider's own sentence names variables and options of the command line.
_SENTENCES: Mapping[FailureReason, str] = {
    R.ACCOUNT_CREDENTIALS: (
        "Twilio does not accept these credentials. Check that they belong to one account and one Region, and that an API "
        "key may use Lookup."
    ),
    R.TEST_CREDENTIALS: (
        "These are Twilio’s test credentials, which know a few made-up numbers only. Use the live ones, or a simulator."
    ),
    R.WRONG_REGION: "This account is served from another Twilio Region. Choose it, with an API key of that Region.",
    R.REDIRECTED: (
        "The address answers with a redirect, which is not followed with credentials. Check the address, or whether the "
        "network asks for a sign-in first."
    ),
    R.UNEXPECTED_STATUS: "The address refuses in a way that Twilio does not. Check the address, and proxies.",
}


def halt_of(reason: str) -> Halt:
    """The words of a halt; of one that is not known, the first."""
    return _HALTS.get(reason, _HALTS[PauseReason.ACCOUNT_CREDENTIALS.value])


def refusal(reason: FailureReason, sentence: str, failure: Failure | None = None) -> str:
    """Why nothing was kept, or why the account stays halted: the provider's sentence, without variables' names in it."""
    if reason not in _SENTENCES:
        return sentence
    code = f" (Twilio error {failure.code})" if failure is not None and failure.code else ""
    return f"{_SENTENCES[reason]}{code}"
