"""The account a command asks with: the simulator's, or the one that the environment names."""

import asyncio
from typing import TYPE_CHECKING

from bulk_lookup.cli.exits import BAD_INPUT, STOPPED, Stop
from bulk_lookup.cli.processes import Processes

if TYPE_CHECKING:
    from bulk_lookup.models import Organization, ProviderAccount
    from bulk_lookup.providers.base import AccountCheck, Balance


def check_credentials(*, simulate: bool, spends: bool) -> None:
    """Say at once, before anything is read, that there is nothing to sign in with. Raises CredentialsMissing."""
    if simulate or not spends:
        return
    from bulk_lookup.environment import read_environment
    from bulk_lookup.providers.base import CredentialsMissing
    from bulk_lookup.providers.twilio.credentials import TwilioCredentials

    values = {name: str(one.value) for name, one in read_environment().items() if isinstance(one.value, str)}
    try:
        TwilioCredentials.from_environment(values)
    except CredentialsMissing as error:
        raise Stop(
            BAD_INPUT, f"{error} To try everything without an account and without cost, add --simulate."
        ) from error


def simulated_account(organization: "Organization", processes: Processes) -> "ProviderAccount":
    """An account at a simulator of our own, which is started."""
    from bulk_lookup.engine.credentials import keep_account
    from bulk_lookup.models.scope import organization_scope
    from bulk_lookup.simulator.accounts import SIMULATED_ACCOUNT_SID, SIMULATED_AUTH_TOKEN

    url = processes.start_simulator()
    environment = {
        "TWILIO_ACCOUNT_SID": SIMULATED_ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": SIMULATED_AUTH_TOKEN,
        "BULK_LOOKUP_TWILIO_URL": url,
    }
    with organization_scope(organization.pk):
        return keep_account(organization.pk, environment, simulated=True, name="Simulator")


def real_account(organization: "Organization", *, optional: bool = False) -> "ProviderAccount | None":
    """The account of the environment's credentials, checked; None where it is `optional` and not set."""
    from bulk_lookup.engine.credentials import configured_credentials, keep_account
    from bulk_lookup.models.scope import organization_scope
    from bulk_lookup.providers.base import CredentialsMissing

    credentials = configured_credentials()
    try:
        check = asyncio.run(_check(credentials))
    except CredentialsMissing:
        if optional:
            return None
        raise
    note_others(check.key, check.concurrent_requests)
    with organization_scope(organization.pk):
        return keep_account(organization.pk, credentials, simulated=check.simulated, name=check.name)


def note_others(account_key: str, concurrent: int | None) -> None:
    """Keep how many requests on the account are not ours, as the check (itself one of them) was told."""
    from bulk_lookup.models import AccountAllowance

    if concurrent is not None:
        AccountAllowance.objects.update_or_create(
            account_key=account_key, defaults={"foreign_in_flight": max(0, concurrent - 1)}
        )


def others_in_flight(account: "ProviderAccount") -> int:
    """Requests of other programs on the account, as last seen."""
    from bulk_lookup.models import AccountAllowance

    found = AccountAllowance.objects.filter(account_key=account.account_key).first()
    return found.foreign_in_flight if found is not None else 0


async def money_left(account: "ProviderAccount") -> "Balance | None":
    """What is left on the account, None where nobody tells."""
    from bulk_lookup.engine.credentials import provider_of

    async with provider_of(account) as provider:
        return await provider.balance()


async def _check(credentials: dict[str, str]) -> "AccountCheck":
    from bulk_lookup.providers.base import ProviderError
    from bulk_lookup.providers.registry import connect

    async with connect("twilio", credentials) as provider:
        try:
            return await provider.check_account()
        except ProviderError as error:
            raise Stop(STOPPED, str(error), reason=error.reason.value) from error
