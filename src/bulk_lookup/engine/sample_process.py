"""The sample of a file that has to be unpacked, taken in a process of its own.

A workbook is read whole at its opening: seconds of one processor and hundreds of megabytes, which a web process must not
spend, since all its pages would stand still meanwhile.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import orjson

from bulk_lookup.engine.take_sample import Sample, take_sample
from bulk_lookup.lib.tables.byte_stream import GZIP_MAGIC
from bulk_lookup.lib.tables.errors import TableError
from bulk_lookup.lib.tables.signature import ZIP_MAGIC

# A process takes most of a second to start: smaller files are unpacked before it is there.
WORTH_A_PROCESS_BYTES: Final = 500_000
_LONGEST_SECONDS: Final = 120.0
_CHILD: Final = "import django; django.setup(); from bulk_lookup.engine.sample_process import answer; answer()"


def sample_apart(path: Path, *, sheet: str | None = None, country: str | None = None) -> Sample:
    """The same as `take_sample`, and what it raises; text that is not packed is looked at here."""
    if not _is_heavy(path):
        return take_sample(path, sheet=sheet, country=country)
    request = orjson.dumps({"path": str(path), "sheet": sheet, "country": country})
    try:
        done = subprocess.run(
            [sys.executable, "-c", _CHILD],
            input=request,
            stdout=subprocess.PIPE,
            timeout=_LONGEST_SECONDS,
            check=True,
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "bulk_lookup.settings"},
        )
    except subprocess.TimeoutExpired:
        raise TableError(f"{path.name} takes too long to be looked at. Save it as CSV, and give that.") from None
    except subprocess.CalledProcessError:  # killed, most likely for the memory that it took
        raise TableError(f"{path.name} is too much to be looked at here. Save it as CSV, and give that.") from None
    found = orjson.loads(done.stdout)
    if "problem" in found:
        raise TableError(found["problem"])
    return Sample.from_json(found)


def answer() -> None:
    """What the process does: a request from standard input, its sample to standard output."""
    request = orjson.loads(sys.stdin.buffer.read())
    found: dict[str, Any]
    try:
        found = take_sample(Path(request["path"]), sheet=request["sheet"], country=request["country"]).as_json()
    except TableError as error:
        found = {"problem": str(error)}
    sys.stdout.buffer.write(orjson.dumps(found))


def _is_heavy(path: Path) -> bool:
    try:
        if path.stat().st_size < WORTH_A_PROCESS_BYTES:
            return False
        with path.open("rb") as file:
            return file.read(4).startswith((ZIP_MAGIC, GZIP_MAGIC))
    except OSError:
        return False  # whoever opens it next says what is wrong with it
