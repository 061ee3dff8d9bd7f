"""What the page of provider accounts shows of each: its limits, what it has done this month, and why it stands still."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Sum
from django.utils import timezone

from bulk_lookup.core.renewal import ACCOUNT, AccountRow
from bulk_lookup.engine.account_credentials import paused_runs
from bulk_lookup.models import AccountAllowance, Organization, ProviderAccount, Run
from bulk_lookup.web.settings.account_forms import LimitsForm
from bulk_lookup.web.settings.account_words import Halt, halt_of
from bulk_lookup.web.templatetags.figures import money_text


@dataclass(frozen=True, slots=True)
class Happening:
    """A line of what happened to an account."""

    at: datetime
    words: str
    icon: str
    tint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One account. `measured` is its limit as last found out, None while nothing was asked."""

    account: ProviderAccount
    form: LimitsForm
    use: str
    measured: int | None
    measured_at: datetime | None
    halt: Halt | None
    paused: list[Run]
    problem: str

    @property
    def sid(self) -> str:
        """Enough of the SID to know it by."""
        return f"{self.account.account_sid[:4]}…{self.account.account_sid[-4:]}"

    @property
    def secret_set_at(self) -> datetime:
        """When a person put the secret in, else when the account was made."""
        return self.account.secret_set_at or self.account.created_at

    @property
    def may_resume(self) -> bool:
        """Whether a test has passed since the halt."""
        checked, halted = self.account.checked_at, self.account.halted_at
        return checked is not None and (halted is None or checked > halted)

    @property
    def measured_words(self) -> str:
        """The measured limit as text."""
        return f"{self.measured:,}" if self.measured is not None else ""

    @property
    def stopped_today(self) -> bool:
        """Whether the hour alone says when it was halted."""
        halted = self.account.halted_at
        return halted is not None and timezone.localtime(halted).date() == timezone.localdate()

    @property
    def numbers_left(self) -> int:
        """What the paused runs have not asked for yet."""
        return sum(run.numbers - run.settled for run in self.paused)

    @property
    def paused_words(self) -> str:
        """Run 38, or several of them."""
        names = [str(run.pk) for run in self.paused]
        return f"Run {names[0]}" if len(names) == 1 else f"Runs {', '.join(names[:-1])} and {names[-1]}"

    @property
    def lately(self) -> list[Happening]:
        """What happened to it, the newest first."""
        found: list[Happening] = []
        if self.halt is not None and self.account.halted_at is not None:
            also = f", {self.paused_words[0].lower()}{self.paused_words[1:]} paused" if self.paused else ""
            words = f"Halted: {self.halt.short} ({self.halt.code}){also}"
            found.append(Happening(self.account.halted_at, words, "octagon-alert", "tinted--failed"))
        if self.measured is not None and self.measured_at is not None:
            found.append(Happening(self.measured_at, f"Limit measured: {self.measured:,} requests at once", "gauge"))
        if self.account.checked_at is not None:
            found.append(
                Happening(self.account.checked_at, "Credentials accepted", "circle-check", "tinted--completed")
            )
        if self.account.secret_set_at is not None:
            found.append(Happening(self.account.secret_set_at, "Credentials put in", "key-round"))
        return sorted(found, key=lambda one: one.at, reverse=True)


def cards(
    organization: Organization, *, problem: tuple[int, str] = (0, ""), form: LimitsForm | None = None
) -> list[Card]:
    """All accounts, those that are halted first; `problem` stands in the card of its account, `form` in that of its own.

    Call it inside the scope: three queries, and one for each halted account.
    """
    accounts = list(ProviderAccount.objects.order_by("simulated", "pk"))
    accounts.sort(key=lambda one: one.state != ProviderAccount.State.HALTED)
    limits = _limits([one.account_key for one in accounts])
    uses = _uses(organization)
    return [
        Card(
            account=account,
            form=form if form is not None and form.account.pk == account.pk else LimitsForm(account=account),
            use=uses.get(account.pk, "not used this month"),
            measured=limits.get(account.account_key, (None, None))[0],
            measured_at=limits.get(account.account_key, (None, None))[1],
            halt=halt_of(account.reason) if account.state == ProviderAccount.State.HALTED else None,
            paused=paused_runs(account.pk) if account.state == ProviderAccount.State.HALTED else [],
            problem=problem[1] if problem[0] == account.pk else "",
        )
        for account in accounts
    ]


def _limits(keys: list[str]) -> dict[str, tuple[int, datetime]]:
    found: dict[str, tuple[int, datetime]] = {}
    for row in AccountAllowance.objects.filter(account_key__in=keys):
        allowance = AccountRow.from_json(row.state).allowances[ACCOUNT]
        if allowance.moved_at:
            found[row.account_key] = (allowance.limit, datetime.fromtimestamp(allowance.moved_at, UTC))
    return found


def _uses(organization: Organization) -> dict[int, str]:
    """ "used by 2 runs this month, 84.20 USD", by account; a month of the organization's own zone."""
    now = timezone.localtime(timezone=ZoneInfo(organization.time_zone))
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    rows: dict[int, list[dict[str, Any]]] = {}
    sums = Run.objects.filter(created_at__gte=first).values("provider_account_id", "currency")
    for row in sums.annotate(runs=Count("pk"), micros=Sum("spent_micros")).order_by("currency"):
        rows.setdefault(row["provider_account_id"], []).append(dict(row))
    return {account_id: _use(currencies) for account_id, currencies in rows.items()}


def _use(currencies: list[dict[str, Any]]) -> str:
    runs = sum(row["runs"] for row in currencies)
    money = " and ".join(f"{money_text(row['micros'])} {row['currency']}" for row in currencies)
    return f"used by {runs:,} run{'' if runs == 1 else 's'} this month, {money}"
