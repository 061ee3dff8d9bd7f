"""Taking the halt from an account: only after its provider has accepted the credentials once more."""

import asyncio
from collections.abc import Mapping

from bulk_lookup.core.failure import FailureReason
from bulk_lookup.engine.credentials import keep_account, provider_of
from bulk_lookup.lib.encryption import CannotDecrypt
from bulk_lookup.models import ProviderAccount
from bulk_lookup.models.scope import organization_scope
from bulk_lookup.providers.base import AccountCheck, Provider, ProviderError
from bulk_lookup.providers.registry import connect


class CannotRelease(Exception):
    """The account stays as it was; the message is a sentence for the user, `reason` the word of what was found."""

    def __init__(self, reason: FailureReason, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


def release_account(
    organization_id: int, provider_account_id: int, *, credentials: Mapping[str, str] | None = None
) -> ProviderAccount:
    """Sign in at the provider and take the halt away; call it outside a scope, it waits for the provider.

    `credentials` are other ones of the same account, by variable: they are checked in place of those kept, and kept. A key
    in place of a token is an account of its own here, so look at what is returned. A halt for what the check cannot see
    (Lookup switched off, a trial's limit) comes back with the first request. Raises CannotRelease, and
    CredentialsMissing where `credentials` are not whole.
    """
    with organization_scope(organization_id):
        account = ProviderAccount.objects.get(id=provider_account_id)
    if credentials is not None and credentials["TWILIO_ACCOUNT_SID"] != account.account_sid:
        raise CannotRelease(FailureReason.ACCOUNT_CREDENTIALS, "These are the credentials of another account.")
    check = asyncio.run(_check(_provider(account, credentials)))
    if check.simulated != account.simulated:
        kinds = ("simulated", "real") if account.simulated else ("real", "simulated")
        raise CannotRelease(
            FailureReason.SIMULATION_MIXED,
            f"The account is {kinds[0]}, and what answers at its address now is {kinds[1]}: the two are never mixed. "
            "Look at BULK_LOOKUP_TWILIO_URL.",
        )
    with organization_scope(organization_id):
        if credentials is not None:
            return keep_account(organization_id, credentials, simulated=check.simulated, name=check.name)
        ProviderAccount.objects.filter(id=account.pk).update(state=ProviderAccount.State.OK, reason="")
        account.refresh_from_db()
        return account


def _provider(account: ProviderAccount, credentials: Mapping[str, str] | None) -> Provider:
    if credentials is not None:
        return connect("twilio", credentials)
    try:
        return provider_of(account)
    except CannotDecrypt as error:
        raise CannotRelease(
            FailureReason.ACCOUNT_CREDENTIALS, f"The account's credentials cannot be read: {error}."
        ) from error


async def _check(provider: Provider) -> AccountCheck:
    async with provider:
        try:
            return await provider.check_account()
        except ProviderError as error:
            raise CannotRelease(error.reason, str(error)) from error
