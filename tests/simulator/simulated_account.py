"""An account of a running simulator, with the calls that tests make."""

import base64
import http.client
import json
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
        query = urlencode({"Fields": packages, **parameters} if packages else parameters)
        return self.request("GET", f"/v2/PhoneNumbers/{number}?{query}".removesuffix("?"), timeout=timeout)

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
