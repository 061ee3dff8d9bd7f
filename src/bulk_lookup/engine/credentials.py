"""Accounts at providers: kept with an encrypted secret, opened as a provider that asks."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from psycopg.rows import dict_row

from bulk_lookup.engine.database import Pool
from bulk_lookup.lib.encryption import decrypt, encrypt
from bulk_lookup.models import ProviderAccount
from bulk_lookup.models.scope import async_organization_scope
from bulk_lookup.providers.base import Provider, TimeOuts, account_key
from bulk_lookup.providers.registry import connect

# A credential's variables, as the providers read them; the secret is that of the key where there is one.
_SID, _TOKEN, _KEY, _SECRET = "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_API_KEY", "TWILIO_API_SECRET"
_REGION, _EDGE, _URL = "TWILIO_REGION", "TWILIO_EDGE", "BULK_LOOKUP_TWILIO_URL"


def configured_credentials() -> dict[str, str]:
    """The credentials that stand in the environment or in `.env`, by variable; empty values where nothing is set."""
    return {name: settings.VALUES[name].value for name in (_SID, _TOKEN, _KEY, _SECRET, _REGION, _EDGE, _URL)}


def keep_account(
    organization_id: int, environment: Mapping[str, str], *, simulated: bool, name: str
) -> ProviderAccount:
    """The account of these credentials, made or brought up to date; call it inside the organization's scope.

    Its name and its limits stay as they were last chosen, but for a limit that the environment names.
    """
    key_sid = environment.get(_KEY, "")
    limits = {
        "ceiling": settings.VALUES["BULK_LOOKUP_MAX_IN_FLIGHT"],
        "requests_per_second": settings.VALUES["BULK_LOOKUP_REQUESTS_PER_SECOND"],
    }
    kept = {
        "secret": encrypt(environment[_SECRET if key_sid else _TOKEN], settings.SECRET_KEY),
        "region": environment.get(_REGION, ""),
        "edge": environment.get(_EDGE, ""),
        "account_key": account_key(environment[_SID]),
        "ask_at": environment.get(_URL, ""),
        "state": ProviderAccount.State.OK,
        "reason": "",
    }
    account, _ = ProviderAccount.objects.update_or_create(
        organization_id=organization_id,
        provider="twilio",
        account_sid=environment[_SID],
        key_sid=key_sid,
        # The simulator's port differs each time, and it is one account all the same.
        base_url="" if simulated else environment.get(_URL, ""),
        simulated=simulated,
        defaults=kept | {name: limit.value for name, limit in limits.items() if limit.origin != "default"},
        create_defaults=kept | {"name": name} | {name: limit.value for name, limit in limits.items()},
    )
    return account


def provider_of(account: ProviderAccount) -> Provider:
    """A provider that asks with this account's credentials; opens no connection yet."""
    return _connect(
        account.account_sid,
        account.key_sid,
        bytes(account.secret),
        account.region,
        account.edge,
        account.ask_at,
        account.simulated,
    )


async def open_provider(pool: Pool, organization_id: int, provider_account_id: int) -> Provider:
    """The same, read on the engine's own connections."""
    async with async_organization_scope(pool, organization_id) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(
            "select * from provider_account where organization_id = %s and id = %s",
            [organization_id, provider_account_id],
        )
        row: dict[str, Any] | None = await cursor.fetchone()
    if row is None:
        raise LookupError(f"There is no provider account {provider_account_id}.")
    return _connect(
        row["account_sid"], row["key_sid"], row["secret"], row["region"], row["edge"], row["ask_at"], row["simulated"]
    )


def _connect(
    account_sid: str, key_sid: str, secret: bytes, region: str, edge: str, url: str, simulated: bool
) -> Provider:
    plain = decrypt(secret, settings.SECRET_KEY)
    environment = {
        _SID: account_sid,
        _TOKEN: "" if key_sid else plain,
        _KEY: key_sid,
        _SECRET: plain if key_sid else "",
        _REGION: region,
        _EDGE: edge,
        _URL: url,
    }
    return connect("twilio", environment, simulated=simulated, time_outs=time_outs())


def time_outs() -> TimeOuts:
    """How long to wait for the provider, as set."""
    values = settings.VALUES
    return TimeOuts(
        connect=values["BULK_LOOKUP_CONNECT_TIMEOUT"].value,
        answer=values["BULK_LOOKUP_READ_TIMEOUT"].value,
        slow_answer=values["BULK_LOOKUP_SLOW_READ_TIMEOUT"].value,
    )
