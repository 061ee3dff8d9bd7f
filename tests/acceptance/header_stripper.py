"""A server between: it passes requests to the simulator and takes the simulator's mark off the answers."""

import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from bulk_lookup.simulator.wire import SIMULATION_HEADER


class HeaderStripper:
    """Use it with `with`; `url` is its address."""

    def __init__(self, behind: str) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                request = urllib.request.Request(behind + self.path)
                for name in ("Authorization", "Accept"):
                    if value := self.headers.get(name):
                        request.add_header(name, value)
                try:
                    answer: Any = urllib.request.urlopen(request, timeout=30)
                except urllib.error.HTTPError as error:
                    answer = error
                with answer:
                    body = answer.read()
                    self.send_response(answer.status)
                    for name, value in answer.headers.items():
                        kept = name.lower() not in (SIMULATION_HEADER.lower(), "connection", "transfer-encoding")
                        if kept and name.lower() != "content-length":
                            self.send_header(name, value)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, *arguments: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
