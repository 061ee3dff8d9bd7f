"""Whatever was killed, at whatever moment, the next one who comes gets a server with the data in it."""

import functools
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator

import psycopg
import pytest
from embedded_postgres_stage import PATIENCE_SECONDS, Stage, connects, wait_until


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage(kept=True) as stage:
        yield stage


@pytest.fixture
def foreign_program() -> Iterator[int]:
    """The pid of a program that has nothing to do with the server."""
    program = subprocess.Popen(["sleep", "600"])
    yield program.pid
    assert program.poll() is None, "somebody else's program was ended"
    program.kill()
    program.wait()


def test_data_survives_a_clean_end_and_a_killed_server(stage: Stage) -> None:
    client = stage.client()
    client.ask("join")
    client.ask("query", "CREATE TABLE IF NOT EXISTS kept (word text); TRUNCATE kept; INSERT INTO kept VALUES ('first')")
    client.ask("leave")
    client.ask("join")
    client.ask("query", "INSERT INTO kept VALUES ('second')")
    stage.kill_server()
    client.ask("heal")
    assert client.ask("query", "SELECT string_agg(word, ' ' ORDER BY word) FROM kept") == "first second"


def test_any_user_heals_a_killed_server_and_all_of_them_at_once(stage: Stage) -> None:
    clients = [stage.client() for _ in range(3)]
    for client in clients:
        client.ask("join")
    for _ in range(2):
        address = clients[0].ask("url")
        stage.kill_server()
        for client in clients:
            client.tell("heal")
        for client in clients:
            client.answer()
        started = {client.ask("query", "SELECT pg_postmaster_start_time()::text") for client in clients}
        assert len(started) == 1
        assert clients[0].ask("url") == address
    for client in clients:
        client.ask("leave")
    assert stage.is_gone()


def test_healing_a_healthy_server_changes_nothing(stage: Stage) -> None:
    client = stage.client()
    client.ask("join")
    started = client.ask("query", "SELECT pg_postmaster_start_time()::text")
    client.ask("heal")
    assert client.ask("query", "SELECT pg_postmaster_start_time()::text") == started


def test_a_killed_server_is_started_again_at_the_next_join(stage: Stage) -> None:
    first, second = stage.client(), stage.client()
    first.ask("join")
    stage.kill_server()
    first.kill()
    second.ask("join")
    assert second.ask("query", "SELECT 1") == 1


def test_everything_killed_at_once_heals_at_the_next_join(stage: Stage) -> None:
    first, second = stage.client(), stage.client()
    first.ask("join")
    for pid in [*stage.pids("keeper.py"), *stage.pids("postgres")]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue  # the keeper's server, which ended with it
    first.kill()
    second.ask("join")
    assert second.ask("query", "SELECT 1") == 1


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("", id="empty"),
        pytest.param("12", id="half a number"),
        pytest.param("{foreign}", id="the number of another program"),
        pytest.param(
            "{foreign}\n{cluster}\n1700000000\n5432\n{socket}\n\n  1234567  0\nready   \n", id="whole, and stale"
        ),
        pytest.param("999999999\n{cluster}\n1700000000\n", id="nobody's number"),
        pytest.param("1\n{cluster}\n1700000000\n", id="the first process of the system"),
        pytest.param("\0\0\0\0", id="zeros after a power cut"),
        pytest.param("not a number\n", id="words"),
    ],
)
def test_a_pid_file_that_says_nonsense_is_not_believed(stage: Stage, foreign_program: int, content: str) -> None:
    text = content.format(foreign=foreign_program, cluster=stage.data.cluster, socket=stage.data.socket_folder())
    pid_file = stage.data.cluster / "postmaster.pid"
    pid_file.write_text(text)
    owner = stage.data.cluster.stat()
    os.chown(pid_file, owner.st_uid, owner.st_gid)
    client = stage.client()
    client.ask("join")
    assert client.ask("query", "SELECT 1") == 1
    client.ask("leave")
    assert stage.is_gone()


def test_a_busy_process_of_a_killed_server_does_not_hold_up_the_next(stage: Stage) -> None:
    client = stage.client()
    client.ask("join")
    with psycopg.connect(client.ask("url")) as connection:
        backend = connection.info.backend_pid
        # Never waits for anything, so it does not notice that its server was killed.
        busy = threading.Thread(
            target=_ends_by_error, args=(connection, "SELECT count(*) FROM generate_series(1, 1e12)")
        )
        busy.start()
        wait_until(lambda: client.ask("query", f"SELECT state FROM pg_stat_activity WHERE pid = {backend}") == "active")
        begun = time.monotonic()
        stage.kill_server()
        client.ask("heal")
        assert client.ask("query", "SELECT 1") == 1
        assert time.monotonic() - begun < 30
        busy.join(PATIENCE_SECONDS)
        assert not busy.is_alive()


def test_a_start_waits_as_long_as_recovery_takes(stage: Stage) -> None:
    client = stage.client()
    client.ask("join")
    client.ask("query", "DROP TABLE IF EXISTS big")
    client.ask("query", "CREATE TABLE big AS SELECT n, repeat('x', 500) AS text FROM generate_series(1, 100000) AS n")
    stage.kill_server()
    client.tell("heal")
    wait_until(lambda: stage.pids(": startup"))
    [recovering] = stage.pids(": startup")
    os.kill(recovering, signal.SIGSTOP)
    # Longer than anything that is done to a server which does not answer because it is dead.
    patient = threading.Timer(4, os.kill, (recovering, signal.SIGCONT))
    patient.start()
    client.answer()
    assert not patient.is_alive(), "it was not recovery that was waited for"
    assert client.ask("query", "SELECT count(*) FROM big") == 100_000
    client.ask("query", "DROP TABLE big")


def test_a_server_that_restarts_by_itself_is_waited_for(stage: Stage) -> None:
    client = stage.client()
    client.ask("join")
    postmaster = stage.postmaster()
    with psycopg.connect(client.ask("url")) as connection:
        os.kill(connection.info.backend_pid, signal.SIGKILL)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    client.ask("heal")
    assert client.ask("query", "SELECT 1") == 1
    assert stage.postmaster() == postmaster


def test_a_server_whose_connections_are_all_taken_is_alive(stage: Stage) -> None:
    client = stage.client()
    client.ask("join")
    started = client.ask("query", "SELECT pg_postmaster_start_time()::text")
    taken = []
    while True:
        try:
            taken.append(psycopg.connect(client.ask("url")))
        except psycopg.OperationalError:
            break
    assert len(taken) > 90
    client.ask("heal")
    for connection in taken:
        connection.close()
    wait_until(lambda: connects(client.ask("url")))
    assert client.ask("query", "SELECT pg_postmaster_start_time()::text") == started


def test_a_kill_in_the_middle_of_making_the_database_heals() -> None:
    with Stage() as stage:
        for instant in ("data.making-*", "data.making-*/global/pg_control", "postgres.password", "data/PG_VERSION"):
            client = stage.client()
            client.tell("join")
            wait_until(functools.partial(_is_there, stage, instant))
            client.kill_family()
        last = stage.client()
        last.ask("join")
        assert last.ask("query", "SELECT current_user::text") == "bulk_lookup"
        assert not [*stage.data.folder.glob("data.making-*")]


def test_lost_password_files_are_made_again(stage: Stage) -> None:
    client = stage.client()
    client.ask("join")
    before = client.ask("url")
    client.ask("leave")
    for file in stage.data.folder.glob("*.password"):
        file.unlink()
    client.ask("join")
    assert client.ask("query", "SELECT 1") == 1
    assert client.ask("url") != before


def test_users_killed_at_any_instant_leave_nothing_that_is_in_the_way(stage: Stage) -> None:
    for milliseconds in (0, 60, 120, 180, 240):
        client = stage.client()
        client.tell("join")
        time.sleep(milliseconds / 1000)  # the instant of the kill, not a wait for something
        client.kill()
    last = stage.client()
    last.ask("join")
    assert last.ask("query", "SELECT 1") == 1
    last.ask("leave")
    assert stage.is_gone()


def _is_there(stage: Stage, pattern: str) -> bool:
    return stage.data.folder.exists() and any(stage.data.folder.glob(pattern))


def _ends_by_error(connection: psycopg.Connection[object], statement: str) -> None:
    with pytest.raises(psycopg.OperationalError):
        connection.execute(statement)
