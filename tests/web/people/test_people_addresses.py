"""Every address of people, as a stranger and as an outsider has it: no page is forgotten, and nothing breaks by nonsense."""

from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse
from people_cast import Cast

from bulk_lookup.web.people.urls import urlpatterns

pytestmark = pytest.mark.django_db

# What anybody may open: these let people in, or say why not.
PUBLIC = {
    "welcome": 302,  # somebody is here already
    "account_login": 200,
    "account_signup": 200,  # says that it is closed
    "account_inactive": 200,
    "account_reset_password": 200,
    "account_reset_password_done": 200,
    "account_reset_password_from_key": 200,  # says that the link is worth nothing
    "account_reset_password_from_key_done": 200,
    "invitation": 404,
}
# Of a sign-in that has begun: without one they lead to its beginning.
BEGUN = {"mfa_authenticate"}
WRITES = {
    "account_logout",
    "organization_switch",
    "members_invitations",
    "invitation_withdrawal",
    "member_role",
}


def names(patterns: list[Any]) -> list[str]:
    found: list[str] = []
    for one in patterns:
        if isinstance(one, URLResolver):
            found += names(one.url_patterns)
        elif isinstance(one, URLPattern):
            found.append(str(one.name))
    return found


NAMES = names(urlpatterns)


def address(name: str, number: int = 1) -> str:
    arguments: dict[str, dict[str, Any]] = {
        "account_reset_password_from_key": {"uidb36": "1", "key": "set-password"},
        "invitation": {"token": "invented"},
        "organization_switch": {"organization_id": number},
        "invitation_withdrawal": {"invitation_id": number},
        "member_role": {"membership_id": number},
        "member_removal": {"membership_id": number},
    }
    return reverse(name, kwargs=arguments.get(name, {}))


def test_no_address_is_forgotten_here() -> None:
    assert set(PUBLIC) | BEGUN | WRITES <= set(NAMES)
    assert len(NAMES) == len(set(NAMES))


@pytest.mark.parametrize("name", NAMES)
def test_a_stranger_sees_only_what_is_public(cast: Cast, name: str) -> None:
    answer = Client().get(address(name))

    if name in WRITES:
        assert answer.status_code == 405
    elif name in PUBLIC:
        assert answer.status_code == PUBLIC[name]
    else:
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/sign-in")


@pytest.mark.parametrize("name", sorted(WRITES - {"account_logout"}))
def test_a_stranger_s_post_leads_to_sign_in(cast: Cast, name: str) -> None:
    answer = Client().post(address(name))

    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/sign-in")


@pytest.mark.parametrize("name", ["organization_switch", "invitation_withdrawal", "member_role", "member_removal"])
@pytest.mark.parametrize("number", [0, 10**9, 2**63, 10**30])
def test_a_number_that_is_nobody_s_is_not_there(cast: Cast, name: str, number: int) -> None:
    assert cast.client("alice").post(address(name, number), {"role": "viewer"}).status_code == 404


@pytest.mark.parametrize("path", ["/settings/members", "/account", "/sign-in", "/account/second-factor/"])
def test_a_page_asks_the_database_a_few_times_only(cast: Cast, django_assert_max_num_queries: Any, path: str) -> None:
    client = Client() if path == "/sign-in" else cast.client("alice")

    with django_assert_max_num_queries(16):
        assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    "form",
    [
        {"login": "alice@example.com\0", "password": "x"},
        {"login": "alice@example.com", "password": "\0"},
        {"login": "x" * 10_000, "password": "x" * 10_000},
        {"login": "<script>@example.com", "password": "x"},
        {},
    ],
)
def test_nonsense_in_the_sign_in_form_is_refused_and_shown_as_text(cast: Cast, form: dict[str, str]) -> None:
    answer = Client().post("/sign-in", form)

    assert answer.status_code == 200
    assert "<script>@" not in answer.content.decode()
