"""The directory: who there is, before any organization is known."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from bulk_lookup.models import Organization, User
from bulk_lookup.models.directory import the_organization
from bulk_lookup.models.queries import query


@pytest.mark.django_db
def test_an_installation_gets_its_organization_by_itself_once() -> None:
    first = the_organization()

    assert the_organization() == first
    assert list(Organization.objects.all()) == [first]


@pytest.mark.django_db
def test_the_first_organization_is_the_installations(
    organization: Organization, other_organization: Organization
) -> None:
    assert organization.pk < other_organization.pk
    assert the_organization() == organization


@pytest.mark.django_db(transaction=True)
def test_commands_that_start_at_once_make_one_organization() -> None:
    made: list[Organization] = []
    ready = threading.Barrier(4)

    def begin() -> None:
        try:
            ready.wait(10)
            made.append(the_organization())
        finally:
            connection.close()

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert len(made) == 4
    assert len(set(made)) == Organization.objects.count() == 1


@pytest.mark.django_db
def test_a_person_is_found_by_e_mail_however_it_is_written() -> None:
    alice = User.objects.create_user(" Alice@Example.com ", "correct horse")

    assert alice.email == "alice@example.com"
    assert alice.check_password("correct horse")
    assert User.objects.get_by_natural_key("ALICE@example.com") == alice
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("alice@EXAMPLE.com")


@pytest.mark.django_db
def test_a_person_without_a_password_cannot_sign_in_with_an_empty_one() -> None:
    assert not User.objects.create_user("bob@example.com").check_password("")


def test_an_account_shows_neither_its_secret_nor_its_whole_name() -> None:
    from bulk_lookup.models import ProviderAccount

    account = ProviderAccount(provider="twilio", account_sid="AC0123456789", secret=b"hidden", key_sid="SKkey")

    assert "hidden" not in repr(account)
    assert "AC0123456789" not in repr(account)
    assert repr(account) == "<ProviderAccount None twilio AC0123…>"


def test_every_named_query_says_why_it_is_shaped_so() -> None:
    from importlib import resources

    files = [
        one for one in resources.files("bulk_lookup.models").joinpath("sql").iterdir() if one.name.endswith(".sql")
    ]

    assert len(files) >= 12
    for file in files:
        assert query(file.name.removesuffix(".sql")).startswith("-- "), file.name
