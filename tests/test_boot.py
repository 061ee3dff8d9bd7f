"""How a process begins: the tables brought up to date once, by whoever comes first, and a key kept."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

BOOT = (
    "from bulk_lookup.boot import boot; boot(say=print); from django.conf import settings; print(settings.SECRET_KEY)"
)
NAME = "boot_test"

Begin = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def fresh_database(postgres_url: str) -> Iterator[str]:
    """The address of an empty database."""
    name = sql.Identifier(NAME)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(name))
        connection.execute(sql.SQL("create database {}").format(name))
        yield urlsplit(postgres_url)._replace(path=f"/{NAME}").geturl()
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(name))


@pytest.fixture
def begin(fresh_database: str, tmp_path: Path) -> Begin:
    """Start a process that boots and then prints its secret key."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("BULK_LOOKUP_", "DB_", "DJANGO_"))}

    def begin(**settings: str) -> "subprocess.Popen[str]":
        environment = kept | {"DATABASE_URL": fresh_database, "BULK_LOOKUP_DATA_DIR": str(tmp_path / "data")} | settings
        return subprocess.Popen(
            [sys.executable, "-c", BOOT],
            env=environment,
            cwd=tmp_path,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    return begin


def test_processes_that_begin_at_once_prepare_one_database_and_share_one_key(begin: Begin, tmp_path: Path) -> None:
    together = [begin() for _ in range(2)]
    said = [process.communicate(timeout=120) for process in together]

    assert [(process.returncode, errors) for process, (_, errors) in zip(together, said, strict=True)] == [(0, "")] * 2
    outputs = [output.splitlines() for output, _ in said]
    assert ["Preparing the database …"] in [lines[:-1] for lines in outputs]
    keys = {lines[-1] for lines in outputs}
    assert len(keys) == 1
    kept = tmp_path / "data" / "secret.key"
    assert kept.read_text() == keys.pop()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [path.name for path in kept.parent.iterdir()] == ["secret.key"]

    later = begin()
    output, _ = later.communicate(timeout=60)

    assert output.splitlines() == [kept.read_text()], "the second time there is nothing to prepare"


def test_a_key_that_is_configured_is_used_and_none_is_kept(begin: Begin, tmp_path: Path) -> None:
    process = begin(BULK_LOOKUP_SECRET_KEY="configured")
    output, errors = process.communicate(timeout=120)

    assert (process.returncode, output.splitlines()[-1:], errors) == (0, ["configured"], "")
    assert not (tmp_path / "data").exists()


def test_a_wrong_setting_is_a_sentence_before_anything_is_done(begin: Begin, tmp_path: Path) -> None:
    process = begin(DB_POOL="many")
    _, errors = process.communicate(timeout=60)

    assert process.returncode == 1
    assert "EnvironmentProblem: DB_POOL is 'many', but must be a whole number of at least 1." in errors
    assert not (tmp_path / "data").exists()
