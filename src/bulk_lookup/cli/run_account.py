"""The account of a run that is to go on: checked again first, since what halted it may be mended by now, or not."""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from bulk_lookup.cli.accounts import simulated_account
from bulk_lookup.cli.exits import BAD_INPUT, STOPPED, Stop
from bulk_lookup.cli.processes import Processes

if TYPE_CHECKING:
    from bulk_lookup.models import Organization, ProviderAccount, Run


def renew_account(organization: "Organization", run: "Run", processes: Processes) -> None:
    """Make sure that the run's account can be asked: with the environment's credentials where they are the account's
    own, else with those that are kept. A simulator that has gone is started anew. Raises Stop with a sentence.
    """
    from bulk_lookup.core.failure import FailureReason
    from bulk_lookup.engine.credentials import configured_credentials
    from bulk_lookup.engine.release_account import CannotRelease, release_account
    from bulk_lookup.models import ProviderAccount
    from bulk_lookup.models.scope import organization_scope

    with organization_scope(organization.pk):
        account = ProviderAccount.objects.get(id=run.provider_account_id)
    configured = configured_credentials()
    ours = configured["TWILIO_ACCOUNT_SID"] == account.account_sid
    if not ours and _is_built_in(account) and not asyncio.run(_is_simulator(account)):
        simulated_account(organization, processes)
        return
    try:
        account = release_account(organization.pk, account.pk, credentials=configured if ours else None)
    except CannotRelease as error:
        if error.reason is FailureReason.SIMULATION_MIXED:
            raise Stop(BAD_INPUT, f"Run {run.pk} cannot go on. {error}") from error
        sentence = f"{error} Nothing was changed; the run stands where it stood."
        raise Stop(STOPPED, sentence, reason=error.reason.value) from error
    with organization_scope(organization.pk):
        type(run).objects.filter(id=run.pk).update(provider_account_id=account.pk)
        run.provider_account_id = account.pk


def _is_built_in(account: "ProviderAccount") -> bool:
    """Whether a simulator of ours may stand in for the one that is gone: the same SID, the same invented answers."""
    from bulk_lookup.simulator.accounts import SIMULATED_ACCOUNT_SID

    return account.simulated and account.account_sid == SIMULATED_ACCOUNT_SID and not account.key_sid


async def _is_simulator(account: "ProviderAccount") -> bool:
    from bulk_lookup.engine.credentials import provider_of
    from bulk_lookup.lib.encryption import CannotDecrypt
    from bulk_lookup.providers.base import ProviderError

    with suppress(ProviderError, CannotDecrypt):
        async with provider_of(account) as provider:
            return (await provider.check_account()).simulated
    return False
