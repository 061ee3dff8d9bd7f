"""The simulated accounts: who may ask, and what each has in flight.

Their SIDs are as obviously invented as SIDs can be: `AC` (an API key: `SK`) followed by zeros and the account's number.
All share one token. Twilio limits requests in flight and bills by account, so each has counters and a ledger.
"""

import base64
import binascii
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bulk_lookup.simulator.faults import Faults
from bulk_lookup.simulator.ledger import Ledger
from bulk_lookup.simulator.settings import SimulatorSettings
from bulk_lookup.simulator.stats import Stats

SIMULATED_ACCOUNT_SID = "AC" + "0" * 31 + "1"
SIMULATED_AUTH_TOKEN = "simulated"
SIMULATED_API_KEY = "SK" + "0" * 31 + "1"
SIMULATED_API_SECRET = "simulated"
# With this token an account answers as Twilio does to test credentials: 403 / 20008.
SIMULATED_TEST_TOKEN = "simulated-test"

_SID = re.compile(r"(AC|SK)([0-9a-f]{32})")
_INVENTED = "0" * 26
_MOST_CREDENTIALS = 10_000


@dataclass(slots=True, eq=False)
class Account:
    """One account with its settings; another one's limit and ledger are its own."""

    sid: str
    settings: SimulatorSettings
    faults: Faults
    stats: Stats
    ledger: Ledger = field(default_factory=Ledger)
    in_flight: int = 0
    packages_in_flight: dict[str, int] = field(default_factory=dict)
    # When each number was last asked; kept only while `same_number_interval` is set.
    last_asked: dict[int | str, float] = field(default_factory=dict)

    def use(self, settings: SimulatorSettings) -> None:
        """Go on under other settings; counters and ledger stay."""
        self.settings = settings
        self.faults = Faults(settings)
        if not settings.same_number_interval:
            self.last_asked.clear()

    def has_room(self) -> bool:
        """Say whether one more request may start."""
        limit = self.settings.max_in_flight
        return not limit or self.in_flight + self.settings.foreign_in_flight < limit

    def enter(self, packages: tuple[str, ...]) -> None:
        """Count a request in flight, and its packages where these have a limit."""
        self.in_flight += 1
        self.stats.moved(self.in_flight)
        for package in packages:
            self.packages_in_flight[package] = self.packages_in_flight.get(package, 0) + 1

    def leave(self, packages: tuple[str, ...]) -> None:
        """Count it out again."""
        self.in_flight -= 1
        self.stats.moved(self.in_flight)
        for package in packages:
            self.packages_in_flight[package] -= 1


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request: an account, by its token, by an API key, or with test credentials."""

    account: Account
    by_key: bool
    by_test_token: bool


class Accounts:
    """All accounts of one simulator; one that is asked for the first time is opened."""

    def __init__(self, settings: SimulatorSettings, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.settings = settings
        self.opened: dict[str, Account] = {}
        self._monotonic = monotonic
        self._callers: dict[bytes, Caller | None] = {}
        self.account(SIMULATED_ACCOUNT_SID)

    def use(self, settings: SimulatorSettings) -> None:
        """Put every account, and those opened later, under other settings."""
        self.settings = settings
        self._callers.clear()
        for account in self.opened.values():
            account.use(settings)

    def account(self, sid: str) -> Account:
        """Give the account with this SID, opened if need be."""
        account = self.opened.get(sid)
        if account is None:
            # All count their seconds from the same moment.
            since = next((one.stats.since for one in self.opened.values()), None)
            stats = Stats(monotonic=self._monotonic, since=since)
            account = Account(sid=sid, settings=self.settings, faults=Faults(self.settings), stats=stats)
            self.opened[sid] = account
        return account

    def find(self, sid: str) -> Account | None:
        """Give the account with this SID if it is one of the simulator's."""
        found = _SID.fullmatch(sid)
        if found is None or found[1] != "AC" or not self._is_ours(found[2]):
            return None
        return self.account(sid)

    def caller(self, authorization: bytes) -> Caller | None:
        """Read an Authorization header; none for credentials that are no simulated account's."""
        try:
            return self._callers[authorization]
        except KeyError:
            caller = self._read(authorization)
            if len(self._callers) < _MOST_CREDENTIALS:
                self._callers[authorization] = caller
            return caller

    def _read(self, authorization: bytes) -> Caller | None:
        scheme, _, encoded = authorization.partition(b" ")
        try:
            user, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        found = _SID.fullmatch(user)
        if scheme.lower() != b"basic" or found is None or not secret or not self._is_ours(found[2]):
            return None
        if self.settings.credentials == "simulated" and secret not in (SIMULATED_AUTH_TOKEN, SIMULATED_TEST_TOKEN):
            return None
        account = self.account("AC" + found[2])
        return Caller(account=account, by_key=found[1] == "SK", by_test_token=secret == SIMULATED_TEST_TOKEN)

    def _is_ours(self, digits: str) -> bool:
        return self.settings.credentials == "any" or digits.startswith(_INVENTED)
