"""What is in the embedded server: a plain owner role, passwords, settings for money, and a log that keeps quiet."""

import re
from collections.abc import Iterator

import psycopg
import pytest
from embedded_postgres_stage import Stage, socket_folder_of
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from bulk_lookup.lib.embedded_postgres import EmbeddedPostgres


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage(kept=True) as stage:
        yield stage


@pytest.fixture
def server(stage: Stage) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(stage.data_dir)
    server.join()
    yield server
    server.leave()


def test_the_owner_role_is_plain_and_owns_its_database(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.url) as connection:
        assert connection.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication FROM pg_roles "
            "WHERE rolname = current_user"
        ).fetchone() == ("bulk_lookup", False, False, False, False, False)
        assert connection.execute(
            "SELECT datname, pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
        ).fetchone() == ("bulk_lookup", "bulk_lookup")
    with psycopg.connect(server.admin_url) as connection:
        assert connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (True,)


def test_forced_row_level_security_binds_the_owner(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE guarded (n int)")
        connection.execute("INSERT INTO guarded VALUES (1)")
        connection.execute("ALTER TABLE guarded ENABLE ROW LEVEL SECURITY")
        connection.execute("ALTER TABLE guarded FORCE ROW LEVEL SECURITY")
        assert connection.execute("SELECT count(*) FROM guarded").fetchone() == (0,)
        connection.rollback()


def test_nobody_enters_without_the_password(server: EmbeddedPostgres) -> None:
    parts = conninfo_to_dict(server.url)
    for role in ("bulk_lookup", "postgres"):
        with pytest.raises(psycopg.OperationalError, match="no password supplied"):
            psycopg.connect(
                host=parts["host"], port=parts["port"], user=role, dbname="bulk_lookup", passfile="/dev/null"
            )
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(make_conninfo(server.url, user=role, password="guessed"))
    with psycopg.connect(server.admin_url) as connection:
        stored = connection.execute("SELECT rolpassword FROM pg_authid WHERE rolpassword IS NOT NULL").fetchall()
        assert len(stored) == 2
        assert all(row[0].startswith("SCRAM-SHA-256$") for row in stored)


def test_passwords_are_long_random_and_different(server: EmbeddedPostgres) -> None:
    passwords = {conninfo_to_dict(url)["password"] for url in (server.url, server.admin_url)}
    assert len(passwords) == 2
    for password in passwords:
        assert re.fullmatch(r"[0-9a-f]{48}", str(password))
        assert len(set(str(password))) > 6


def test_there_is_no_door_to_the_network(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.url) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    assert socket_folder_of(server.url).is_absolute()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(make_conninfo(server.url, host="127.0.0.1"))


def test_the_settings_are_made_for_money_many_small_commits_and_big_imports(server: EmbeddedPostgres) -> None:
    wanted = {
        # Receipts of money: what is committed stays.
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "data_checksums": "on",
        "max_connections": "100",
        "wal_compression": "pglz",
        "max_wal_size": "2GB",
        "random_page_cost": "1.1",
        "jit": "off",
        "autovacuum": "on",
        "server_encoding": "UTF8",
        "TimeZone": "UTC",
    }
    with psycopg.connect(server.url) as connection:
        found = {name: connection.execute("SELECT current_setting(%s)", [name]).fetchone() for name in wanted}
    assert found == {name: (value,) for name, value in wanted.items()}


def test_it_takes_a_modest_part_of_the_memory(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.url) as connection:
        row = connection.execute("SELECT pg_size_bytes(current_setting('shared_buffers'))").fetchone()
    assert row is not None
    assert 64 * 2**20 <= row[0] <= 2**30


def test_an_operator_changes_a_setting_for_good(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.admin_url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET work_mem = '7MB'")
    server.leave()
    server.join()
    with psycopg.connect(server.admin_url, autocommit=True) as connection:
        assert connection.execute("SHOW work_mem").fetchone() == ("7MB",)
        connection.execute("ALTER SYSTEM RESET work_mem")


def test_a_test_runner_may_make_databases_when_it_asks_for_that(stage: Stage, server: EmbeddedPostgres) -> None:
    with (
        psycopg.connect(server.url, autocommit=True) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("CREATE DATABASE test_bulk_lookup")
    runner = EmbeddedPostgres(stage.data_dir, createdb=True)
    runner.join()
    with psycopg.connect(runner.url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE test_bulk_lookup")
        connection.execute("DROP DATABASE test_bulk_lookup")
    with psycopg.connect(runner.admin_url, autocommit=True) as connection:
        connection.execute("ALTER ROLE bulk_lookup NOCREATEDB")
    runner.leave()


def test_prefixes_are_found_by_index_and_sorting_depends_on_no_library(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.url) as connection:
        assert connection.execute(
            "SELECT datlocprovider::text, datlocale, datcollate FROM pg_database WHERE datname = current_database()"
        ).fetchone() == ("b", "C.UTF-8", "C")
        assert connection.execute("SELECT upper('é'), 'é' ~ '[[:alpha:]]'").fetchone() == ("É", True)


def test_the_log_keeps_phone_numbers_to_itself(stage: Stage, server: EmbeddedPostgres) -> None:
    before = stage.data.log.stat().st_size
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE TEMPORARY TABLE numbers (number text PRIMARY KEY)")
        connection.execute("INSERT INTO numbers VALUES (%s)", ["+15550100123"])
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO numbers VALUES (%s)", ["+15550100123"])
        with pytest.raises(psycopg.errors.UndefinedTable):
            connection.execute("SELECT '+15550100123' FROM nothing")
    said = stage.data.log.read_text()[before:]
    assert "duplicate key value" in said
    assert "15550100123" not in said


def test_the_log_does_not_grow_for_ever(stage: Stage) -> None:
    with stage.data.log.open("a") as log:
        log.writelines(f"line {number:07}\n" for number in range(500_000))
    server = EmbeddedPostgres(stage.data_dir)
    server.join()
    kept = stage.data.log.read_text()
    assert len(kept) < 1_000_000
    assert "ready to accept connections" in kept.rsplit("line 0499999\n")[-1]
    server.leave()


def test_the_address_is_one_that_every_client_understands(server: EmbeddedPostgres) -> None:
    assert re.fullmatch(r"postgresql://bulk_lookup:[0-9a-f]+@/bulk_lookup\?host=/\S+&port=5432", server.url)
    assert socket_folder_of(server.url).is_dir()
