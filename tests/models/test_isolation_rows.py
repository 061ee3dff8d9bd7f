"""Rows of one organization are out of another's reach, whatever is tried; committed, on real connections."""

from collections.abc import Iterator

import cast
import catalogue
import psycopg
import pytest
from django.db import DataError, IntegrityError, ProgrammingError, connection, models, transaction

from bulk_lookup.models import Contact, ContactList, Export, Import, Lookup, Organization, Run, Upload
from bulk_lookup.models.scope import organization_scope

pytestmark = pytest.mark.django_db(transaction=True)

Row = models.Model


@pytest.fixture
def rows(organization: Organization, other_organization: Organization) -> dict[str, Row]:
    """Alice's rows by table; Charlie has one of each too."""
    with organization_scope(other_organization.pk):
        cast.fill(other_organization)
    with organization_scope(organization.pk):
        return {row._meta.db_table: row for row in cast.fill(organization)}


@pytest.fixture
def in_charlies_scope(rows: dict[str, Row], other_organization: Organization) -> Iterator[None]:
    with organization_scope(other_organization.pk):
        yield


def execute(statement: str, *parameters: int) -> int:
    """Run it in a savepoint of its own; returns how many rows it touched."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)


def test_the_cast_has_a_row_in_every_table(rows: dict[str, Row]) -> None:
    assert set(rows) == catalogue.organization_tables()


@pytest.mark.usefixtures("in_charlies_scope")
def test_nothing_of_another_organization_is_read(rows: dict[str, Row], other_organization: Organization) -> None:
    for table, row in rows.items():
        manager = type(row)._default_manager
        assert not manager.filter(pk=row.pk).exists(), table
        assert [one.organization_id for one in manager.all()] == [other_organization.pk], table  # type: ignore[attr-defined]
        with connection.cursor() as cursor:
            cursor.execute(f"select count(*), max(organization_id) from {table} where organization_id > 0")
            assert cursor.fetchone() == (1, other_organization.pk), table


@pytest.mark.usefixtures("in_charlies_scope")
def test_nothing_of_another_organization_is_changed_or_deleted(
    rows: dict[str, Row], organization: Organization
) -> None:
    for table in rows:
        assert (
            execute(f"update {table} set organization_id = organization_id where organization_id = %s", organization.pk)
            == 0
        )
        assert execute(f"delete from {table} where organization_id = %s", organization.pk) == 0
    for table, row in rows.items():
        assert type(row)._default_manager.filter(pk=row.pk).delete() == (0, {}), table


@pytest.mark.usefixtures("in_charlies_scope")
def test_nothing_is_written_into_another_organization(rows: dict[str, Row], organization: Organization) -> None:
    for table, row in rows.items():
        written = [field for field in row._meta.concrete_fields if not isinstance(field, models.GeneratedField)]
        names = [field.column for field in written if not field.primary_key]
        kept = ", ".join(f'"{name}"' for name in names if name != "organization_id")
        with pytest.raises(ProgrammingError, match="row-level security"):
            execute(f"insert into {table} (organization_id, {kept}) select %s, {kept} from {table}", organization.pk)
        with pytest.raises(ProgrammingError, match="row-level security"):
            execute(f"update {table} set organization_id = %s", organization.pk)


def test_whoever_deletes_everything_deletes_only_their_own(
    rows: dict[str, Row], organization: Organization, other_organization: Organization
) -> None:
    children_first = ("upload", "claim", "export", "lookup", "facet_count", "run", "contact", "import", "contact_list")
    with organization_scope(other_organization.pk):
        for table in (*children_first, *(rows.keys() - set(children_first))):
            assert execute(f"delete from {table}") == 1, table
    with organization_scope(organization.pk):
        for table, row in rows.items():
            assert type(row)._default_manager.get() == row, table


def test_no_row_points_at_another_organizations_row(
    rows: dict[str, Row], organization: Organization, other_organization: Organization
) -> None:
    """Foreign keys do not heed policies: here it is the key's own columns that stop it."""
    hers = rows["contact_list"].pk
    with organization_scope(other_organization.pk):
        models_with_keys: list[type[Row]] = [Import, Run, Export, Contact, Lookup, Upload]
        mine = {model: model._default_manager.get() for model in models_with_keys}
    attempts: list[tuple[type[Row], dict[str, object]]] = [
        (Import, {"contact_list_id": hers}),
        (Run, {"contact_list_id": hers}),
        (Run, {"provider_account_id": rows["provider_account"].pk}),
        (Export, {"contact_list_id": hers}),
        (Export, {"run_id": rows["run"].pk}),
        (Upload, {"import_id": rows["import"].pk, "contact_list_id": hers}),
        (Contact, {"import_id": rows["import"].pk, "contact_list_id": hers}),
        (Lookup, {"run_id": rows["run"].pk}),
    ]
    for model, change in attempts:
        with pytest.raises(IntegrityError, match="foreign key"), organization_scope(other_organization.pk):
            model._default_manager.filter(pk=mine[model].pk).update(**change)


def test_one_organizations_words_tell_nothing_to_another(
    organization: Organization, other_organization: Organization
) -> None:
    """A unique constraint without the organization would answer "there is one of this name already"."""
    for one in (organization, other_organization):
        with organization_scope(one.pk):
            account = cast.make_account(one, account_sid="ACsame", key_sid="SKsame")
            run = cast.make_run(cast.make_list(one, "Same name"), account)
            cast.make_lookup(run, 1, formatted_phone_number="+14152000001")


def test_a_forgotten_scope_is_an_error_on_a_used_connection(rows: dict[str, Row]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('app.organization_id', true)")
        assert cursor.fetchone() == ("",), "the connection was used by a scope before"
    for table, row in rows.items():
        with pytest.raises(DataError, match="bigint"):
            type(row)._default_manager.first()
        for statement in (f"select from {table}", f"delete from {table}", f"update {table} set organization_id = 1"):
            with pytest.raises(DataError, match="bigint"):
                execute(statement)


def test_a_forgotten_scope_is_an_error_on_a_fresh_connection(rows: dict[str, Row], database_url: str) -> None:
    for table in rows:
        with (
            psycopg.connect(database_url) as fresh,
            pytest.raises(psycopg.errors.UndefinedObject, match="organization_id"),
        ):
            fresh.execute(f"select from {table}")


def test_a_forgotten_scope_is_an_error_where_there_are_no_rows_too(organization: Organization) -> None:
    with organization_scope(organization.pk):
        assert not Contact.objects.exists()
    for model in (Contact, Run, Lookup, ContactList):
        with pytest.raises(DataError, match="bigint"):
            model._default_manager.first()


def test_the_session_cannot_be_talked_out_of_the_policies(
    rows: dict[str, Row], other_organization: Organization
) -> None:
    """`row_security = off` makes a query fail rather than show what a policy hides; the tables' owner is under it too."""
    with organization_scope(other_organization.pk):
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            execute("set local row_security = off")
            Contact.objects.first()
        assert Contact.objects.count() == 1
