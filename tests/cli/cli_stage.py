"""The command as its user has it, a process of its own; accounts at a simulator; a list, and a run to look at."""

import contextlib
import csv
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# Waits between tries, short enough for a test.
_QUICK = {
    "BULK_LOOKUP_WAIT_UNKNOWN": "0.2",
    "BULK_LOOKUP_WAIT_TRANSIENT": "0.1",
    "BULK_LOOKUP_READ_TIMEOUT": "5",
}
_OURS = ("TWILIO_", "BULK_LOOKUP_", "DB_POOL", "DATABASE_URL", "DJANGO_")


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def said(self) -> str:
        """What it said, without the line breaks of a terminal's width."""
        return " ".join(self.err.split())


@dataclass
class Command:
    """`bulk-lookup …` in `folder`, with these settings and no others."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    def __call__(self, *words: str, stdin: bytes | str = b"", **settings: str) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "bulk_lookup.cli", *words],
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            cwd=self.folder,
            env=self.environment(settings),
            timeout=60,
        )
        answer = Done(done.returncode, done.stdout.decode(), done.stderr.decode())
        assert "Traceback" not in answer.err, answer.err
        return answer

    def environment(self, settings: dict[str, str]) -> dict[str, str]:
        plain = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
        return plain | _QUICK | {"COLUMNS": "200"} | self.settings | settings

    def with_settings(self, **settings: str) -> "Command":
        return Command(self.folder, self.settings | settings)


@dataclass(frozen=True)
class Account:
    """An account of the shared simulator, with settings and a ledger of its own."""

    url: str
    sid: str

    @property
    def settings(self) -> dict[str, str]:
        return {
            "TWILIO_ACCOUNT_SID": self.sid,
            "TWILIO_AUTH_TOKEN": "simulated",
            "BULK_LOOKUP_TWILIO_URL": self.url,
        }

    def set(self, **settings: object) -> None:
        body = json.dumps(settings).encode()
        urllib.request.urlopen(f"{self.url}/_simulator/settings?account={self.sid}", body, timeout=10).close()

    def ledger(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/_simulator/ledger?account={self.sid}", timeout=10) as answer:
            return dict(json.load(answer))

    def billed(self) -> int:
        """How many answers it would have billed."""
        return sum(sum(number["billed"].values()) for number in self.ledger()["numbers"].values())


@dataclass(frozen=True)
class RealAccount:
    """A server that does not say that it simulates, and tells of its account only; `asked` are the paths it was asked for."""

    url: str
    asked: list[str]

    @property
    def settings(self) -> dict[str, str]:
        return {
            "TWILIO_ACCOUNT_SID": f"AC{0xEA1:032x}",
            "TWILIO_AUTH_TOKEN": "a secret that is never shown",
            "BULK_LOOKUP_TWILIO_URL": self.url,
        }


LIST = """\
Name;Phone;Country Code;lookup_country_code;Notes
Ann;(415) 555-0101;1;;"a; b"
Bob;+1 415 555 0102;1;x;
Ann again;415.555.0101;1;;"two
lines"
Cara;call reception;1;;
Dan;+44 20 7946 0103;44;;=1+1
Eve;415-555-0104 x12;1;;
Fay;;1;;
Gus;(415) 555-0105 / (415) 555-0106;1;;Zoë
"""


@dataclass(frozen=True)
class Finished:
    """A run to look at: what the command printed, and the files it left."""

    done: Done
    folder: Path

    @property
    def summary(self) -> dict[str, Any]:
        return dict(self.done.json)

    @property
    def rows(self) -> list[dict[str, str]]:
        return read_rows(self.folder / "people.looked-up.csv", delimiter=";")


def read_rows(path: Path, *, delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


@contextlib.contextmanager
def started(command: Command, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A command that is running; it is ended with the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bulk_lookup.cli", *words],
        cwd=command.folder,
        env=command.environment({}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()
