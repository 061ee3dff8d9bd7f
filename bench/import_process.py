"""The import in a process of its own, as a worker's: `python -m bench.import_process ORGANIZATION FILE`.

Prints {"rows", "seconds", "peak_mb"}; the seconds are those from looking at the file to the planner's new figures.
"""

import json
import sys
import time
from pathlib import Path

from bench.memory import peak_mb


def main(organization_id: int, path: Path) -> None:
    """Import a file into a new list."""
    from bulk_lookup.boot import boot

    boot()
    from bulk_lookup.engine.import_file import import_file, start_import
    from bulk_lookup.engine.import_reading import inspect_file
    from bulk_lookup.models import Import
    from bulk_lookup.models.scope import organization_scope

    began = time.monotonic()
    mapping = inspect_file(path).mapping
    one = start_import(organization_id, list_name="list", file_name=path.name, path=path, mapping=mapping)
    import_file(organization_id, one.pk)
    seconds = time.monotonic() - began
    with organization_scope(organization_id):
        one = Import.objects.get(pk=one.pk)
    assert one.state == Import.State.FINISHED, one.problem
    told = {"rows": one.rows, "valid": one.valid, "duplicates": one.duplicates, "invalid": one.invalid}
    print(json.dumps({**told, "seconds": seconds, "peak_mb": peak_mb()}))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
