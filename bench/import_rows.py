"""Rows imported per second: parsed, validated, de-duplicated, indexed; and the memory that takes."""

import csv
import time
from collections.abc import Iterator
from pathlib import Path

from bench.context import Context
from bench.figure import Figure, Goal, Measured, beside

GOAL_ROWS, GOAL_RATIO, GOAL_MEMORY = 50_000, 50, 300
FLAT = 1.1  # peak memory with the whole file over that with a tenth of it


def measure(bench: Context) -> Iterator[Figure]:
    """Our import process beside django-import-export on the file's first rows, and a raw COPY of the same rows."""
    sizes = bench.sizes
    whole, tenth, slice_ = (bench.stage.folder / name for name in ("whole.csv", "tenth.csv", "slice.csv"))
    for path, rows in ((whole, sizes.import_rows), (tenth, sizes.import_rows // 10), (slice_, sizes.peer_rows)):
        write_list(path, rows)  # a shorter one is the beginning of a longer one
    rates: list[float] = []
    peaks: list[float] = []
    copies: list[float] = []
    for place in range(bench.runs):
        bench.say(f"round {place + 1} of {bench.runs}")
        organization = bench.stage.empty()
        told = bench.stage.python("bench.import_process", str(organization.pk), str(whole))
        assert told["rows"] == sizes.import_rows
        rates.append(told["rows"] / told["seconds"])
        peaks.append(told["peak_mb"])
        copies.append(_raw_copy(bench, organization.pk, told["rows"]))
    small = bench.stage.python("bench.import_process", str(bench.stage.empty().pk), str(tenth))
    peers: dict[str, dict[str, float]] = {}
    for mode in ("plain", "bulk"):
        bench.say(f"the peer, {mode}, {sizes.peer_rows:,} rows")
        with bench.stage.database("peer_import") as database:
            peers[mode] = bench.stage.python("bench.peer_import_export", mode, database, str(slice_))
    ours, peak = Measured(tuple(rates), " rows/s"), Measured(tuple(peaks), " MB")
    plain, bulk = (
        beside(name, Measured((peers[mode]["rows"] / peers[mode]["seconds"],), " rows/s"), ours)
        for mode, name in (
            ("plain", f"django-import-export as it comes, on the file's first {sizes.peer_rows:,} rows"),
            ("bulk", "the same made as fast as it can be (bulk, no lookup, no diff)"),
        )
    )
    growth = peak.value / small["peak_mb"]
    yield Figure(
        f"import rows/s, {sizes.import_rows:,} rows of CSV, parsed, validated, de-duplicated, indexed",
        f"{ours}; peak memory {peak}, {small['peak_mb']:.0f} MB with a tenth of the file",
        peers=(plain, bulk),
        limits=(beside("raw COPY of the same rows, no index", Measured(tuple(copies), " rows/s"), ours),),
        goals=(
            Goal(f"≥ {GOAL_ROWS:,} rows/s", ours.value >= GOAL_ROWS),
            Goal(f"≥ {GOAL_RATIO} × django-import-export as it comes", plain.ratio >= GOAL_RATIO),
            Goal(f"peak memory < {GOAL_MEMORY} MB", peak.value < GOAL_MEMORY),
            Goal("peak memory flat in file size", growth <= FLAT),
        ),
        notes=(
            "The peer reads the whole file into memory, parses with phonenumbers and keeps the numbers it has seen in a "
            f"dictionary; its peak memory is {peers['plain']['peak_mb']:.0f} MB for {sizes.peer_rows:,} rows.",
        ),
    )


def write_list(path: Path, rows: int) -> None:
    """An invented customer list, as `bulk-lookup sample` writes it."""
    from bulk_lookup.cli.sample_list import HEADER, invent_rows

    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(invent_rows(rows, seed=1))


def _raw_copy(bench: Context, organization_id: int, rows: int) -> float:
    """COPY the contacts that came of it into a bare table: no index, no check, no policy."""
    from django.db import connection

    from bulk_lookup.models.scope import organization_scope

    path = bench.stage.folder / "rows.copy"
    connection.ensure_connection()
    assert connection.connection is not None
    with organization_scope(organization_id), connection.cursor() as cursor:
        whole_rows = "copy (select * from contact) to stdout"
        with path.open("wb") as file, connection.connection.cursor() as raw, raw.copy(whole_rows) as copy:
            for block in copy:
                file.write(block)
        cursor.execute("create table raw_contact (like contact)")
    with connection.connection.cursor() as raw, path.open("rb") as file:
        began = time.monotonic()
        with raw.copy("copy raw_contact from stdin") as copy:
            while block := file.read(1 << 20):
                copy.write(block)
        seconds = time.monotonic() - began
        raw.execute("drop table raw_contact")
    path.unlink()
    return rows / seconds
