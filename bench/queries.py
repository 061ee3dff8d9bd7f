"""Queries of pages and engine with and without the index that serves each, as the runtime role under row-level security."""

import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.big_list import big_list
from bench.context import Context
from bench.figure import Beside, Figure, Goal, Measured
from bench.orders import numbers
from bench.population import Population

ROWS_OF_A_PAGE = 50
GOAL_MS = {1_000_000: 50.0, 10_000_000: 100.0}

_PAGE = "id, row_number, raw_phone_number, formatted_phone_number, status, line_type, carrier_name, lookup_performed_at"


@dataclass(frozen=True, slots=True)
class Query:
    """A query, the index that serves it ("" where none does), and the parameters of one asking."""

    name: str
    index: str
    sql: str
    draw: Callable[[random.Random], Sequence[Any]]


def measure(bench: Context) -> Iterator[Figure]:
    """Each query many times with other parameters, then a few times in a transaction without its index."""
    population = big_list(bench)
    for query in _queries(population):
        if query.index and not _exists(query.index):
            bench.say(f"{query.name}: there is no index {query.index} yet")
            continue
        yield _figure(bench, population, query)


def _queries(population: Population) -> Iterator[Query]:
    rows, contact_list_id = population.rows, population.contact_list_id
    newest = datetime.now(UTC)

    def number(chance: random.Random) -> str:
        return next(iter(numbers(1, first=chance.randrange(rows // 100) * 100)))

    def time_between(chance: random.Random) -> datetime:
        return newest - timedelta(seconds=chance.random() * rows / 10)

    yield Query(
        "pending tab, oldest first",
        "contact_pending",
        f"select {_PAGE} from contact where status = 'pending' and created_at >= %s order by created_at limit {ROWS_OF_A_PAGE}",
        lambda chance: [time_between(chance)],
    )
    yield Query(
        "failed tab, newest failure first",
        "contact_failed",
        f"""select {_PAGE} from contact where status = 'failed' and updated_at <= %s
            order by updated_at desc limit {ROWS_OF_A_PAGE}""",
        lambda chance: [time_between(chance)],
    )
    yield Query(
        "completed, newest lookup first",
        "contact_looked_up",
        f"""select {_PAGE} from contact where status = 'completed' and lookup_performed_at <= %s
            order by lookup_performed_at desc limit {ROWS_OF_A_PAGE}""",
        lambda chance: [time_between(chance)],
    )
    yield Query(
        "search by number prefix",
        "contact_number",
        f"""select {_PAGE} from contact where formatted_phone_number >= %s and formatted_phone_number < %s
            order by formatted_phone_number limit {ROWS_OF_A_PAGE}""",
        lambda chance: _prefix(number(chance)[:9]),
    )
    yield Query(
        "search by last digits",
        "contact_number_reversed",
        f"""select {_PAGE} from contact where reverse(formatted_phone_number) collate "C" >= %s
            and reverse(formatted_phone_number) collate "C" < %s limit {ROWS_OF_A_PAGE}""",
        lambda chance: _prefix(number(chance)[:5:-1]),
    )
    yield Query(
        "list page by row number",
        "contact_row",
        f"""select {_PAGE} from contact where contact_list_id = %s and row_number > %s
            order by row_number limit {ROWS_OF_A_PAGE}""",
        lambda chance: [contact_list_id, chance.randrange(rows)],
    )
    yield Query(
        "fan-out of an answer to the rows with its number",
        "contact_number",
        "select id, row_number, status from contact where formatted_phone_number = %s and contact_list_id = %s",
        lambda chance: [number(chance), contact_list_id],
    )
    yield Query(
        "answers of a number that may be reused",
        "lookup_of_number",
        """select run_id, packages, answered_at from lookup
            where formatted_phone_number = %s and simulated and answered_at >= %s order by answered_at desc""",
        lambda chance: [number(chance), newest - timedelta(days=30)],
    )
    yield Query(
        "counts of a list by status, from the rollup",
        "",
        "select status, sum(contacts) from facet_count where contact_list_id = %s group by status",
        lambda chance: [contact_list_id],
    )


def _figure(bench: Context, population: Population, query: Query) -> Figure:
    chance = random.Random(1)
    fast = _times(population.organization_id, query, bench.sizes.queries, chance)
    goal = GOAL_MS[min((rows for rows in GOAL_MS if population.rows <= rows), default=max(GOAL_MS))]
    peers: tuple[Beside, ...] = ()
    if query.index:
        with _without(query.index):
            slow = _times(population.organization_id, query, bench.sizes.slow_queries, chance)
        ratio = statistics.median(fast) / statistics.median(slow)
        peers = (Beside(f"without {query.index}, p50", Measured((statistics.median(slow),), " ms"), ratio),)
    return Figure(
        f"{query.name}, {population.rows:,} contacts",
        f"p50 {statistics.median(fast):.2f} ms, p95 {_p95(fast):.2f} ms",
        peers=peers,
        goals=(Goal(f"p95 ≤ {goal:.0f} ms", _p95(fast) <= goal),),
    )


def _times(organization_id: int, query: Query, times: int, chance: random.Random) -> list[float]:
    """Milliseconds of each asking, fetched to the last row; the first few only warm up."""
    from django.db import connection

    from bulk_lookup.models.scope import organization_scope

    taken: list[float] = []
    warm_up = min(5, times)
    with organization_scope(organization_id), connection.cursor() as cursor:
        for _ in range(warm_up + times):
            parameters = query.draw(chance)
            began = time.perf_counter()
            cursor.execute(query.sql, parameters)
            cursor.fetchall()
            taken.append((time.perf_counter() - began) * 1000)
    return taken[warm_up:]


@contextmanager
def _without(index: str) -> Iterator[None]:
    """A transaction in which the index does not exist; afterwards nothing has happened."""
    from django.db import connection, transaction

    class Undo(Exception):
        pass

    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    "select conrelid::regclass::text from pg_constraint where conname = %s and contype = 'u'", [index]
                )
                table = cursor.fetchone()
                cursor.execute(f"alter table {table[0]} drop constraint {index}" if table else f"drop index {index}")
            yield
            raise Undo
    except Undo:
        pass


def _exists(index: str) -> bool:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select to_regclass(%s) is not null", [index])
        return bool(cursor.fetchone()[0])


def _prefix(text: str) -> list[str]:
    return [text, text[:-1] + chr(ord(text[-1]) + 1)]


def _p95(taken: list[float]) -> float:
    return sorted(taken)[min(len(taken) - 1, int(len(taken) * 0.95))]
