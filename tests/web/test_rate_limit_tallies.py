"""What both places of counting promise: PostgreSQL always, and Redis where a `redis-server` is on the machine."""

import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.db import connection

from bulk_lookup.environment import Value
from bulk_lookup.models import request_tally
from bulk_lookup.web import redis_tally

pytestmark = pytest.mark.django_db(transaction=True)

NOON = 1_800_000_000.0
PLACES = ["postgres", *(["redis"] if shutil.which("redis-server") else [])]


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    """A server of this module's own, on a socket in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="tally-", dir="/tmp") as folder:
        socket = Path(folder) / "redis.sock"
        server = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", folder],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert server.stdout is not None
            while "ready to accept connections" not in (line := server.stdout.readline()).lower():
                assert line, "redis-server ended"
            yield f"unix://{socket}"
        finally:
            server.terminate()
            server.communicate(timeout=10)


@pytest.fixture(params=PLACES)
def tally(request: pytest.FixtureRequest, settings: Any) -> ModuleType:
    """The module that counts."""
    if request.param == "postgres":
        return request_tally
    point_at(settings, request.getfixturevalue("redis_url"))
    redis_tally._redis().flushall()
    return redis_tally


def test_as_many_as_the_limit_are_let_through_and_the_next_is_told_when(tally: ModuleType) -> None:
    waits = [tally.hit("a", count=3, seconds=20, now=NOON + second) for second in (0, 1, 2, 5.5)]

    assert waits == [0, 0, 0, pytest.approx(14.5)]
    assert tally.hit("b", count=3, seconds=20, now=NOON + 5.5) == 0


def test_the_time_slides(tally: ModuleType) -> None:
    seconds = (0, 19, 19, 19.9, 20, 20, 39, 39)

    let_in = [tally.hit("a", count=3, seconds=20, now=NOON + second) == 0 for second in seconds]

    assert let_in == [True, True, True, False, True, False, True, True]


def test_a_refused_one_is_not_counted(tally: ModuleType) -> None:
    tally.hit("a", count=1, seconds=20, now=NOON)
    for second in range(1, 20):
        assert tally.hit("a", count=1, seconds=20, now=NOON + second) > 0

    assert tally.hit("a", count=1, seconds=20, now=NOON + 20) == 0


def test_what_is_forgotten_begins_anew(tally: ModuleType) -> None:
    tally.hit("a", count=1, seconds=20, now=NOON)
    tally.forget("a")
    tally.forget("never seen")

    assert tally.hit("a", count=1, seconds=20, now=NOON + 1) == 0


def test_what_is_stale_goes_and_what_counts_stays(tally: ModuleType) -> None:
    tally.hit("a", count=1, seconds=20, now=NOON)
    tally.forget_stale(NOON + 10)

    assert tally.hit("a", count=1, seconds=20, now=NOON + 11) > 0


def test_without_its_redis_the_limits_hold_all_the_same(settings: Any, tmp_path: Path) -> None:
    point_at(settings, f"unix://{tmp_path}/nobody.sock")

    assert [redis_tally.hit("a", count=2, seconds=20, now=NOON) > 0 for _ in range(3)] == [False, False, True]
    redis_tally.forget("a")
    assert redis_tally.hit("a", count=2, seconds=20, now=NOON) == 0
    redis_tally.forget_stale(NOON + 30)
    assert not request_tally.RequestTally.objects.exists()


def test_threads_that_count_at_once_let_exactly_the_limit_through(tally: ModuleType) -> None:
    let_in = at_once(lambda: tally.hit("a", count=15, seconds=60, now=NOON) == 0)

    assert (let_in.count(True), let_in.count(False)) == (15, 25)


def point_at(settings: Any, url: str) -> None:
    """REDIS_URL as it would be read from the environment."""
    settings.VALUES = settings.VALUES | {"REDIS_URL": Value(settings.VALUES["REDIS_URL"].setting, url, "environment")}
    redis_tally._redis.cache_clear()


def at_once(knock: Callable[[], bool]) -> list[bool]:
    """Forty calls by four threads that begin together."""
    answers: list[bool] = []
    ready = threading.Barrier(4)

    def work() -> None:
        try:
            ready.wait(10)
            answers.extend([knock() for _ in range(10)])
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return answers
