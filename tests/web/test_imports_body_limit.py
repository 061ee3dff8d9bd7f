"""Bodies that are too large are refused as they come in: nothing of them is kept, and the sender gets an answer."""

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpRequest

from bulk_lookup.web.imports.body_limit import UPLOAD_PATH, BodyLimit, Message, Receive, Scope, Send, is_too_large

FORM = "application/x-www-form-urlencoded"
FILE = "multipart/form-data; boundary=x"
ROOM = 1_000_000


class Recorder:
    """An application that reads its request to the end, as Django does, and answers 200."""

    def __init__(self) -> None:
        self.scopes: list[Scope] = []
        self.received = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scopes.append(scope)
        self.received = 0
        while True:
            message = await receive()
            self.received += len(message.get("body", b""))
            if not message.get("more_body"):
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})


@pytest.fixture(autouse=True)
def limits(settings: Any) -> None:
    settings.UPLOAD_LIMIT = 5_000_000
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000


def exchange(
    path: str, size: int, *, kind: str = FILE, method: str = "POST", length: bool = True, block: int = 100_000
) -> tuple[Recorder, list[Message], int]:
    """Send a body of so many bytes; what the application saw, what was sent back, and how much was taken."""
    application, sent = Recorder(), list[Message]()
    blocks: Iterator[int] = iter([*([block] * (size // block)), size % block])
    taken = 0

    async def receive() -> Message:
        nonlocal taken
        one = next(blocks, None)
        if one is None:
            return {"type": "http.disconnect"}
        taken += one
        return {"type": "http.request", "body": b"x" * one, "more_body": taken < size}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"content-type", kind.encode()), *([(b"content-length", str(size).encode())] if length else [])]
    scope = {"type": "http", "method": method, "path": path, "headers": headers, "query_string": b""}
    asyncio.run(BodyLimit(application)(scope, receive, send))
    return application, sent, taken


def status_of(sent: list[Message]) -> int:
    return int(sent[0]["status"])


@pytest.mark.parametrize(("path", "kind", "size"), [(UPLOAD_PATH, FILE, 5_000_000), ("/contacts", FORM, 10_000)])
def test_what_fits_is_passed_on_whole(path: str, kind: str, size: int) -> None:
    application, sent, _ = exchange(path, size, kind=kind)

    assert (application.received, status_of(sent)) == (size, 200)
    assert application.scopes[0]["method"] == "POST"


@pytest.mark.parametrize("length", [True, False], ids=["announced", "not announced"])
def test_a_file_that_is_too_large_leads_to_the_page_that_says_so(length: bool) -> None:
    application, sent, taken = exchange(UPLOAD_PATH, 5_000_000 + ROOM + 1, length=length)

    asked = HttpRequest()
    asked.scope = application.scopes[-1]  # type: ignore[attr-defined]
    assert is_too_large(asked)
    assert (application.scopes[-1]["method"], application.received, len(sent)) == ("GET", 0, 1)
    assert taken == 5_000_000 + ROOM + 1  # the sender has sent all of it, and listens now


@pytest.mark.parametrize("length", [True, False], ids=["announced", "not announced"])
@pytest.mark.parametrize(("path", "kind"), [("/contacts", FORM), ("/contacts", FILE), ("/sign-in", FORM)])
def test_other_addresses_take_no_files_from_anybody(path: str, kind: str, length: bool) -> None:
    application, sent, _ = exchange(path, 10_001, kind=kind, length=length, block=1_000)

    assert status_of(sent) == 413
    assert application.received <= 10_000
    assert sent[1]["body"].endswith(b".\n")


def test_pasted_numbers_have_a_limit_of_their_own() -> None:
    application, _, _ = exchange(UPLOAD_PATH, 10_001, kind=FORM)

    assert application.scopes[-1]["query_string"] == b"numbers"


def test_who_never_ends_is_cut_off() -> None:
    _, sent, taken = exchange("/contacts", 10_000_000, kind=FORM, length=False, block=1_000)

    assert status_of(sent) == 413
    assert taken < 40_000


def test_what_was_announced_too_large_never_reaches_the_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    application, _, _ = exchange(UPLOAD_PATH, 50_000_000)

    assert [scope["method"] for scope in application.scopes] == ["GET"]
    assert list(tmp_path.iterdir()) == []


def test_a_get_is_none_of_its_business() -> None:
    application, sent, _ = exchange("/contacts", 20_000, method="GET")

    assert (application.received, status_of(sent)) == (20_000, 200)


def test_a_request_that_was_not_refused_is_not_too_large() -> None:
    assert not is_too_large(HttpRequest())
