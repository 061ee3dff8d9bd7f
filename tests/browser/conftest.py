"""A real Chromium on a real server, worker and simulator. Without a Chromium these tests are left out, and the end says so."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from browser_stage import APP, AXE, PASSWORD

from bulk_lookup.simulator.accounts import SIMULATED_ACCOUNT_SID, SIMULATED_AUTH_TOKEN

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from bulk_lookup.models import Organization

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LEFT_OUT = (
    "The tests of the pages in a real browser were left out: no Chromium is on this machine (Debian: apt-get install "
    "chromium), or the front end is not built (make frontend)."
)


def chromium() -> str | None:
    """Where the machine's Chromium is; BULK_LOOKUP_CHROMIUM names another."""
    given = os.environ.get("BULK_LOOKUP_CHROMIUM")
    return given or next((found for name in NAMES if (found := shutil.which(name))), None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the tests of this folder out where nothing can run them."""
    if chromium() is not None and AXE.exists() and APP.exists():
        return
    ours = [item for item in items if Path(__file__).parent in item.path.parents]
    for item in ours:
        item.add_marker(pytest.mark.skip(reason="no Chromium, or no front end"))
    config.stash[_LEFT_OUT] = bool(ours)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say at the very end what was left out."""
    if config.stash.get(_LEFT_OUT, False):
        terminalreporter.write_line(LEFT_OUT)


_LEFT_OUT = pytest.StashKey[bool]()


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    from playwright.sync_api import sync_playwright

    # Its loop counts as running in this thread for as long as the browser is open, and Django then refuses the database.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        opened = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[str]:
    """The address of a web process, beside a worker and a simulator, all on the test's database."""
    simulator = subprocess.Popen(
        [sys.executable, "-m", "bulk_lookup.simulator", "--latency", "20ms"], stdout=subprocess.PIPE, text=True
    )
    assert simulator.stdout is not None
    url = re.search(r"http://\S+", simulator.stdout.readline())
    assert url is not None
    environment = os.environ | {
        "DATABASE_URL": database_url,
        "BULK_LOOKUP_DATA_DIR": str(tmp_path),
        "BULK_LOOKUP_SIMULATOR_URL": f"http://{SIMULATED_ACCOUNT_SID}:{SIMULATED_AUTH_TOKEN}@{url.group()[7:]}",
        "PORT": str(_free_port()),
        "BULK_LOOKUP_DRAIN": "2",
    }
    log = (tmp_path / "processes.log").open("ab")
    processes = [
        subprocess.Popen([sys.executable, "-m", "bulk_lookup.cli", name], env=environment, stdout=log, stderr=log)
        for name in ("web", "worker")
    ]
    address = f"http://localhost:{environment['PORT']}"
    try:
        _wait_for(address, processes[0], tmp_path / "processes.log")
        yield address
    finally:
        for process in (*processes, simulator):
            process.terminate()
        for process in (*processes, simulator):
            process.wait(30)
        log.close()


@pytest.fixture
def person(organization: "Organization", site: str) -> str:
    """An owner of Alice's organization, who may sign in; returns the e-mail."""
    from bulk_lookup.models import Membership, User

    user = User.objects.create_user("alice@example.com", PASSWORD, name="Alice")
    Membership.objects.create(organization=organization, user=user, role="owner")
    return user.email


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait_for(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{address}/sign-in", timeout=5).close()
            return
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
    pytest.fail(f"the web process does not answer: {log.read_text(errors='replace')[-2000:]}")
