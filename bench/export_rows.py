"""Rows exported per second as CSV, with all their own columns and all answers."""

import time
from collections.abc import Iterator
from pathlib import Path

from bench.big_list import big_list
from bench.context import Context
from bench.figure import Figure, Goal, Measured, beside

GOAL_SHARE = 0.7

# What the file is made of, as it lies in the table.
_SOURCE = (
    "cells, formatted_phone_number, valid, validation_error, country_code, line_type, carrier_name, mobile_country_code, "
    "mobile_network_code, line_status, duplicate_of, repairs, other_phone_numbers, status, reason, error_code, "
    "api_cost_micros, api_response_time_ms, lookup_performed_at"
)


def measure(bench: Context) -> Iterator[Figure]:
    """The product's export beside raw COPY out of the same rows into a file at the same place."""
    from bulk_lookup.engine.build_export import build_export
    from bulk_lookup.models import Export
    from bulk_lookup.models.scope import organization_scope

    population = big_list(bench)
    organization_id, run = population.organization_id, population.run
    path = bench.stage.folder / "out.csv"
    rates: list[float] = []
    raws: list[float] = []
    bytes_ours = bytes_raw = 0
    for _ in range(bench.runs):
        with organization_scope(organization_id):
            export = Export.objects.create(
                organization_id=organization_id,
                contact_list_id=population.contact_list_id,
                run_id=run.pk,
                path=str(path),
                format="csv",
            )
        began = time.monotonic()
        rows = build_export(organization_id, export.pk).rows
        rates.append(rows / (time.monotonic() - began))
        assert rows == population.rows
        bytes_ours = path.stat().st_size
        seconds = _raw_copy(organization_id, path)
        raws.append(rows / seconds)
        bytes_raw = path.stat().st_size
        path.unlink()
    ours = Measured(tuple(rates), " rows/s")
    raw = beside("raw COPY of the same columns of the same rows", Measured(tuple(raws), " rows/s"), ours)
    yield Figure(
        f"export rows/s, {population.rows:,} rows, CSV",
        str(ours),
        limits=(raw,),
        goals=(Goal("≥ 70 % of raw COPY", raw.ratio >= GOAL_SHARE),),
        notes=(f"The export is {bytes_ours / 1e6:.0f} MB, the raw copy {bytes_raw / 1e6:.0f} MB.",),
    )


def _raw_copy(organization_id: int, path: Path) -> float:
    """The rows as they lie in the table, in no order, under the same policy; returns the seconds it took."""
    from django.db import connection

    from bulk_lookup.models.scope import organization_scope

    with organization_scope(organization_id), path.open("wb") as file:
        assert connection.connection is not None
        began = time.monotonic()
        with (
            connection.connection.cursor() as raw,
            raw.copy(f"copy (select {_SOURCE} from contact) to stdout (format csv)") as copy,
        ):
            for block in copy:
                file.write(block)
        return time.monotonic() - began
