"""What somebody has chosen on the quote's page, read from its form."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from urllib.parse import urlencode

from django.http import QueryDict

from bulk_lookup.core.data_package import LINE_TYPE_INTELLIGENCE
from bulk_lookup.core.pricing import MICROS, to_decimal_string
from bulk_lookup.engine.order_run import packages_of
from bulk_lookup.models import ProviderAccount

REUSE_CHOICES = (("", "each its own"), ("0", "never"), ("7", "7 days"), ("30", "30 days"), ("90", "90 days"))
_MOST_MONEY = 10_000_000


@dataclass(frozen=True, slots=True)
class Choices:
    """Packages, reuse in days (None: each package's own age), cap in micro-units, and whom to ask."""

    packages: tuple[str, ...]
    reuse_days: int | None
    cap_micros: int | None
    account: ProviderAccount | None
    problems: tuple[str, ...] = ()

    @property
    def reuse(self) -> str:
        """As the form has it."""
        return "" if self.reuse_days is None else str(self.reuse_days)

    @property
    def cap(self) -> str:
        """As the form has it."""
        return "" if self.cap_micros is None else to_decimal_string(self.cap_micros)

    @property
    def query(self) -> str:
        """As the query of an address."""
        account = [("account", str(self.account.pk))] if self.account else []
        packages = [("package", name) for name in self.packages]
        return urlencode([*packages, ("reuse", self.reuse), ("cap", self.cap), *account, ("chosen", "1")])


def read_choices(given: QueryDict, accounts: Sequence[ProviderAccount], *, reuse_days: int | None) -> Choices:
    """The choices of a form, or those that a page begins with; what cannot be understood is said and left out."""
    problems: list[str] = []
    packages = packages_of(given.getlist("package"))
    if not packages and "chosen" not in given:
        packages = (LINE_TYPE_INTELLIGENCE,)
    return Choices(
        packages,
        _reuse(given.get("reuse"), reuse_days, problems),
        _money(given.get("cap", ""), problems),
        _account(given.get("account", ""), accounts),
        tuple(problems),
    )


def _reuse(text: str | None, usual: int | None, problems: list[str]) -> int | None:
    if text is None:
        return usual
    if text == "" or (text.isascii() and text.isdigit() and len(text) <= 4):
        return int(text) if text else None
    problems.append("The age of answers is a number of days.")
    return usual


def _money(text: str, problems: list[str]) -> int | None:
    if not text.strip():
        return None
    try:
        amount = Decimal(text.strip().replace(",", ""))
    except InvalidOperation:
        amount = Decimal("nan")
    if not amount.is_finite() or not 0 <= amount <= _MOST_MONEY:
        problems.append(f"“{text[:20]}” is no sum of money, such as 25.00.")
        return None
    return int(amount * MICROS)


def _account(text: str, accounts: Sequence[ProviderAccount]) -> ProviderAccount | None:
    """The chosen one, else the first that can be asked, else the first."""
    chosen = [one for one in accounts if str(one.pk) == text]
    ready = [one for one in accounts if one.state == ProviderAccount.State.OK]
    return next(iter([*chosen, *ready, *accounts]), None)
