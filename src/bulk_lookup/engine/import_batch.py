"""One transaction of an import: a batch of rows becomes contacts, counted in the import and in the rollup."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from django.db import connection
from psycopg.types.json import Jsonb

from bulk_lookup.engine.import_portions import Portion
from bulk_lookup.engine.import_rows import COPY_COLUMNS
from bulk_lookup.models import Import
from bulk_lookup.models.imports import ImportMoved
from bulk_lookup.models.queries import query
from bulk_lookup.models.scope import organization_scope

# Of a new organization or list the planner has no figures and takes any index for as good as the right one, or reads the
# whole table for each staged row (100 times slower). With these and the order that import_batch.sql asks for, only
# contact_number is left. Before PostgreSQL 18 what is switched off is merely dear, dear enough to compile the statement.
_PROBE_THE_INDEX: Final = "".join(
    f"set local {setting} = off;" for setting in ("enable_seqscan", "enable_bitmapscan", "enable_sort", "jit")
)


def store_portion(one: Import, portion: Portion) -> None:
    """Store the rows that follow those that `one` says are stored, and move its `rows` on.

    Raises ImportMoved, with nothing stored, where the import does not run any more or somebody else has moved it on.
    """
    ready = portion.ready
    place = {"organization_id": one.organization_id, "contact_list_id": one.contact_list_id, "import_id": one.id}
    with organization_scope(one.organization_id), connection.cursor() as cursor:
        # A crash of the machine may take the last batches back, contacts and counters alike: they are stored again.
        cursor.execute("set local synchronous_commit = off")
        cursor.execute(_PROBE_THE_INDEX)
        cursor.execute(query("import_staging"))
        with cursor.copy(f"copy import_row ({COPY_COLUMNS}) from stdin") as copy:
            copy.write(ready.text)
        cursor.execute(query("import_lock"), place)
        state, rows, reasons, row_problems = cursor.fetchone()
        if state != Import.State.RUNNING or rows != one.rows:
            raise ImportMoved(f"it is {state} with {rows} rows stored, not running with {one.rows}")
        changes: dict[str, Any] = {
            "last_row": ready.last_row,
            "bytes_read": portion.bytes_read,
            "reasons": Jsonb(Counter(json.loads(reasons)) + Counter(ready.reasons)),
            "row_problems": Jsonb(_merged(json.loads(row_problems), ready.row_problems)),
            "header": Jsonb(portion.header),
        }
        cursor.execute(query("import_batch"), place | changes | _searched(one))
        one.announce()
    one.rows += ready.rows


def _searched(one: Import) -> dict[str, int | None]:
    """The places of the columns that contacts are found by; null gives null."""
    places = [*one.mapping.get("search_columns", ()), None, None, None]
    return {f"search_{number}": places[number - 1] for number in (1, 2, 3)}


def _merged(kept: dict[str, dict[str, int]], fresh: Mapping[str, tuple[int, int]]) -> dict[str, dict[str, int]]:
    merged = dict(kept)
    for word, (rows, first) in fresh.items():
        before = kept.get(word, {"rows": 0, "first": first})
        merged[word] = {"rows": before["rows"] + rows, "first": before["first"]}
    return merged
