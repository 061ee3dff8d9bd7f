"""An account of a running simulator, with the calls that tests make."""

import base64
import http.client
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class SimulatedAccount:
    """An account of the running simulator with the calls that tests make."""

    port: int
    sid: str
    user: str
    token: str = "simulated"

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def authorization(self) -> str:
        return "Basic " + base64.b64encode(f"{self.user}:{self.token}".encode()).decode()

    def request(self, method: str, path: str, body: object = None, *, timeout: float = 10.0) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            sent = None if body is None else json.dumps(body)
            connection.request(method, path, sent, {"Authorization": self.authorization})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def look_up(self, number: str, packages: str = "", *, timeout: float = 10.0, **parameters: str) -> Answer:
        return self.look_up_with(
            number, {"Fields": packages, **parameters} if packages else parameters, timeout=timeout
        )

    def look_up_with(self, number: str, query: Mapping[str, str], *, timeout: float = 10.0) -> Answer:
        path = f"/v2/PhoneNumbers/{number}?{urlencode(query)}"
        return self.request("GET", path.removesuffix("?"), timeout=timeout)

    def set(self, **settings: object) -> Any:
        answer = self.request("POST", f"/_simulator/settings?account={self.sid}", settings)
        assert answer.status == 200, answer.body
        return answer.json

    def ledger(self) -> Any:
        return self.request("GET", f"/_simulator/ledger?account={self.sid}").json

    def billed(self, number: str) -> dict[str, int]:
        billed: dict[str, int] = self.ledger()["numbers"].get(number, {}).get("billed", {})
        return billed

    def stats(self) -> Any:
        return self.request("GET", f"/_simulator/stats?account={self.sid}").json

    def wait_for_in_flight(self, count: int) -> None:
        """Wait until so many requests are in flight; five seconds at most."""
        until = time.monotonic() + 5
        while self.stats()["in_flight"] != count:
            assert time.monotonic() < until, f"{count} requests were never in flight"
            time.sleep(0.005)
