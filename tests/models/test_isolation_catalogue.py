"""No table of an organization escapes isolation: the database's own catalogue is walked, table by table."""

import catalogue
import pytest
from catalogue import LIBRARY_TABLES

from bulk_lookup.models.directory import DIRECTORY_TABLES

pytestmark = pytest.mark.django_db

OF_ORGANIZATION = "(organization_id = (current_setting('app.organization_id'::text))::bigint)"


def test_every_table_is_an_organizations_the_directorys_or_a_librarys() -> None:
    ours, directory = catalogue.organization_tables(), set(DIRECTORY_TABLES)

    assert set(catalogue.tables()) == ours | directory | LIBRARY_TABLES
    assert not ours & LIBRARY_TABLES
    assert not directory & LIBRARY_TABLES


def test_the_directory_names_only_tables_that_exist() -> None:
    assert set(DIRECTORY_TABLES) <= set(catalogue.tables())
    assert len(set(DIRECTORY_TABLES)) == len(DIRECTORY_TABLES)


def test_every_table_of_an_organization_has_forced_row_level_security() -> None:
    security = catalogue.tables()

    assert {table: security[table] for table in catalogue.organization_tables()} == dict.fromkeys(
        catalogue.organization_tables(), (True, True)
    )


def test_no_other_table_has_a_policy_that_could_be_mistaken_for_isolation() -> None:
    security = catalogue.tables()

    assert {security[table] for table in set(DIRECTORY_TABLES) | LIBRARY_TABLES} == {(False, False)}


def test_every_policy_holds_for_reading_and_writing_for_everybody() -> None:
    found = catalogue.policies()

    # One policy a table: a second permissive one would open what the first one closes.
    assert sorted(policy.table for policy in found) == sorted(catalogue.organization_tables())
    for policy in found:
        assert (policy.command, policy.permissive, policy.roles) == ("ALL", True, ["public"]), policy
        assert policy.using == policy.check == OF_ORGANIZATION, policy


def test_every_row_of_an_organization_names_it() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """
            select table_name from information_schema.columns
            where table_schema = 'public' and column_name = 'organization_id' and is_nullable = 'NO' and data_type = 'bigint'
            """
        )
        named = {name for (name,) in cursor.fetchall()}

    # Who belongs to an organization is asked before any organization is known.
    assert named == catalogue.organization_tables() | {"membership", "invitation"}


def test_every_key_between_organizations_tables_carries_the_organization_on_both_sides() -> None:
    ours = catalogue.organization_tables()
    between = [key for key in catalogue.foreign_keys() if key.table in ours and key.target in ours]

    assert between
    for key in between:
        assert (key.columns[0], key.target_columns[0]) == ("organization_id", "organization_id"), key
        assert len(key.columns) > 1, key


def test_other_keys_of_organizations_tables_lead_to_the_organization_only() -> None:
    ours = catalogue.organization_tables()
    out = [key for key in catalogue.foreign_keys() if key.table in ours and key.target not in ours]
    into = [key for key in catalogue.foreign_keys() if key.table not in ours and key.target in ours]

    assert {(key.target, *key.columns) for key in out} == {("organization", "organization_id")}
    assert into == []


def test_every_index_begins_with_the_organization() -> None:
    ours = catalogue.organization_tables()
    strays = [
        index
        for index in catalogue.indexes()
        # A surrogate key has no meaning of its own, so a clash of two tells nothing.
        if index.table in ours
        and index.columns[0] != "organization_id"
        and not (index.primary and index.columns == ["id"])
    ]

    assert strays == []


def test_every_table_of_an_organization_can_be_reached_by_an_index() -> None:
    led = {index.table for index in catalogue.indexes() if index.columns[0] == "organization_id"}

    # Claims, exports and the rest are few; what has no index of its own is read by its surrogate key or whole.
    assert catalogue.organization_tables() <= led


def test_no_references_between_models_slip_past_the_composite_keys() -> None:
    """A Django foreign key from one organization table to another would name an id alone."""
    from django.apps import apps
    from django.db import models

    for model in apps.get_app_config("bulk_lookup").get_models():
        if model._meta.db_table in catalogue.organization_tables():
            targets = [
                field.related_model for field in model._meta.get_fields() if isinstance(field, models.ForeignKey)
            ]
            assert [target._meta.label for target in targets] == ["bulk_lookup.Organization"], model


def test_columns_that_name_another_tables_row_have_their_key() -> None:
    """Every `…_id` of an organization's table is the organization, or bound by a foreign key."""
    from django.apps import apps

    bound = {(key.table, column) for key in catalogue.foreign_keys() for column in key.columns}
    free = {
        (model._meta.db_table, field.column)
        for model in apps.get_app_config("bulk_lookup").get_models()
        if model._meta.db_table in catalogue.organization_tables()
        for field in model._meta.concrete_fields
        if str(field.column).endswith("_id") and (model._meta.db_table, field.column) not in bound
    }

    assert free == {
        ("contact", "run_id"),  # the run that wrote the answers; a key would be checked at every answer
        ("lookup", "claim_id"),  # a fencing number, which outlives its claim
        ("lookup", "request_id"),  # the provider's
        ("claim", "worker_id"),  # of the directory; a dead worker's row goes before its claims
    }


def test_models_and_migrations_agree() -> None:
    from django.core.management import call_command

    call_command("makemigrations", "bulk_lookup", check=True, dry_run=True, verbosity=0)


def test_the_runtime_role_is_under_the_policies() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select rolsuper, rolbypassrls from pg_roles where rolname = current_user")
        assert cursor.fetchone() == (False, False)
