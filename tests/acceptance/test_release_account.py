"""An account is released only after its provider has accepted it once more."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from simulator_control import Simulator

from bulk_lookup.core.failure import FailureReason

if TYPE_CHECKING:
    from bulk_lookup.models import Organization, ProviderAccount

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def halted(organization: "Organization") -> Callable[..., "ProviderAccount"]:
    """An account at this simulator that was halted."""
    from bulk_lookup.engine.credentials import keep_account
    from bulk_lookup.models.scope import organization_scope

    def make(simulator: Simulator, *, simulated: bool = True, **credentials: str) -> "ProviderAccount":
        with organization_scope(organization.pk):
            environment = simulator.environment() | credentials
            account = keep_account(organization.pk, environment, simulated=simulated, name="Account")
            account.state, account.reason = "halted", "account_credentials"
            account.save()
            return account

    return make


def state_of(account: "ProviderAccount") -> tuple[str, str]:
    from bulk_lookup.models.scope import organization_scope

    with organization_scope(account.organization_id):
        account.refresh_from_db()
    return account.state, account.reason


def test_an_account_that_is_accepted_again_is_released(
    simulator: Callable[..., Simulator], halted: Callable[..., "ProviderAccount"]
) -> None:
    from bulk_lookup.engine.release_account import release_account

    account = halted(simulator())

    released = release_account(account.organization_id, account.pk)

    assert (released.pk, released.state) == (account.pk, "ok")
    assert state_of(account) == ("ok", "")


def test_an_account_that_is_still_refused_stays_halted(
    simulator: Callable[..., Simulator], halted: Callable[..., "ProviderAccount"]
) -> None:
    from bulk_lookup.engine.release_account import CannotRelease, release_account

    account = halted(simulator(account_fault="20003"))

    with pytest.raises(CannotRelease, match="Twilio does not accept the credentials") as refused:
        release_account(account.organization_id, account.pk)

    assert refused.value.reason is FailureReason.ACCOUNT_CREDENTIALS
    assert state_of(account) == ("halted", "account_credentials")


def test_new_credentials_are_checked_and_kept(
    simulator: Callable[..., Simulator], halted: Callable[..., "ProviderAccount"]
) -> None:
    from bulk_lookup.engine.release_account import CannotRelease, release_account

    provider = simulator()
    account = halted(provider, TWILIO_AUTH_TOKEN="of last year")
    with pytest.raises(CannotRelease):
        release_account(account.organization_id, account.pk)

    release_account(account.organization_id, account.pk, credentials=provider.environment())

    assert state_of(account) == ("ok", "")
    assert release_account(account.organization_id, account.pk).state == "ok", "they are those that are kept now"


def test_credentials_of_another_account_are_refused(
    simulator: Callable[..., Simulator], halted: Callable[..., "ProviderAccount"]
) -> None:
    from bulk_lookup.engine.release_account import CannotRelease, release_account

    provider = simulator()
    account = halted(provider)
    others = provider.environment() | {"TWILIO_ACCOUNT_SID": f"AC{0x77:032x}"}

    with pytest.raises(CannotRelease, match="of another account"):
        release_account(account.organization_id, account.pk, credentials=others)

    assert state_of(account)[0] == "halted"


def test_a_real_account_is_never_released_by_a_simulator(
    simulator: Callable[..., Simulator], halted: Callable[..., "ProviderAccount"]
) -> None:
    from bulk_lookup.engine.release_account import CannotRelease, release_account

    account = halted(simulator(), simulated=False)

    with pytest.raises(CannotRelease, match=r"is real, and what answers .* is simulated") as refused:
        release_account(account.organization_id, account.pk)

    assert refused.value.reason is FailureReason.SIMULATION_MIXED
    assert state_of(account)[0] == "halted"


def test_credentials_that_cannot_be_read_are_one_sentence(
    simulator: Callable[..., Simulator], halted: Callable[..., "ProviderAccount"]
) -> None:
    from bulk_lookup.engine.release_account import CannotRelease, release_account
    from bulk_lookup.models.scope import organization_scope

    account = halted(simulator())
    with organization_scope(account.organization_id):
        type(account).objects.update(secret=b"encrypted with a key that is gone")

    with pytest.raises(CannotRelease, match="credentials cannot be read"):
        release_account(account.organization_id, account.pk)
