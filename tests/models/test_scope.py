"""The organization scope: what it opens, what it refuses, and that nothing of it stays behind."""

import asyncio
from collections.abc import AsyncIterator

import cast
import psycopg
import pytest
from django.db import DataError, IntegrityError, connection, transaction

from bulk_lookup.engine.database import Pool, open_pool
from bulk_lookup.models import ContactList, Organization
from bulk_lookup.models.scope import ScopeClash, async_organization_scope, organization_scope


def setting() -> str:
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(current_setting('app.organization_id', true), '')")
        return str(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
class TestScope:
    def test_it_is_gone_after_the_block(self, organization: Organization) -> None:
        with organization_scope(organization.pk):
            assert setting() == str(organization.pk)
        assert setting() == ""
        assert not connection.in_atomic_block

    def test_it_is_gone_after_an_exception_and_so_is_what_was_written(self, organization: Organization) -> None:
        with pytest.raises(RuntimeError), organization_scope(organization.pk):
            cast.make_list(organization)
            raise RuntimeError
        assert setting() == ""
        with organization_scope(organization.pk):
            assert not ContactList.objects.exists()

    def test_it_is_gone_after_an_error_of_the_database(self, organization: Organization) -> None:
        with pytest.raises(IntegrityError), organization_scope(organization.pk):
            ContactList.objects.create(id=1, organization=organization, name="one")
            ContactList.objects.create(id=1, organization=organization, name="the same")
        assert setting() == ""

    def test_nested_in_itself_it_goes_on_behind_the_inner_block(self, organization: Organization) -> None:
        with organization_scope(organization.pk):
            with organization_scope(organization.pk):
                cast.make_list(organization)
            assert setting() == str(organization.pk)
            assert ContactList.objects.count() == 1
        assert setting() == ""

    def test_nested_in_itself_it_survives_an_exception_of_the_inner_block(self, organization: Organization) -> None:
        with organization_scope(organization.pk):
            with pytest.raises(RuntimeError), organization_scope(organization.pk):
                cast.make_list(organization)
                raise RuntimeError
            assert setting() == str(organization.pk)
            assert not ContactList.objects.exists()

    def test_another_organization_inside_is_refused(
        self, organization: Organization, other_organization: Organization
    ) -> None:
        with organization_scope(organization.pk):
            with (
                pytest.raises(ScopeClash, match=f"{organization.pk}.*{other_organization.pk}"),
                organization_scope(other_organization.pk),
            ):
                pytest.fail("the scope was opened")
            assert setting() == str(organization.pk)
            cast.make_list(organization)
        with organization_scope(organization.pk):
            assert ContactList.objects.count() == 1

    def test_one_organization_after_the_other_is_no_clash(
        self, organization: Organization, other_organization: Organization
    ) -> None:
        for one in (organization, other_organization, organization):
            with organization_scope(one.pk):
                assert setting() == str(one.pk)

    def test_it_does_not_leak_into_a_transaction_around_it(
        self, organization: Organization, other_organization: Organization
    ) -> None:
        """The release of a savepoint keeps a local setting, so it must be put back."""
        with transaction.atomic():
            with organization_scope(organization.pk):
                pass
            assert setting() == ""
            with pytest.raises(DataError), transaction.atomic():
                ContactList.objects.first()
            with pytest.raises(RuntimeError), organization_scope(organization.pk):
                raise RuntimeError
            assert setting() == ""
            with organization_scope(other_organization.pk):
                assert setting() == str(other_organization.pk)

    def test_a_plain_savepoint_inside_keeps_it(self, organization: Organization) -> None:
        with organization_scope(organization.pk):
            with transaction.atomic():
                cast.make_list(organization)
            with pytest.raises(RuntimeError), transaction.atomic():
                raise RuntimeError
            assert setting() == str(organization.pk)
            assert ContactList.objects.count() == 1

    def test_it_is_a_transaction_of_its_own(self, organization: Organization, database_url: str) -> None:
        with organization_scope(organization.pk):
            cast.make_list(organization)
            with psycopg.connect(database_url) as other:
                other.execute(f"set app.organization_id = '{organization.pk}'")
                assert other.execute("select from contact_list").rowcount == 0
        with psycopg.connect(database_url) as other:
            other.execute(f"set app.organization_id = '{organization.pk}'")
            assert other.execute("select from contact_list").rowcount == 1


@pytest.mark.django_db
class TestScopeInsideATestsTransaction:
    """Where a test runs in one transaction, a leak would hide a forgotten scope from every test of that kind."""

    def test_a_forgotten_scope_is_an_error_here_too(self, organization: Organization) -> None:
        with organization_scope(organization.pk):
            cast.make_list(organization)
        with pytest.raises(DataError), transaction.atomic():
            ContactList.objects.first()


@pytest.fixture
async def pool(transactional_db: None) -> AsyncIterator[Pool]:
    """The engine's connections: one, so that whatever stays behind on it is met again."""
    async with open_pool(size=1) as one:
        yield one


@pytest.mark.django_db(transaction=True)
class TestAsyncScope:
    async def test_it_shows_the_organizations_rows_and_no_other(
        self, pool: Pool, organization: Organization, other_organization: Organization
    ) -> None:
        for one in (organization, other_organization):
            async with async_organization_scope(pool, one.pk) as scope:
                await scope.execute(
                    "insert into contact_list (organization_id, name, created_at) values (%s, 'x', now())", [one.pk]
                )
        for one in (organization, other_organization):
            async with async_organization_scope(pool, one.pk) as scope:
                rows = await (await scope.execute("select organization_id from contact_list")).fetchall()
                assert rows == [(one.pk,)]

    async def test_it_refuses_rows_of_another_organization(
        self, pool: Pool, organization: Organization, other_organization: Organization
    ) -> None:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            async with async_organization_scope(pool, organization.pk) as scope:
                await scope.execute(
                    "insert into contact_list (organization_id, name, created_at) values (%s, 'x', now())",
                    [other_organization.pk],
                )

    async def test_a_forgotten_scope_is_an_error_on_a_fresh_and_on_a_used_connection(
        self, pool: Pool, organization: Organization
    ) -> None:
        async with pool.connection() as fresh:
            with pytest.raises(psycopg.errors.UndefinedObject):
                await fresh.execute("select from contact_list")
        async with async_organization_scope(pool, organization.pk):
            pass
        async with pool.connection() as used:
            with pytest.raises(psycopg.errors.InvalidTextRepresentation):
                await used.execute("select from contact_list")

    async def test_nothing_stays_behind_after_an_exception(self, pool: Pool, organization: Organization) -> None:
        with pytest.raises(RuntimeError):
            async with async_organization_scope(pool, organization.pk) as scope:
                await scope.execute(
                    "insert into contact_list (organization_id, name, created_at) values (%s, 'x', now())",
                    [organization.pk],
                )
                raise RuntimeError
        async with pool.connection() as used:
            row = await (await used.execute("select current_setting('app.organization_id', true)")).fetchone()
            assert row == ("",)
        async with async_organization_scope(pool, organization.pk) as scope:
            assert (await scope.execute("select from contact_list")).rowcount == 0

    async def test_nothing_stays_behind_after_a_task_that_was_cancelled(
        self, pool: Pool, organization: Organization
    ) -> None:
        inside = asyncio.Event()

        async def stand() -> None:
            async with async_organization_scope(pool, organization.pk):
                inside.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(stand())
        await inside.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

        async with pool.connection() as used:
            row = await (
                await used.execute("select coalesce(current_setting('app.organization_id', true), '')")
            ).fetchone()
            assert row == ("",)

    async def test_two_at_once_do_not_mix(
        self, transactional_db: None, organization: Organization, other_organization: Organization
    ) -> None:
        async def see(pool: Pool, organization_id: int, both: asyncio.Barrier) -> str:
            async with async_organization_scope(pool, organization_id) as scope:
                await both.wait()
                row = await (await scope.execute("select current_setting('app.organization_id')")).fetchone()
                await both.wait()
                return str(row and row[0])

        async with open_pool(size=2) as pool:
            both = asyncio.Barrier(2)
            seen = await asyncio.gather(*(see(pool, one.pk, both) for one in (organization, other_organization)))
        assert seen == [str(organization.pk), str(other_organization.pk)]
