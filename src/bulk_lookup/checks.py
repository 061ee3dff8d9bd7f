"""System checks: what is wrong with the settings and the database, each with a stable id and a hint what to do.

`boot.refuse_to_start` raises those that make working unsafe; `bulk-lookup doctor` and Django's `check` show all.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from time import time
from typing import Any

import psycopg
from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from bulk_lookup.engine.database import POOL_SIZE, connection_parameters
from bulk_lookup.environment import Value

OLDEST_POSTGRES = 15
CONNECT_SECONDS = 5

# Of each child of a worker: Procrastinate's pool, and its listener's connection beside it.
_QUEUE_POOL, _LISTENER = 3, 1
_SIGNS_OF_LIFE = 1  # of a child without an engine pool
_DJANGO = 1  # where a process uses Django's connection in one thread
_BESIDE = 2  # a worker's parent, and a command that watches


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """What the server says of itself and of the role we are: `version` as 180001, `connections` those open to us."""

    version: int
    connections: int
    role: str
    superuser: bool
    bypasses_policies: bool
    seconds_ahead: float


def connections_wanted() -> dict[str, int]:
    """The most connections that each process of one machine opens: the web process and one worker."""
    at_once = {name: _setting(f"BULK_LOOKUP_{name.upper()}_CONCURRENCY") for name in ("quick", "files")}
    child = _QUEUE_POOL + _LISTENER
    return {
        "web": _setting("DB_POOL"),
        "lookups": child + POOL_SIZE + _DJANGO,
        "quick": child + _SIGNS_OF_LIFE + at_once["quick"],
        "files": child + _SIGNS_OF_LIFE + at_once["files"],
        "others": _BESIDE,
    }


def database_facts() -> DatabaseFacts:
    """Ask the server, on a connection of its own. Raises psycopg.OperationalError where it cannot be reached."""
    with psycopg.connect(**{**connection_parameters(), "connect_timeout": CONNECT_SECONDS}) as connection:
        row = connection.execute(
            """
            select current_setting('server_version_num')::int,
                current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
                    - coalesce(current_setting('reserved_connections', true), '0')::int,
                rolname, rolsuper, rolbypassrls, extract(epoch from clock_timestamp())::float8
            from pg_roles where rolname = current_user
            """
        ).fetchone()
    assert row is not None
    version, connections, role, superuser, bypasses, clock = row
    return DatabaseFacts(version, connections, role, superuser, bypasses, seconds_ahead=clock - time())


def check_pools(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Whether the jobs that run at once in a process can each have a connection."""
    found: list[CheckMessage] = []
    pool = _setting("DB_POOL")
    for name in ("BULK_LOOKUP_QUICK_CONCURRENCY", "BULK_LOOKUP_FILES_CONCURRENCY"):
        if pool < _setting(name):
            found.append(
                Error(
                    f"DB_POOL is {pool}, but {name} lets {_setting(name)} jobs run at once, each with a connection.",
                    hint=f"Set DB_POOL to at least {_setting(name)}, or lower {name}.",
                    id="bulk_lookup.E002",
                )
            )
    return found


def check_credentials(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Whether the provider's settings fit together."""
    found: list[CheckMessage] = []
    key, secret = _setting("TWILIO_API_KEY"), _setting("TWILIO_API_SECRET")
    token, url = _setting("TWILIO_AUTH_TOKEN"), _setting("BULK_LOOKUP_TWILIO_URL")
    if bool(key) != bool(secret):
        there, missing = ("TWILIO_API_KEY", "TWILIO_API_SECRET") if key else ("TWILIO_API_SECRET", "TWILIO_API_KEY")
        found.append(
            Error(
                f"{there} is set and {missing} is not.",
                hint="Set both, or neither and TWILIO_AUTH_TOKEN instead.",
                id="bulk_lookup.E005",
            )
        )
    if (key or secret or token) and not _setting("TWILIO_ACCOUNT_SID"):
        found.append(
            Error(
                "TWILIO_ACCOUNT_SID is not set, but a token or a key is.",
                hint="Set TWILIO_ACCOUNT_SID to the account's SID; it begins with AC.",
                id="bulk_lookup.E006",
            )
        )
    if key and secret and token:
        found.append(
            Warning(
                "Both an API key and an auth token are set; the key is used.",
                hint="Remove TWILIO_AUTH_TOKEN, or TWILIO_API_KEY and TWILIO_API_SECRET.",
                id="bulk_lookup.W001",
            )
        )
    if url and (_setting("TWILIO_REGION") or _setting("TWILIO_EDGE")):
        found.append(
            Warning(
                "BULK_LOOKUP_TWILIO_URL is set, so TWILIO_REGION and TWILIO_EDGE are not used.",
                hint="Remove one or the other.",
                id="bulk_lookup.W002",
            )
        )
    return found


def check_database(
    app_configs: Sequence[AppConfig] | None, *, databases: Iterable[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """Whether the server is new enough, has room for our connections, and gives us a role that its policies bind."""
    if not databases:
        return []
    try:
        facts = database_facts()
    except psycopg.OperationalError as error:
        return [unreachable(error)]
    return judge_database(facts)


def unreachable(error: psycopg.OperationalError) -> CheckMessage:
    """The server's or the network's own words, the first line of them."""
    words = next(iter(str(error).strip().splitlines()), "").removeprefix("connection is bad: ")
    return Error(
        f"The database cannot be reached: {words[:300].rstrip('.')}.",
        hint="Check DATABASE_URL, and whether PostgreSQL runs there.",
        id="bulk_lookup.E007",
    )


def judge_database(facts: DatabaseFacts) -> list[CheckMessage]:
    """What is wrong with a server that answers."""
    found: list[CheckMessage] = []
    if facts.version < OLDEST_POSTGRES * 10_000:
        found.append(
            Error(
                f"This is PostgreSQL {facts.version // 10_000}; it must be {OLDEST_POSTGRES} or newer.",
                hint="Upgrade it, or leave DATABASE_URL empty to use the embedded server.",
                id="bulk_lookup.E004",
            )
        )
    if facts.superuser or facts.bypasses_policies:
        why = "is a superuser" if facts.superuser else "has BYPASSRLS"
        found.append(
            Error(
                f"The database role {facts.role} {why}, so nothing would keep organizations apart.",
                hint="Use a plain role that owns the database: CREATE ROLE bulk_lookup LOGIN; "
                "ALTER DATABASE … OWNER TO bulk_lookup.",
                id="bulk_lookup.E003",
            )
        )
    wanted = sum(connections_wanted().values())
    if wanted > facts.connections:
        found.append(
            Error(
                f"One worker and the web process may open {wanted} database connections, and PostgreSQL gives "
                f"us {facts.connections}.",
                hint="Raise max_connections, or lower DB_POOL or BULK_LOOKUP_QUICK_CONCURRENCY.",
                id="bulk_lookup.E001",
            )
        )
    return found


def register_checks() -> None:
    """Make them known to Django; called when the app is ready."""
    register(check_pools, Tags.compatibility)
    register(check_credentials, Tags.security)
    register(check_database, Tags.database)


def _setting(name: str) -> Any:
    values: dict[str, Value] = settings.VALUES
    return values[name].value
