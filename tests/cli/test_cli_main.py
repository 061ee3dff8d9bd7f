"""What holds for every command: help, version, completion, and no traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cli_stage import Command

from bulk_lookup.cli.commands import app

EXECUTABLE = Path(sys.executable).with_name("bulk-lookup")
COMMANDS = {
    *("lookup", "number", "runs", "prices", "up", "web", "worker", "simulator", "sample", "doctor", "config", "manage"),
}


def test_the_help_names_every_command(bare: Command) -> None:
    done = bare("--help")

    assert done.code == 0
    assert {command.name or command.callback.__name__ for command in app.registered_commands if command.callback} | {
        group.name for group in app.registered_groups
    } == COMMANDS
    assert all(f" {name} " in done.out for name in COMMANDS)


@pytest.mark.parametrize("words", [(), ("runs", "--help"), ("prices", "set", "--help"), ("lookup", "--help")])
def test_help_needs_nothing(bare: Command, words: tuple[str, ...]) -> None:
    done = bare(*words, DATABASE_URL="postgresql://127.0.0.1:1/nowhere")

    assert done.code in (0, 2)
    assert "Usage: " in done.out + done.err
    assert not (bare.folder / "data").exists()


def test_help_loads_none_of_what_is_heavy(bare: Command) -> None:
    """Loaded, each of these would take longer than the help itself."""
    code = (
        "import sys\n"
        "from bulk_lookup.cli.commands import app\n"
        "print(*{name.split('.')[0] for name in sys.modules} & {'django', 'psycopg', 'phonenumbers', 'uvloop', 'pyreqwest'})"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert loaded.stdout.strip() == ""


def test_the_version_is_the_packages(bare: Command) -> None:
    from importlib.metadata import version

    done = bare("--version")

    assert (done.code, done.out) == (0, f"bulk-lookup {version('bulk-lookup')}\n")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_can_be_taught_the_commands(shell: str, tmp_path: Path) -> None:
    environment = os.environ | {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1", "HOME": str(tmp_path)}
    done = subprocess.run(
        [EXECUTABLE, "--show-completion", shell],
        capture_output=True,
        text=True,
        env=environment,
        timeout=30,
        check=True,
    )

    assert "_BULK_LOOKUP_COMPLETE" in done.stdout


def test_completion_knows_commands_and_verbs(tmp_path: Path) -> None:
    def completed(line: str) -> set[str]:
        words = {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1)}
        done = subprocess.run(
            [EXECUTABLE],
            capture_output=True,
            text=True,
            env=os.environ | words | {"_BULK_LOOKUP_COMPLETE": "complete_bash"},
            timeout=30,
            check=False,
        )
        return set(done.stdout.split())

    assert completed("bulk-lookup ru") == {"runs"}
    assert {"show", "resume", "cancel", "retry-failed", "export"} <= completed("bulk-lookup runs ")


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mysql://me:xyzzy@host/x", "DATABASE_URL is not an address like postgresql://user:password@host:5432/name."),
        ("postgresql://me:xyzzy@127.0.0.1:1/x", "The database cannot be reached: "),
        ("postgresql://h:99999/x", "DATABASE_URL is not an address like"),
    ],
)
def test_a_database_that_cannot_be_used_is_one_sentence(bare: Command, url: str, sentence: str) -> None:
    done = bare("runs", DATABASE_URL=url)

    assert (done.code, done.out) == (2, "")
    assert sentence in done.said
    assert "xyzzy" not in done.said


def test_a_configuration_with_more_connections_than_there_are_is_refused(bulk_lookup: Command) -> None:
    done = bulk_lookup("runs", DB_POOL="9000")

    assert done.code == 2
    assert "may open" in done.said
    assert "(bulk_lookup.E001)" in done.said


def test_a_command_ends_at_once_but_not_before_what_is_registered_for_the_end() -> None:
    """A pool's idle thread would be waited for without end, where it was not told to end first."""
    code = (
        "import atexit, concurrent.futures\n"
        "from bulk_lookup.cli import commands, main\n"
        "pool = concurrent.futures.ThreadPoolExecutor(1)\n"
        "pool.submit(print, 'worked').result()\n"
        "atexit.register(print, 'registered')\n"
        "commands.app = lambda: main.sys.exit(7)\n"
        "main.main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (7, "worked\nregistered\n", "")


@pytest.mark.parametrize("words", [("config",), ("sample", "--rows", "20000")])
def test_a_reader_that_goes_away_is_no_traceback(bare: Command, words: tuple[str, ...]) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "bulk_lookup.cli", *words],
        cwd=bare.folder,
        env=bare.environment({}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.close()
    _, err = process.communicate(timeout=30)

    assert err == ""
    assert process.returncode in (0, 1)


def test_a_full_disk_is_one_sentence(bare: Command) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "bulk_lookup.cli", "sample", "--rows", "20000"],
            cwd=bare.folder,
            env=bare.environment({}),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=30,
            check=False,
        )

    assert done.returncode == 2
    assert done.stderr == "<stdout> cannot be written: no space is left. Free some, or choose another folder.\n"
