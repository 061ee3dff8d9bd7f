"""How a process of ours begins: read the settings, reach the database, set Django up, bring the tables up to date."""

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import structlog

from bulk_lookup import database
from bulk_lookup.environment import EnvironmentProblem, read_environment
from bulk_lookup.lib.embedded_postgres import default_data_dir
from bulk_lookup.secret_key import keep_secret_key

# Held while the tables are brought up to date, so that two processes that start at once do not both try.
_MIGRATION_LOCK = 7_315_001


def boot(*, say: Callable[[str], None] = lambda sentence: None, migrate: bool = True, check: bool = True) -> None:
    """Make this process ready to use the models; joins (and starts) the embedded server where no other is configured.

    Raises EnvironmentProblem, also for a database that it is unsafe to work with, and EmbeddedPostgresError; their
    messages are for the user.
    """
    values = read_environment()
    _log(values["BULK_LOOKUP_LOG_LEVEL"].value)
    _refuse_address(values["DATABASE_URL"].value)
    if not values["DATABASE_URL"].value:
        database.join_embedded(data_dir(), say=say)
    if not values["BULK_LOOKUP_SECRET_KEY"].value:
        keep_secret_key(values["BULK_LOOKUP_DATA_DIR"].value)
    set_up_django()
    if check:
        refuse_to_start()
    if migrate:
        _bring_up_to_date(say)


def set_up_django() -> None:
    """Django's part alone; without `boot` it knows no database."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bulk_lookup.settings")
    django.setup()


def refuse_to_start() -> None:
    """Raise EnvironmentProblem with the first of the system checks that makes working unsafe (about 10 ms)."""
    from bulk_lookup.checks import check_database, check_pools

    for problem in [*check_pools(None), *check_database(None, databases=["default"])]:
        raise EnvironmentProblem(f"{problem.msg} {problem.hint} ({problem.id})")


def data_dir() -> Path:
    """The folder of the embedded server, spooled files and keys."""
    configured = read_environment()["BULK_LOOKUP_DATA_DIR"].value
    return Path(configured) if configured else default_data_dir()


def _refuse_address(url: str) -> None:
    """DATABASE_URL is a secret, so the sentence does not repeat it."""
    if not url:
        return
    try:
        parts = urlsplit(url)
        fits = parts.scheme in ("postgres", "postgresql") and (parts.port or 1) > 0
    except ValueError:
        fits = False
    if not fits:
        raise EnvironmentProblem("DATABASE_URL is not an address like postgresql://user:password@host:5432/name.")


def _bring_up_to_date(say: Callable[[str], None]) -> None:
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", [_MIGRATION_LOCK])  # a failed process frees it by ending
        say("Preparing the database …")
        call_command("migrate", interactive=False, verbosity=0)
        cursor.execute("select pg_advisory_unlock(%s)", [_MIGRATION_LOCK])


def _log(level: str) -> None:
    """Structured lines on standard error; a library's own records take the same way."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.LogfmtRenderer(
                key_order=["timestamp", "level", "action", "event"], bool_as_flag=False
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping().get(level.upper(), 30)),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )
    # The pool tells of each failed attempt while the database is away; we say that ourselves, once.
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL if level.upper() != "DEBUG" else logging.DEBUG)
    logging.basicConfig(level=level.upper(), stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s")
