"""The account of a run that is to go on: checked again, mended, or started anew."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from cli_stage import Account, RealAccount
from django.conf import settings

from bulk_lookup.cli.exits import Stop
from bulk_lookup.cli.processes import Processes
from bulk_lookup.cli.run_account import renew_account
from bulk_lookup.environment import read_environment
from bulk_lookup.models.scope import organization_scope
from bulk_lookup.simulator.accounts import SIMULATED_ACCOUNT_SID, SIMULATED_AUTH_TOKEN

if TYPE_CHECKING:
    from bulk_lookup.models import Organization, ProviderAccount, Run

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Set the environment's settings: none at first."""

    def configure(**values: str) -> None:
        monkeypatch.setattr(settings, "VALUES", read_environment(values, dotenv=None))

    configure()
    return configure


@pytest.fixture
def paused(organization: "Organization", environment: object) -> Callable[..., "Run"]:
    """A paused run at an account with these credentials, which was halted."""

    def make(credentials: dict[str, str], *, simulated: bool = True) -> "Run":
        from bulk_lookup.engine.credentials import keep_account
        from bulk_lookup.models import ContactList, Run

        with organization_scope(organization.pk):
            account = keep_account(organization.pk, credentials, simulated=simulated, name="Account")
            type(account).objects.filter(pk=account.pk).update(state="halted", reason="account_credentials")
            return Run.objects.create(
                organization=organization,
                contact_list_id=ContactList.objects.create(organization=organization, name="list").pk,
                provider_account_id=account.pk,
                packages=["basic"],
                simulated=simulated,
                state="paused",
                reason="account_credentials",
            )

    return make


def account_of(run: "Run") -> "ProviderAccount":
    from bulk_lookup.models import ProviderAccount

    with organization_scope(run.organization_id):
        run.refresh_from_db()
        return ProviderAccount.objects.get(pk=run.provider_account_id)


def at(url: str) -> dict[str, str]:
    return {
        "TWILIO_ACCOUNT_SID": SIMULATED_ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": SIMULATED_AUTH_TOKEN,
        "BULK_LOOKUP_TWILIO_URL": url,
    }


def test_a_simulator_that_is_gone_is_started_anew(organization: "Organization", paused: Callable[..., "Run"]) -> None:
    run = paused(at("http://127.0.0.1:1"))
    before = account_of(run)
    processes = Processes()
    try:
        renew_account(organization, run, processes)
        account = account_of(run)
    finally:
        processes.stop()

    assert (account.pk, account.state) == (before.pk, "ok")
    assert account.ask_at not in ("", "http://127.0.0.1:1")


def test_a_simulator_that_lives_is_kept(
    organization: "Organization", paused: Callable[..., "Run"], simulator_url: str
) -> None:
    run = paused(at(simulator_url))

    renew_account(organization, run, Processes())

    assert (account_of(run).ask_at, account_of(run).state) == (simulator_url, "ok")


def test_credentials_that_are_kept_are_checked_and_the_halt_is_lifted(
    organization: "Organization", paused: Callable[..., "Run"], own_account: Account
) -> None:
    run = paused(own_account.settings)

    renew_account(organization, run, Processes())

    assert (account_of(run).state, account_of(run).reason) == ("ok", "")


def test_credentials_of_the_environment_take_the_place_of_those_kept(
    organization: "Organization", paused: Callable[..., "Run"], own_account: Account, environment: Callable[..., None]
) -> None:
    run = paused(own_account.settings | {"TWILIO_AUTH_TOKEN": "of last year"})
    with pytest.raises(Stop, match="does not accept the credentials"):
        renew_account(organization, run, Processes())
    assert account_of(run).state == "halted"

    environment(**own_account.settings)
    renew_account(organization, run, Processes())

    assert account_of(run).state == "ok"
    environment()
    renew_account(organization, run, Processes())  # they are kept now


def test_another_accounts_credentials_are_left_alone(
    organization: "Organization", paused: Callable[..., "Run"], own_account: Account, environment: Callable[..., None]
) -> None:
    run = paused(own_account.settings)
    environment(**(own_account.settings | {"TWILIO_ACCOUNT_SID": f"AC{0x9999:032x}", "TWILIO_AUTH_TOKEN": "wrong"}))

    renew_account(organization, run, Processes())

    assert account_of(run).account_sid == own_account.sid


def test_a_simulated_run_never_goes_on_at_a_real_account(
    organization: "Organization",
    paused: Callable[..., "Run"],
    real_account: RealAccount,
    environment: Callable[..., None],
) -> None:
    run = paused(real_account.settings, simulated=True)
    environment(**real_account.settings)

    with pytest.raises(Stop, match=r"is simulated, and what answers .* is real: the two are never mixed") as stopped:
        renew_account(organization, run, Processes())

    assert stopped.value.code == 2


def test_a_key_of_the_same_account_takes_the_place_of_its_token(
    organization: "Organization", paused: Callable[..., "Run"], own_account: Account, environment: Callable[..., None]
) -> None:
    run = paused(own_account.settings | {"TWILIO_AUTH_TOKEN": "withdrawn"})
    key: dict[str, Any] = {"TWILIO_API_KEY": f"SK{int(own_account.sid[2:], 16):032x}", "TWILIO_API_SECRET": "simulated"}
    environment(**(own_account.settings | {"TWILIO_AUTH_TOKEN": ""} | key))

    renew_account(organization, run, Processes())

    assert account_of(run).key_sid == key["TWILIO_API_KEY"]
    assert account_of(run).account_sid == own_account.sid
