"""One database and one simulator for all tests of this folder."""

import itertools
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from cli_stage import LIST, Account, Command, Finished, RealAccount

_accounts = itertools.count(0x2000)


@pytest.fixture
def bare(tmp_path: Path) -> Command:
    """The command where there is nothing yet: no database, no account."""
    return Command(tmp_path, {"BULK_LOOKUP_DATA_DIR": str(tmp_path / "data")})


@pytest.fixture(scope="session")
def cli_database(postgres_url: str) -> Iterator[str]:
    """A database that only commands write to, and that they make the tables of."""
    name = f"bulk_lookup_cli_{os.getpid()}"
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute(f"create database {name}")
        yield urlsplit(postgres_url)._replace(path=f"/{name}").geturl()
        admin.execute(f"drop database {name} with (force)")


@pytest.fixture(scope="session")
def installation(cli_database: str) -> Iterator[dict[str, str]]:
    """The settings of an installation that all tests share."""
    with tempfile.TemporaryDirectory(prefix="bulk-lookup-cli-") as folder:
        settings = {
            "DATABASE_URL": cli_database,
            "BULK_LOOKUP_DATA_DIR": folder,
            "BULK_LOOKUP_SECRET_KEY": "a key for tests alone",
        }
        assert Command(Path(folder), settings)("runs").said == "Preparing the database …"
        yield settings


@pytest.fixture
def bulk_lookup(installation: dict[str, str], tmp_path: Path) -> Command:
    """The command with the shared database and no account."""
    return Command(tmp_path, dict(installation))


@pytest.fixture(scope="session")
def simulator_url() -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "bulk_lookup.simulator", "--parent-pipe", "--invalid-rate", "0"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    yield process.stdout.readline().split()[-1]
    process.stdin.close()
    process.wait(10)
    process.stdout.close()


@pytest.fixture(scope="session")
def account(simulator_url: str) -> Account:
    """The account of the runs that all tests look at."""
    return _account(simulator_url)


@pytest.fixture
def own_account(simulator_url: str) -> Account:
    """An account of this test alone."""
    return _account(simulator_url)


def _account(url: str) -> Account:
    return Account(url, f"AC{next(_accounts):032x}")


@pytest.fixture
def real_account() -> Iterator[RealAccount]:
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            answer = {"status": "active", "type": "Full", "friendly_name": "Acme", "balance": "5.50", "currency": "USD"}
            body = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield RealAccount(f"http://127.0.0.1:{server.server_port}", asked)
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def finished(installation: dict[str, str], account: Account, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A list of eight rows, looked up with line types and caller names."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "people.csv").write_text(LIST, encoding="utf-8")
    done = Command(folder, installation | account.settings)(
        *("lookup", "people.csv", "--yes", "--json", "--region", "US", "--phone-column", "Phone"),
        *("--packages", "line_type_intelligence,caller_name", "--rejects", "rejects.csv", "--max-cost", "1.00"),
    )
    assert done.code == 0, done.err
    return Finished(done, folder)
