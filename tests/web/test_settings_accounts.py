"""Provider accounts: tried before they are kept, rotated, limited, and taken up again after a halt. At a real simulator."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from web_types import ClientOf

from bulk_lookup.engine.credentials import keep_account
from bulk_lookup.lib.encryption import decrypt
from bulk_lookup.models import ContactList, Organization, ProviderAccount, Run
from bulk_lookup.models.scope import organization_scope
from bulk_lookup.simulator.accounts import SIMULATED_ACCOUNT_SID, SIMULATED_API_KEY, SIMULATED_AUTH_TOKEN

pytestmark = pytest.mark.django_db

ACCOUNTS = "/settings/accounts"
TOKEN = SIMULATED_AUTH_TOKEN


@pytest.fixture(scope="module")
def simulator_url() -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "bulk_lookup.simulator", "--parent-pipe"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and process.stdin is not None
    yield process.stdout.readline().split()[-1]
    process.terminate()
    process.wait()
    process.stdout.close()
    process.stdin.close()


@pytest.fixture
def account(organization: Organization, simulator_url: str) -> ProviderAccount:
    return make_account(organization, simulator_url)


@pytest.fixture
def halted(account: ProviderAccount) -> ProviderAccount:
    """Halted an hour ago; run 1 was paused by it with 1,860 numbers left, another one by a person."""
    with organization_scope(account.organization_id):
        account.state, account.reason = "halted", "account_credentials"
        account.halted_at = timezone.now() - timedelta(hours=1)
        account.save()
        contact_list = ContactList.objects.create(organization_id=account.organization_id, name="Spring")
        for reason in ("account_credentials", "user"):
            Run.objects.create(
                organization_id=account.organization_id,
                contact_list_id=contact_list.pk,
                provider_account_id=account.pk,
                packages=["line_type_intelligence"],
                simulated=True,
                state="paused",
                reason=reason,
                numbers=2_000,
                done=140,
            )
    return account


def make_account(organization: Organization, url: str, *, token: str = TOKEN) -> ProviderAccount:
    with organization_scope(organization.pk):
        environment = {
            "TWILIO_ACCOUNT_SID": SIMULATED_ACCOUNT_SID,
            "TWILIO_AUTH_TOKEN": token,
            "BULK_LOOKUP_TWILIO_URL": url,
        }
        return keep_account(organization.pk, environment, simulated=True, name="Simulator")


def kept(account: ProviderAccount) -> ProviderAccount:
    with organization_scope(account.organization_id):
        return ProviderAccount.objects.get(pk=account.pk)


def accounts_of(organization: Organization) -> list[ProviderAccount]:
    with organization_scope(organization.pk):
        return list(ProviderAccount.objects.all())


def states(organization: Organization) -> dict[str, str]:
    """State by the reason for which a run was paused; what runs has none."""
    with organization_scope(organization.pk):
        return {run.state: run.reason for run in Run.objects.order_by("pk")}


def typed(url: str, /, **changes: str) -> dict[str, str]:
    return {"account_sid": SIMULATED_ACCOUNT_SID, "secret": TOKEN, "url": url, "name": "Trial"} | changes


def test_an_account_is_added_once_its_provider_accepts_it(
    client_of: ClientOf, organization: Organization, simulator_url: str
) -> None:
    answer = client_of("owner", staff=True).post(f"{ACCOUNTS}/new", typed(simulator_url))

    (account,) = accounts_of(organization)
    assert (answer.status_code, answer["Location"]) == (302, ACCOUNTS)
    assert (account.name, account.simulated, account.state) == ("Trial", True, "ok")
    assert account.secret_set_at is not None and account.checked_at is not None
    assert decrypt(bytes(account.secret), settings.SECRET_KEY) == TOKEN


def test_wrong_credentials_get_a_sentence_and_nothing_is_kept(
    client_of: ClientOf, organization: Organization, simulator_url: str
) -> None:
    answer = client_of("owner", staff=True).post(f"{ACCOUNTS}/new", typed(simulator_url, secret="wrong-and-secret"))

    assert answer.status_code == 422
    body = answer.content.decode()
    assert "Twilio does not accept these credentials." in body and "20003" in body
    assert "wrong-and-secret" not in body and "TWILIO_" not in body
    assert accounts_of(organization) == []


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("account_sid", "SK" + "0" * 32, "not the SID of an account"),
        ("account_sid", "AC<script>", "not the SID of an account"),
        ("key_sid", "AC" + "0" * 32, "not the SID of an API key"),
        ("edge", "evil.example.com/", "An edge is a word"),
        ("region", "evil.example.com", "Select a valid choice"),
        ("url", "file:///etc/passwd", "no address"),
        ("url", "http://user:password@127.0.0.1", "no address"),
        ("secret", "", "required"),
        ("secret", "naïve", "only letters, digits and signs"),
    ],
)
def test_nonsense_is_refused_before_anybody_is_asked(
    client_of: ClientOf, organization: Organization, field: str, value: str, words: str
) -> None:
    answer = client_of("owner", staff=True).post(f"{ACCOUNTS}/new", typed("http://127.0.0.1:9", **{field: value}))

    assert answer.status_code == 422 and words in answer.content.decode()
    assert "<script>" not in answer.content.decode().split("<main", 1)[1]
    assert accounts_of(organization) == []


def test_only_the_operator_may_name_an_address(client_of: ClientOf, account: ProviderAccount) -> None:
    owner = client_of("owner")

    assert 'name="url"' not in owner.get(f"{ACCOUNTS}/new").content.decode()
    assert 'name="url"' in client_of("owner", staff=True).get(f"{ACCOUNTS}/new").content.decode()
    # What is posted all the same is ignored: the account's own address is asked.
    owner.post(f"{ACCOUNTS}/{account.pk}/credentials", {"secret": TOKEN, "url": "http://127.0.0.1:9"})
    assert kept(account).ask_at == account.ask_at


def test_the_same_account_is_not_added_twice(client_of: ClientOf, account: ProviderAccount, simulator_url: str) -> None:
    answer = client_of("owner", staff=True).post(f"{ACCOUNTS}/new", typed(simulator_url))

    assert answer.status_code == 422 and "here already, as Simulator" in answer.content.decode()


def test_credentials_are_rotated_in_place(client_of: ClientOf, account: ProviderAccount) -> None:
    answer = client_of("admin").post(
        f"{ACCOUNTS}/{account.pk}/credentials", {"key_sid": SIMULATED_API_KEY, "secret": "simulated"}
    )

    now = kept(account)
    assert answer.status_code == 302
    assert (now.key_sid, now.account_sid) == (SIMULATED_API_KEY, account.account_sid)
    assert now.secret_set_at is not None


def test_rotating_to_wrong_ones_leaves_the_old(client_of: ClientOf, account: ProviderAccount) -> None:
    answer = client_of("admin").post(f"{ACCOUNTS}/{account.pk}/credentials", {"secret": "wrong"})

    assert answer.status_code == 422
    assert decrypt(bytes(kept(account).secret), settings.SECRET_KEY) == TOKEN


def test_a_secret_is_never_shown(client_of: ClientOf, organization: Organization, simulator_url: str) -> None:
    account = make_account(organization, simulator_url, token="a-very-secret-token")
    client = client_of("owner", staff=True)

    for address in (ACCOUNTS, f"{ACCOUNTS}/{account.pk}/credentials", f"{ACCOUNTS}/new"):
        body = client.get(address).content.decode()
        assert "a-very-secret-token" not in body and SIMULATED_ACCOUNT_SID not in body


def test_a_test_that_passes_is_kept_and_said(client_of: ClientOf, account: ProviderAccount) -> None:
    answer = client_of("admin").post(f"{ACCOUNTS}/{account.pk}/test", follow=True)

    assert "Simulator accepts the credentials" in answer.content.decode()
    assert kept(account).checked_at is not None


def test_a_test_that_fails_says_why(client_of: ClientOf, organization: Organization, simulator_url: str) -> None:
    account = make_account(organization, simulator_url, token="wrong")
    with organization_scope(organization.pk):
        ProviderAccount.objects.update(checked_at=timezone.now())

    answer = client_of("admin").post(f"{ACCOUNTS}/{account.pk}/test")

    assert answer.status_code == 422 and "does not accept these credentials" in answer.content.decode()
    assert kept(account).checked_at is None


def test_a_halted_account_says_what_happened_and_what_was_not_harmed(
    client_of: ClientOf, halted: ProviderAccount
) -> None:
    body = client_of("admin").get(ACCOUNTS).content.decode()

    for words in (
        "Twilio rejects the credentials of this account",
        "is paused with 1,860 numbers left",
        "No contact was marked failed, nothing more is spent.",
        "https://www.twilio.com/docs/api/errors/20003",
        "after a test that passes",
    ):
        assert words in body, words


def test_resume_is_off_until_a_test_passes(client_of: ClientOf, halted: ProviderAccount) -> None:
    client = client_of("admin")
    before = client.get(ACCOUNTS).content.decode()
    client.post(f"{ACCOUNTS}/{halted.pk}/test")
    after = client.get(ACCOUNTS).content.decode()

    assert f'disabled aria-describedby="resume-{halted.pk}"' in before
    assert f'disabled aria-describedby="resume-{halted.pk}"' not in after


def test_resuming_frees_the_account_and_the_runs_that_its_halt_paused(
    client_of: ClientOf, halted: ProviderAccount, organization: Organization
) -> None:
    answer = client_of("admin").post(f"{ACCOUNTS}/{halted.pk}/resumption")

    assert answer.status_code == 302
    assert kept(halted).state == "ok"
    assert states(organization) == {"running": "", "paused": "user"}


def test_resuming_with_refused_credentials_changes_nothing(
    client_of: ClientOf, halted: ProviderAccount, organization: Organization, simulator_url: str
) -> None:
    make_account(organization, simulator_url, token="wrong")
    with organization_scope(organization.pk):
        ProviderAccount.objects.update(state="halted", reason="account_credentials")

    answer = client_of("admin").post(f"{ACCOUNTS}/{halted.pk}/resumption")

    assert answer.status_code == 422 and "does not accept these credentials" in answer.content.decode()
    assert kept(halted).state == "halted" and states(organization) == {"paused": "user"}


def test_name_and_limits_are_changed(client_of: ClientOf, account: ProviderAccount) -> None:
    limits = {"name": "Main", "ceiling": "12", "requests_per_second": "3"}

    assert client_of("admin").post(f"{ACCOUNTS}/{account.pk}/limits", limits).status_code == 302
    now = kept(account)
    assert (now.name, now.ceiling, now.requests_per_second) == ("Main", 12, 3)


@pytest.mark.parametrize(("field", "value"), [("ceiling", "0"), ("ceiling", "1e9"), ("requests_per_second", "-1")])
def test_limits_out_of_reach_are_refused(client_of: ClientOf, account: ProviderAccount, field: str, value: str) -> None:
    limits = {"name": "Main", "ceiling": "12", "requests_per_second": "3"} | {field: value}

    assert client_of("admin").post(f"{ACCOUNTS}/{account.pk}/limits", limits).status_code == 422
    assert kept(account).name == "Simulator"


def test_what_the_command_line_keeps_leaves_the_chosen_limits(
    client_of: ClientOf, account: ProviderAccount, organization: Organization, simulator_url: str
) -> None:
    client_of("admin").post(
        f"{ACCOUNTS}/{account.pk}/limits", {"name": "Main", "ceiling": "12", "requests_per_second": "0"}
    )

    again = make_account(organization, simulator_url)

    assert (again.pk, again.name, again.ceiling) == (account.pk, "Main", 12)


@pytest.mark.parametrize(
    ("role", "address", "look", "act"),
    [
        ("viewer", "", 403, None),
        ("viewer", "/new", 403, 403),
        ("operator", "", 200, None),
        ("operator", "/new", 403, 403),
        ("operator", "/{}/credentials", 403, 403),
        ("operator", "/{}/test", None, 403),
        ("operator", "/{}/resumption", None, 403),
        ("operator", "/{}/limits", None, 403),
        ("admin", "/{}/credentials", 200, 422),
    ],
)
def test_who_may_do_what(
    client_of: ClientOf, account: ProviderAccount, role: str, address: str, look: int | None, act: int | None
) -> None:
    client, path = client_of(role), ACCOUNTS + address.format(account.pk)

    assert client.get(path).status_code == (look or 405)
    assert client.post(path).status_code == (act or 405)


@pytest.mark.parametrize("address", ["credentials", "test", "resumption", "limits"])
def test_another_organizations_account_is_not_there(
    client_of: ClientOf, account: ProviderAccount, other_organization: Organization, address: str
) -> None:
    charlie = client_of("owner", at=other_organization)

    assert charlie.post(f"{ACCOUNTS}/{account.pk}/{address}", {"secret": "x"}).status_code == 404
    assert "Simulator" not in charlie.get(ACCOUNTS).content.decode().split("<main", 1)[1]


def test_strangers_are_asked_to_sign_in(client: Client) -> None:
    assert client.get(ACCOUNTS).status_code == 302


def test_it_asks_the_database_a_bounded_number_of_times(
    client_of: ClientOf, halted: ProviderAccount, django_assert_max_num_queries: object
) -> None:
    client = client_of("owner")
    with django_assert_max_num_queries(20):  # type: ignore[operator]
        client.get(ACCOUNTS)
