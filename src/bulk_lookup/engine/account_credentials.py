"""Credentials that a person puts in: tried at the provider first, kept only once it has accepted them.

Everything here waits for the provider, so it is called outside a scope and opens short ones itself.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.utils import timezone

from bulk_lookup.core.failure import Failure, FailureReason
from bulk_lookup.core.retry import ACCOUNT_HALTS
from bulk_lookup.engine.credentials import keep_account, provider_of, time_outs
from bulk_lookup.engine.release_account import release_account
from bulk_lookup.lib.encryption import CannotDecrypt, decrypt, encrypt
from bulk_lookup.models import ProviderAccount, Run, RunMoved
from bulk_lookup.models.run import AccountHalted
from bulk_lookup.models.scope import organization_scope
from bulk_lookup.providers.base import AccountCheck, Balance, Provider, ProviderError
from bulk_lookup.providers.registry import connect


class AccountRefused(Exception):
    """Nothing was kept: the provider, or a rule of ours, says no. The message is a sentence, `reason` its word."""

    def __init__(self, reason: FailureReason, sentence: str, *, failure: Failure | None = None) -> None:
        super().__init__(sentence)
        self.reason = reason
        self.failure = failure


class AccountKnown(Exception):
    """The organization has this account already; `name` is what it is called there."""

    def __init__(self, name: str) -> None:
        super().__init__(f"This account is here already, as {name}.")
        self.name = name


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What signs in: the account's token, or with `key_sid` the secret of that API key. `url` is that of a simulator."""

    account_sid: str
    secret: str = field(repr=False)
    key_sid: str = ""
    region: str = ""
    edge: str = ""
    url: str = ""

    def as_environment(self) -> Mapping[str, str]:
        """Under the names by which providers read them."""
        return {
            "TWILIO_ACCOUNT_SID": self.account_sid,
            "TWILIO_AUTH_TOKEN": "" if self.key_sid else self.secret,
            "TWILIO_API_KEY": self.key_sid,
            "TWILIO_API_SECRET": self.secret if self.key_sid else "",
            "TWILIO_REGION": self.region,
            "TWILIO_EDGE": self.edge,
            "BULK_LOOKUP_TWILIO_URL": self.url,
        }


def add_account(organization_id: int, credentials: Credentials, *, name: str = "") -> ProviderAccount:
    """A new account, once its provider has accepted the credentials; without a name it is called as there.

    Raises AccountRefused, and AccountKnown where the organization has an account of this SID.
    """
    check = _accepted(connect("twilio", credentials.as_environment(), time_outs=time_outs()))
    if credentials.url and not check.simulated:
        raise AccountRefused(FailureReason.SIMULATION_MIXED, "What answers at this address is no simulator.")
    with organization_scope(organization_id):
        known = ProviderAccount.objects.filter(account_sid=credentials.account_sid, simulated=check.simulated).first()
        if known is not None:
            raise AccountKnown(known.name)
        called = name or check.name or ("Simulator" if check.simulated else "Twilio")
        account = keep_account(organization_id, credentials.as_environment(), simulated=check.simulated, name=called)
        account.secret_set_at = account.checked_at = timezone.now()
        account.save(update_fields=["secret_set_at", "checked_at"])
        return account


def replace_credentials(organization_id: int, account_id: int, credentials: Credentials) -> ProviderAccount:
    """Other credentials for the same account; a halt stays until somebody resumes. Raises AccountRefused, AccountKnown."""
    account = _read(organization_id, account_id)
    if credentials.account_sid != account.account_sid:
        raise AccountRefused(FailureReason.ACCOUNT_CREDENTIALS, "These are the credentials of another account.")
    _refuse_mixed(account, _accepted(connect("twilio", credentials.as_environment(), time_outs=time_outs())))
    with organization_scope(organization_id):
        same = ProviderAccount.objects.filter(
            provider=account.provider,
            account_sid=account.account_sid,
            key_sid=credentials.key_sid,
            base_url=account.base_url,
            simulated=account.simulated,
        )
        other = same.exclude(pk=account.pk).first()
        if other is not None:
            raise AccountKnown(other.name)
        account.key_sid = credentials.key_sid
        account.secret = encrypt(credentials.secret, settings.SECRET_KEY)
        account.region, account.edge = credentials.region, credentials.edge
        account.ask_at = credentials.url
        account.secret_set_at = account.checked_at = timezone.now()
        account.save(
            update_fields=[
                "key_sid", "secret", "region", "edge", "ask_at", "secret_set_at", "checked_at", "updated_at",
            ]
        )  # fmt: skip
    return account


def move_account(organization_id: int, account_id: int, *, region: str, edge: str) -> ProviderAccount:
    """Ask from another region or edge on, where the same credentials are accepted there. Raises AccountRefused."""
    account = _read(organization_id, account_id)
    kept = Credentials(
        account_sid=account.account_sid,
        secret=_secret(account),
        key_sid=account.key_sid,
        region=region,
        edge=edge,
        url=account.ask_at,
    )
    _refuse_mixed(account, _accepted(connect("twilio", kept.as_environment(), time_outs=time_outs())))
    with organization_scope(organization_id):
        account.region, account.edge, account.checked_at = region, edge, timezone.now()
        account.save(update_fields=["region", "edge", "checked_at", "updated_at"])
    return account


def check_account(organization_id: int, account_id: int) -> tuple[AccountCheck, Balance | None]:
    """Try the kept credentials, at no cost; what is left on the account, None where the provider does not tell.

    Raises AccountRefused; that a test has passed is kept, and that one has not.
    """
    account = _read(organization_id, account_id)
    accepted = False
    try:
        check, balance = asyncio.run(_ask(_kept(account), balance=True))
        _refuse_mixed(account, check)
        accepted = True
    finally:
        with organization_scope(organization_id):
            checked_at = timezone.now() if accepted else None
            ProviderAccount.objects.filter(pk=account.pk).update(checked_at=checked_at)
    return check, balance


def resume_account(organization_id: int, account_id: int) -> list[Run]:
    """Take the halt away, where the provider accepts the account, and let the runs go on that it had paused.

    Raises CannotRelease. A run that somebody has moved in the meantime is left alone.
    """
    release_account(organization_id, account_id)
    with organization_scope(organization_id):
        ProviderAccount.objects.filter(pk=account_id).update(checked_at=timezone.now())
        return [run for run in paused_runs(account_id) if _resumed(run)]


def paused_runs(account_id: int) -> list[Run]:
    """The runs that the account's halt has paused, the oldest first; call it inside the scope."""
    halted = Run.objects.filter(provider_account_id=account_id, state=Run.State.PAUSED, reason__in=ACCOUNT_HALTS)
    return list(halted.order_by("pk"))


def _resumed(run: Run) -> bool:
    try:
        with organization_scope(run.organization_id):  # a savepoint: one run that has moved leaves the others alone
            run.resume()
    except (RunMoved, AccountHalted):
        return False
    return True


def _read(organization_id: int, account_id: int) -> ProviderAccount:
    with organization_scope(organization_id):
        return ProviderAccount.objects.get(pk=account_id)


def _secret(account: ProviderAccount) -> str:
    try:
        return decrypt(bytes(account.secret), settings.SECRET_KEY)
    except CannotDecrypt as error:
        raise _unreadable() from error


def _kept(account: ProviderAccount) -> Provider:
    try:
        return provider_of(account)
    except CannotDecrypt as error:
        raise _unreadable() from error


def _unreadable() -> AccountRefused:
    return AccountRefused(
        FailureReason.ACCOUNT_CREDENTIALS,
        "What is kept cannot be read: the secret key of this installation is another one now. Replace the credentials.",
    )


def _refuse_mixed(account: ProviderAccount, check: AccountCheck) -> None:
    if check.simulated != account.simulated:
        was, now = ("simulated", "real") if account.simulated else ("real", "simulated")
        raise AccountRefused(
            FailureReason.SIMULATION_MIXED,
            f"The account is {was}, and what answers now is {now}. They are never mixed.",
        )


def _accepted(provider: Provider) -> AccountCheck:
    return asyncio.run(_ask(provider, balance=False))[0]


async def _ask(provider: Provider, *, balance: bool) -> tuple[AccountCheck, Balance | None]:
    async with provider:
        try:
            check = await provider.check_account()
        except ProviderError as error:
            raise AccountRefused(error.reason, str(error), failure=error.failure) from error
        return check, await provider.balance() if balance else None
