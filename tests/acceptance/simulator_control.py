"""A simulator as a process of its own, and its control pages."""

import json
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from typing import Any

from bulk_lookup.simulator.accounts import SIMULATED_ACCOUNT_SID, SIMULATED_AUTH_TOKEN


@dataclass
class Simulator:
    """Started with `Simulator.start(latency="20ms", …)`."""

    process: subprocess.Popen[str]
    url: str

    @classmethod
    def start(cls, **settings: str) -> "Simulator":
        options = [word for name, value in settings.items() for word in (f"--{name.replace('_', '-')}", value)]
        process = subprocess.Popen(
            [sys.executable, "-m", "bulk_lookup.simulator", "--parent-pipe", *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C reaches whoever started it, which then ends it
        )
        assert process.stdout is not None
        return cls(process, process.stdout.readline().split()[-1])

    def environment(self) -> dict[str, str]:
        return {
            "TWILIO_ACCOUNT_SID": SIMULATED_ACCOUNT_SID,
            "TWILIO_AUTH_TOKEN": SIMULATED_AUTH_TOKEN,
            "BULK_LOOKUP_TWILIO_URL": self.url,
        }

    def ledger(self) -> dict[str, Any]:
        return self._get("ledger")

    def stats(self) -> dict[str, Any]:
        return self._get("stats")

    def set(self, **settings: str) -> None:
        """Change settings while it runs."""
        body = json.dumps(settings).encode()
        request = urllib.request.Request(f"{self.url}/_simulator/settings", body, {"Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=10).close()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()

    def _get(self, page: str) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/_simulator/{page}", timeout=30) as answer:
            return dict(json.load(answer))
