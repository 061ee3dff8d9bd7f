"""What the doctor looks at, one after the other; where something that the rest rests on is wrong, the rest is left out."""

import asyncio
import os
import platform
import shutil
import sys
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from bulk_lookup.cli.exits import console

if TYPE_CHECKING:
    from bulk_lookup.environment import Value
    from bulk_lookup.providers.base import AccountCheck, Balance

OLDEST_PYTHON = (3, 11)
LEAST_ROOM = 1024**3  # bytes; ten million rows take several gigabytes
MOST_SKEW = 5.0  # seconds
WORKER_SEEN = 20.0  # seconds since its last sign of life


class State(StrEnum):
    """How a thing is."""

    OK = "ok"
    NOTE = "note"  # nothing wrong, but good to know
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, and what to do where it is not well."""

    name: str
    state: State
    sentence: str
    advice: str = ""

    def as_json(self) -> dict[str, str]:
        """The same for programs."""
        return {"name": self.name, "state": self.state.value, "sentence": self.sentence, "advice": self.advice}


def examine() -> Iterator[Finding]:
    """Look at everything; never raises."""
    yield _python()
    from bulk_lookup.environment import EnvironmentProblem, read_environment

    try:
        values = read_environment()
    except EnvironmentProblem as problem:
        yield Finding("settings", State.WRONG, str(problem), "Correct it in the environment or in .env.")
        return
    yield _settings(values)
    yield _data_folder()
    yield _simulator()
    yield _parquet()
    reached = yield from _database()
    if reached:
        made = yield from _tables()
        if made:
            yield from _workers()
    yield from _account()


def _python() -> Finding:
    version = platform.python_version()
    if sys.version_info < OLDEST_PYTHON:
        return Finding("Python", State.WRONG, f"{version} is too old.", "Install Python 3.11 or newer.")
    return Finding("Python", State.OK, f"{version}.")


def _settings(values: "dict[str, Value]") -> Finding:
    given = [name for name, value in values.items() if value.origin != "default"]
    said = f"set are {', '.join(given)}." if given else "none is set; all have their defaults."
    return Finding("settings", State.OK, said)


def _data_folder() -> Finding:
    from bulk_lookup.boot import data_dir

    folder = data_dir()
    there = _nearest(folder)
    if not there.is_dir():
        return Finding("data folder", State.WRONG, f"{there} is no folder.", "Set BULK_LOOKUP_DATA_DIR to a folder.")
    if not os.access(there, os.W_OK | os.X_OK):
        return Finding(
            "data folder", State.WRONG, f"{folder} cannot be written.", "Set BULK_LOOKUP_DATA_DIR to a folder of yours."
        )
    room = shutil.disk_usage(there).free
    said = f"{folder}, {room / 1024**3:,.1f} GB free."
    if room < LEAST_ROOM:
        return Finding("data folder", State.WRONG, said, "Make room, or set BULK_LOOKUP_DATA_DIR to a larger disk.")
    return Finding("data folder", State.OK, said)


def _nearest(folder: Path) -> Path:
    """The folder, or what is there above it."""
    return next((one for one in (folder, *folder.absolute().parents) if one.exists()), Path("/"))


def _simulator() -> Finding:
    try:
        import bulk_lookup.simulator.server  # noqa: F401 (that it can be imported is what is looked at)
    except ImportError as error:
        return Finding("simulator", State.WRONG, f"{error}.", "Install Bulk Lookup again.")
    return Finding("simulator", State.OK, "can be started.")


def _parquet() -> Finding:
    from importlib.util import find_spec

    if find_spec("pyarrow") is None:
        return Finding("Parquet", State.NOTE, "cannot be written.", "pip install 'bulk-lookup[parquet]' brings it.")
    return Finding("Parquet", State.OK, "can be written.")


def _database() -> Generator[Finding, None, bool]:
    """Reach the database and judge it; returns whether it may be worked with."""
    import psycopg

    from bulk_lookup.boot import boot
    from bulk_lookup.environment import EnvironmentProblem
    from bulk_lookup.lib.embedded_postgres import EmbeddedPostgresError

    try:
        boot(say=lambda sentence: console.print(sentence, style="dim", markup=False), migrate=False, check=False)
    except (EnvironmentProblem, EmbeddedPostgresError) as error:
        yield Finding("database", State.WRONG, str(error))
        return False
    from bulk_lookup import checks, database

    try:
        facts = checks.database_facts()
    except psycopg.OperationalError as error:
        problem = checks.unreachable(error)
        yield Finding("database", State.WRONG, problem.msg, problem.hint or "")
        return False
    kind = "embedded" if database.embedded() is not None else "the one of DATABASE_URL"
    yield Finding("database", State.OK, f"PostgreSQL {facts.version // 10_000}, {kind}, as role {facts.role}.")
    wanted = sum(checks.connections_wanted().values())
    yield Finding(
        "connections", State.OK, f"at most {wanted} of {facts.connections} are used by one worker and the web."
    )
    if abs(facts.seconds_ahead) > MOST_SKEW:
        yield Finding(
            "clocks",
            State.WRONG,
            f"the database's clock is {facts.seconds_ahead:+,.0f} s from this machine's.",
            "Let both machines take their time from the network (NTP).",
        )
    wrong = [*checks.check_pools(None), *checks.judge_database(facts)]
    for message in [*wrong, *checks.check_credentials(None)]:
        state = State.WRONG if message.is_serious() else State.NOTE
        yield Finding(message.id or "settings", state, message.msg, message.hint or "")
    return not wrong


def _tables() -> Generator[Finding, None, bool]:
    """Whether the tables are as this version needs them; returns the same."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if missing:
        said = f"{missing} changes to the tables are waiting."
        yield Finding("tables", State.NOTE, said, "The next command makes them by itself.")
    else:
        yield Finding("tables", State.OK, "are up to date.")
    return not missing


def _workers() -> Iterator[Finding]:
    from datetime import timedelta

    from django.db import connection
    from django.db.models import Count
    from django.utils import timezone

    from bulk_lookup.models.worker import Worker

    alive = Worker.objects.filter(seen_at__gte=timezone.now() - timedelta(seconds=WORKER_SEEN))
    kinds = dict(alive.values_list("kind").annotate(Count("id")).order_by("kind"))
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from procrastinate_jobs where status = 'todo'")
        row = cursor.fetchone()
    waiting = f"; {row[0]:,} jobs wait" if row and row[0] else ""
    if kinds:
        said = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
        yield Finding("workers", State.OK, f"at work: {said}{waiting}.")
    else:
        yield Finding(
            "workers", State.NOTE, f"none is at work{waiting}.", "`lookup` starts one; `bulk-lookup worker` stays."
        )


def _account() -> Iterator[Finding]:
    from bulk_lookup.environment import read_environment
    from bulk_lookup.providers.base import CredentialsMissing, ProviderError

    values = {name: str(value.value) for name, value in read_environment().items() if isinstance(value.value, str)}
    try:
        check, balance = asyncio.run(_ask_account(values))
    except CredentialsMissing as error:
        given = any(values[name] for name in values if name.startswith("TWILIO_"))
        advice = "" if given else "Until then --simulate tries everything, without cost."
        yield Finding("account", State.WRONG if given else State.NOTE, str(error), advice)
        return
    except ProviderError as error:
        yield Finding("account", State.WRONG, str(error))
        return
    kind = "simulated" if check.simulated else "real"
    region = values["TWILIO_REGION"] or "us1"
    where = values["BULK_LOOKUP_TWILIO_URL"] or f"Twilio, region {region}"
    money = ""
    if balance is not None:
        from bulk_lookup.core.pricing import to_decimal_string

        money = f", {to_decimal_string(balance.micros)} {balance.currency} left"
    yield Finding("account", State.OK, f"{check.name or 'without a name'} ({kind}, {check.status}) at {where}{money}.")


async def _ask_account(values: dict[str, str]) -> "tuple[AccountCheck, Balance | None]":
    from bulk_lookup.providers.registry import connect

    async with connect("twilio", values) as provider:
        return await provider.check_account(), await provider.balance()
