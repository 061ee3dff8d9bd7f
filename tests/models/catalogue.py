"""What PostgreSQL's catalogue says of our tables: policies, keys and indexes."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection

from bulk_lookup.models.directory import DIRECTORY_TABLES

# Tables that libraries made: accounts' addresses, second factors, groups and permissions, Django's own records, the queue.
LIBRARY_TABLES = {
    "account_emailaddress",
    "account_emailconfirmation",
    "auth_group",
    "auth_group_permissions",
    "auth_permission",
    "cache_entry",
    "django_content_type",
    "django_migrations",
    "django_session",
    "mfa_authenticator",
    "person_groups",
    "person_user_permissions",
    "procrastinate_events",
    "procrastinate_jobs",
    "procrastinate_periodic_defers",
    "procrastinate_workers",
}


@dataclass(frozen=True, slots=True)
class Policy:
    table: str
    command: str
    permissive: bool
    roles: list[str]
    using: str
    check: str


@dataclass(frozen=True, slots=True)
class ForeignKey:
    name: str
    table: str
    target: str
    columns: list[str]
    target_columns: list[str]


@dataclass(frozen=True, slots=True)
class Index:
    name: str
    table: str
    columns: list[str]
    primary: bool
    unique: bool


def tables() -> dict[str, tuple[bool, bool]]:
    """Every table of the schema: whether row-level security is on, and whether it holds for the owner too."""
    rows = _rows(
        """
        select relname, relrowsecurity, relforcerowsecurity from pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
        """
    )
    return {name: (on, forced) for name, on, forced in rows}


def organization_tables() -> set[str]:
    """The tables of our models, without the directory's."""
    ours = {model._meta.db_table for model in apps.get_app_config("bulk_lookup").get_models()}
    return ours - set(DIRECTORY_TABLES)


def policies() -> list[Policy]:
    return [
        Policy(*row)
        for row in _rows(
            """
            select tablename, cmd, permissive = 'PERMISSIVE', roles::text[], coalesce(qual, ''), coalesce(with_check, '')
            from pg_policies where schemaname = 'public'
            """
        )
    ]


def foreign_keys() -> list[ForeignKey]:
    return [
        ForeignKey(*row)
        for row in _rows(
            """
            select conname, conrelid::regclass::text, confrelid::regclass::text,
                array(select attname::text from unnest(conkey) with ordinality as key(number, place)
                      join pg_attribute on attrelid = conrelid and attnum = number order by place),
                array(select attname::text from unnest(confkey) with ordinality as key(number, place)
                      join pg_attribute on attrelid = confrelid and attnum = number order by place)
            from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace
            """
        )
    ]


def indexes() -> list[Index]:
    """All indexes, those of primary keys and unique constraints included; an expression is a column named ""."""
    return [
        Index(*row)
        for row in _rows(
            """
            select indexrelid::regclass::text, indrelid::regclass::text,
                array(select coalesce(attname::text, '') from unnest(indkey::int[]) with ordinality as key(number, place)
                      left join pg_attribute on attrelid = indrelid and attnum = number and number > 0 order by place),
                indisprimary, indisunique
            from pg_index join pg_class on pg_class.oid = indrelid
            where relnamespace = 'public'::regnamespace
            """
        )
    ]


def referred_keys() -> set[str]:
    """Indexes that a foreign key needs at its target."""
    return {name for (name,) in _rows("select conindid::regclass::text from pg_constraint where contype = 'f'")}


def _rows(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        # A word of SQL as a table's name comes quoted.
        return [
            tuple(value.strip('"') if isinstance(value, str) else value for value in row) for row in cursor.fetchall()
        ]
