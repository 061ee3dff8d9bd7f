"""What each index of `contact` costs when answers are stored and when rows are imported: `python -m bench.index_costs`.

An index is made several times more under other names, and the same statements run with these and without, in transactions that
are taken back: what they take longer, divided by their number, is what one such index costs. (Taking it away instead would leave
the statements without the index that they need, and one alone is lost in the noise.) Processor time of the server process, where
the system tells it, else seconds on the clock.
"""

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import orders
from bench.stage import Stage

if TYPE_CHECKING:
    from bulk_lookup.models import Run

BATCH = 500  # answers stored by one statement
STAGED = 5_000  # rows imported by one statement
TWINS = 5  # of an index
# Without these no index names a column that an answer changes, and an update can stay in its page.
LAST = "without the last three of them"
CHANGED = ("contact_pending", "contact_failed", "contact_looked_up")


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.index_costs", description="Print what each index costs.")
    parser.add_argument("--rows", type=int, default=100_000, help="contacts in the list")
    parser.add_argument("--sample", type=int, default=20_000, help="answers and rows that are timed in each round")
    parser.add_argument("--rounds", type=int, default=5, help="rounds, of which the median counts")
    options = parser.parse_args(arguments)
    with Stage() as stage:
        run = _prepare(options.rows, stage.folder)
        stage.administer("vacuum (analyze) contact", "vacuum (analyze) lookup", "checkpoint")
        for what, work in (("stored lookup", _store), ("imported row", _import)):
            print(f"\nMicroseconds of one {what}, medians of {options.rounds} rounds of {options.sample:,}:")
            for line in _table(stage, run, work, min(options.sample, options.rows), options.rounds):
                print(line, flush=True)
    return 0


def _prepare(rows: int, folder: Path) -> "Run":
    """A list that has been imported, and a run over it of which everything is being asked for."""
    from django.db import connection

    from bulk_lookup.engine.import_file import import_file, start_import
    from bulk_lookup.engine.import_reading import inspect_file
    from bulk_lookup.models import ProviderAccount, Run
    from bulk_lookup.models.directory import the_organization
    from bulk_lookup.models.scope import organization_scope

    organization = the_organization()
    path = folder / "list.csv"
    path.write_text("phone\n" + "\n".join(orders.numbers(rows)) + "\n")
    mapping = inspect_file(path, region="US").mapping
    imported = start_import(organization.pk, list_name="list", file_name=path.name, path=path, mapping=mapping)
    import_file(organization.pk, imported.pk)
    with organization_scope(organization.pk):
        account = ProviderAccount.objects.create(
            organization=organization, name="none", account_sid="AC", secret=b"", account_key="none", simulated=True
        )
        run = Run.objects.create(
            organization=organization,
            contact_list_id=imported.contact_list_id,
            provider_account_id=account.pk,
            packages=[orders.PACKAGE],
            simulated=True,
            quoted_micros=rows * 8_000,
        )
    orders.begin(run)
    with organization_scope(organization.pk), connection.cursor() as cursor:
        cursor.execute(
            "update lookup set state = 'asking', claim_id = 1, asked_at = now(), reserved_micros = price_micros"
        )
        cursor.execute("update run set reserved_micros = numbers * 8000")
    return run


Work = Callable[["Run", int], float]


def _table(stage: Stage, run: "Run", work: Work, sample: int, rounds: int) -> Iterator[str]:
    """Each index's line: its cost, and the whole statement's time with it in proportion to without."""
    changes = {name: _more_of_it(definition) for name, definition in _definitions().items()}
    changes[LAST] = [f"drop index {name}" for name in CHANGED]
    bare: list[float] = []
    costs: dict[str, list[float]] = {name: [] for name in changes}
    _timed(stage, run, work, sample, [])  # warms up
    for _ in range(rounds):
        for name, change in changes.items():
            bare.append(_timed(stage, run, work, sample, []))
            more = _timed(stage, run, work, sample, change) - bare[-1]
            costs[name].append(more if name == LAST else more / TWINS)
    whole = statistics.median(bare)
    yield f"  {'with the indexes that there are':<34} {whole:7.1f}"
    for name, found in costs.items():
        cost = statistics.median(found)
        spread = f"({min(found):+.1f} … {max(found):+.1f})"
        yield f"  {name:<34} {cost:+7.1f}  {spread:<20} {(whole + cost) / whole:.2f} ×"


def _definitions() -> dict[str, str]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select indexname, indexdef from pg_indexes where tablename = 'contact' order by indexname")
        found = dict(cursor.fetchall())
    return {name: found[name] for name in sorted(found, key=lambda name: (name in CHANGED, name))}


def _more_of_it(definition: str) -> list[str]:
    return [f"create index twin_{number} on {definition.split(' ON ', 1)[1]}" for number in range(TWINS)]


def _timed(stage: Stage, run: "Run", work: Work, sample: int, change: list[str]) -> float:
    """Microseconds of each of `sample` pieces of work after `change`, all of it taken back."""
    from django.db import connection, transaction

    from bulk_lookup.models.scope import organization_scope

    stage.administer(
        "vacuum contact", "vacuum lookup", "vacuum facet_count", "vacuum run"
    )  # what the last one took back
    with organization_scope(run.organization_id), transaction.atomic():
        with connection.cursor() as cursor:
            for statement in change:
                cursor.execute(statement)
        taken = work(run, sample)
        transaction.set_rollback(True)
    return taken / sample * 1e6


def _store(run: "Run", sample: int) -> float:
    """Store so many answers, batch by batch, spread over the list as they come in."""
    from django.db import connection

    from bulk_lookup.models.quarter_hour_stat import LATENCY_BUCKETS_MS
    from bulk_lookup.models.queries import query

    terms: dict[str, Any] = {
        "organization_id": run.organization_id,
        "run_id": run.pk,
        "contact_list_id": run.contact_list_id,
        "simulated": True,
        "currency": "USD",
        "latency_buckets": list(LATENCY_BUCKETS_MS),
    }
    taken = 0.0
    with connection.cursor() as cursor:
        for name in ("seqscan", "bitmapscan", "mergejoin", "hashjoin"):
            cursor.execute(f"set local enable_{name} = off")
        for first in range(1, sample + 1, BATCH):
            batch = json.dumps([_answer(position) for position in range(first, min(first + BATCH, sample + 1))])
            with _processor() as spent:
                cursor.execute(query("store_answers"), terms | {"batch": batch})
            taken += spent[0]
    return taken


def _answer(position: int) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat()
    line = {"type": "mobile", "carrier_name": f"Carrier {position % 7}"}
    receipt = {"outcome": "done", "billing": "billed", "cost": 8_000, "at": now, "answer": line}
    return {
        "position": position,
        "claim_id": 1,
        "state": "done",
        "attempts": 0,
        "due": [],
        "price_micros": 0,
        "answered_at": now,
        "packages": {orders.PACKAGE: receipt},
        "billed_micros": 8_000,
        "unknown_micros": 0,
        "valid": True,
        "validation_errors": [],
        "reason": "",
        "response_time_ms": 120,
        "request_id": f"RQ{position:032d}",
        "reserved_micros": 8_000,
        "shown": True,
        "line_type": line["type"],
        "carrier_name": line["carrier_name"],
        "answers": {},
        "ages": {orders.PACKAGE: now},
    }


def _import(run: "Run", sample: int) -> float:
    """Move so many staged rows into the list."""
    from django.db import connection

    from bulk_lookup.models import Import
    from bulk_lookup.models.queries import query

    one = Import.objects.get(contact_list_id=run.contact_list_id)
    place: dict[str, Any] = {
        "organization_id": run.organization_id,
        "contact_list_id": run.contact_list_id,
        "import_id": one.pk,
    }
    counted = {"last_row": 0, "bytes_read": 0, "reasons": "{}", "row_problems": "{}", "header": "[]"}
    taken = 0.0
    with connection.cursor() as cursor:
        for name in ("seqscan", "bitmapscan", "sort"):
            cursor.execute(f"set local enable_{name} = off")
        cursor.execute(query("import_staging"))
        for first in range(0, sample, STAGED):
            cursor.execute(
                """
                insert into import_row
                select %(first)s + n, '+1669' || number, jsonb_build_array('+1669' || number), '+1669' || number, 'US', '', '{}',
                    '{}', null, '', null
                from (select n, lpad((%(first)s + n)::text, 7, '0') as number from generate_series(1, %(rows)s) as n) as row
                """,
                {"first": one.last_row + first, "rows": min(STAGED, sample - first)},
            )
            with _processor() as spent:
                cursor.execute(query("import_batch"), place | counted)
            taken += spent[0]
            cursor.execute("truncate import_row")
    return taken


@contextmanager
def _processor() -> Iterator[list[float]]:
    """Seconds of the server process's processor time inside the block, or of the clock where they are not to be had."""
    from django.db import connection

    assert connection.connection is not None
    status = Path(f"/proc/{connection.connection.info.backend_pid}/stat")
    spent = [0.0]
    before = _seconds(status)
    yield spent
    spent[0] = _seconds(status) - before


def _seconds(status: Path) -> float:
    try:
        user, system = status.read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError):
        return time.perf_counter()


if __name__ == "__main__":
    sys.exit(main())
