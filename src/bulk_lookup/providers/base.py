"""What every provider of phone number data must be able to do, and how it says that it could not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType, TracebackType
from typing import Protocol, Self

from bulk_lookup.core.answer import Answer
from bulk_lookup.core.failure import Failure, FailureReason

NO_INPUTS: Mapping[str, str] = MappingProxyType({})


class ProviderError(Exception):
    """A request that brought no answer, with everything that decides what to do next.

    Its text is the failure's sentence: for people, without secrets and without a whole phone number.
    """

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message or failure.reason.value)
        self.failure = failure

    @property
    def reason(self) -> FailureReason:
        return self.failure.reason

    @property
    def retry_after(self) -> float | None:
        return self.failure.retry_after


class CredentialsMissing(Exception):
    """There is nothing to sign in with, or half of it; the text says what to set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeOuts:
    """Seconds. `answer` is the limit of a whole request, connecting included; `slow_answer` that of slow packages."""

    connect: float = 5.0
    answer: float = 15.0
    slow_answer: float = 30.0


@dataclass(frozen=True, slots=True)
class AccountCheck:
    """An account that accepted our credentials.

    `key` names it without telling its id; everybody who uses the same account shares one allowance under it.
    `simulated` is fixed here: an answer that says otherwise later stops the account. `concurrent_requests` is what was in
    flight on the account, the check's own request included; None where the provider does not tell.
    """

    key: str
    name: str
    status: str
    kind: str
    simulated: bool
    concurrent_requests: int | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """Money left on an account, in micro-units."""

    micros: int
    currency: str


@dataclass(frozen=True, slots=True)
class RateLimit:
    """One limit that a provider says it has: `limit` requests in `seconds` for a package, None for all of them."""

    package: str | None
    limit: int
    seconds: int | None
    owner: str


class Provider(Protocol):
    """One account at one provider.

    `ask` is one number with all its packages in one request. A provider that takes many numbers at once, or a file,
    becomes a protocol of its own beside this one (rows in, answers out, matched by our own ids): what an answer and a
    failure are does not change with the way they come.
    """

    @property
    def name(self) -> str:
        """The registry's name of it."""

    @property
    def account_key(self) -> str:
        """The key of the account's shared allowance, known without asking."""

    async def ask(self, number: str, packages: Sequence[str], *, inputs: Mapping[str, str] = NO_INPUTS) -> Answer:
        """Ask about one E.164 number; raises ProviderError. One call is at most one request, never repeated inside."""

    async def check_account(self) -> AccountCheck:
        """Find out whether the credentials work, at no cost; raises ProviderError."""

    async def balance(self) -> Balance | None:
        """Money left, None where the provider does not tell. Never raises: a balance stops no run."""

    async def rate_limits(self) -> tuple[RateLimit, ...] | None:
        """The provider's own limits, None where it does not tell. Never raises."""

    async def close(self) -> None:
        """Close all connections."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


def account_key(account_id: str) -> str:
    """A name for an account that does not tell its id: 32 hexadecimal digits of a hash of it."""
    return sha256(f"bulk-lookup account {account_id}".encode()).hexdigest()[:32]
