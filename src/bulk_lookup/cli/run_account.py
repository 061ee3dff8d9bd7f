"""The account of a run that is to go on: checked again first, since what halted it may be mended by now, or not."""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from bulk_lookup.cli.accounts import simulated_account
from bulk_lookup.cli.exits import BAD_INPUT, STOPPED, Stop
from bulk_lookup.cli.processes import Processes

if TYPE_CHECKING:
    from bulk_lookup.models import Organization, ProviderAccount, Run
    from bulk_lookup.providers.base import AccountCheck, Provider


def renew_account(organization: "Organization", run: "Run", processes: Processes) -> None:
    """Make sure that the run's account can be asked: with the environment's credentials where they are the account's
    own, else with those that are kept. A simulator that has gone is started anew. Raises Stop with a sentence.
    """
    from bulk_lookup.engine.credentials import configured_credentials, keep_account, provider_of
    from bulk_lookup.models import ProviderAccount
    from bulk_lookup.models.scope import organization_scope
    from bulk_lookup.providers.registry import connect

    with organization_scope(organization.pk):
        account = ProviderAccount.objects.get(id=run.provider_account_id)
    configured = configured_credentials()
    ours = configured["TWILIO_ACCOUNT_SID"] == account.account_sid
    if not ours and _is_built_in(account) and not asyncio.run(_is_simulator(provider_of(account))):
        simulated_account(organization, processes)
        return
    check = asyncio.run(_checked(connect("twilio", configured) if ours else provider_of(account)))
    if check.simulated != run.simulated:
        kinds = ("simulated", "real") if run.simulated else ("real", "simulated")
        raise Stop(
            BAD_INPUT,
            f"Run {run.pk} is {kinds[0]}, and what answers at the account's address now is {kinds[1]}: the two are "
            "never mixed. Look at BULK_LOOKUP_TWILIO_URL.",
        )
    with organization_scope(organization.pk):
        if ours:
            account = keep_account(organization.pk, configured, simulated=check.simulated, name=check.name)
        type(run).objects.filter(id=run.pk).update(provider_account_id=account.pk)
        ProviderAccount.objects.filter(id=account.pk).update(state=ProviderAccount.State.OK, reason="")


def _is_built_in(account: "ProviderAccount") -> bool:
    """Whether a simulator of ours may stand in for the one that is gone: the same SID, the same invented answers."""
    from bulk_lookup.simulator.accounts import SIMULATED_ACCOUNT_SID

    return account.simulated and account.account_sid == SIMULATED_ACCOUNT_SID and not account.key_sid


async def _is_simulator(provider: "Provider") -> bool:
    from bulk_lookup.providers.base import ProviderError

    async with provider:
        with suppress(ProviderError):
            return (await provider.check_account()).simulated
    return False


async def _checked(provider: "Provider") -> "AccountCheck":
    from bulk_lookup.providers.base import ProviderError

    async with provider:
        try:
            return await provider.check_account()
        except ProviderError as error:
            raise Stop(STOPPED, f"{error} Nothing was changed; the run stands where it stood.") from error
