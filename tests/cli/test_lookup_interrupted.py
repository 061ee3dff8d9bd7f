"""`bulk-lookup lookup` cut short: nothing goes on unasked, nothing is written over, no list is left lying about."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_stage import Account, Command, started

from bulk_lookup.cli.summary import ROW_PROBLEMS as SENTENCES
from bulk_lookup.lib.tables.batch import ROW_PROBLEMS


def until(true: Callable[[], object], seconds: float = 55) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def press_twice(process: "subprocess.Popen[str]") -> tuple[str, str]:
    process.send_signal(signal.SIGINT)
    time.sleep(0.02)  # two signals at once are delivered as one
    process.send_signal(signal.SIGINT)
    return process.communicate(timeout=30)


def test_ctrl_c_pressed_twice_leaves_a_paused_run_behind_that_nothing_goes_on_with(
    bulk_lookup: Command, own_account: Account
) -> None:
    own_account.set(latency="300ms", max_in_flight=2)
    (bulk_lookup.folder / "many.csv").write_text("phone\n" + "".join(f"+1415555{3000 + n}\n" for n in range(200)))
    (bulk_lookup.folder / "one.csv").write_text("phone\n+14155553900\n")
    command = bulk_lookup.with_settings(**own_account.settings)

    with started(command, "lookup", "many.csv", "--yes", "--json") as process:
        until(lambda: own_account.ledger()["requests"])
        out, said = press_twice(process)

    assert process.returncode == 130, said
    summary = json.loads(out)
    assert (summary["state"], summary["reason"], summary["output"]) == ("paused", "interrupted", None)
    assert "is paused" in said
    newest = json.loads(bulk_lookup("runs", "--json").out)[0]
    assert (newest["state"], newest["reason"]) == ("paused", "interrupted")
    assert f"bulk-lookup runs resume {newest['id']}" in said
    asked = own_account.ledger()["requests"]
    assert command("lookup", "one.csv", "--yes").code == 0
    assert own_account.ledger()["requests"] == asked + 1


def test_while_requests_are_waited_for_it_is_said_and_ctrl_c_leaves_them_to_the_worker(
    bulk_lookup: Command, own_account: Account
) -> None:
    own_account.set(latency="15s", max_in_flight=2)
    (bulk_lookup.folder / "slow.csv").write_text("phone\n+14155553910\n+14155553911\n")
    command = bulk_lookup.with_settings(BULK_LOOKUP_READ_TIMEOUT="30", **own_account.settings)

    with started(command, "lookup", "slow.csv", "--yes") as process:
        until(lambda: own_account.ledger()["requests"])
        assert process.stderr is not None
        process.send_signal(signal.SIGINT)
        read_until(process, "Pausing: waiting for the requests in flight; Ctrl-C once more does not wait.")
        process.send_signal(signal.SIGINT)
        read_until(process, "is paused, and nothing was written")
        read_until(process, "Waiting until the requests in flight have answered and are stored; Ctrl-C does not wait.")
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)

    assert process.returncode == 130
    assert "The worker goes on by itself" in said
    newest = json.loads(bulk_lookup("runs", "--json").out)[0]
    until(lambda: json.loads(bulk_lookup("runs", "show", str(newest["id"]), "--json").out)["bought"], 20)


def read_until(process: "subprocess.Popen[str]", words: str) -> None:
    assert process.stderr is not None
    said = ""
    while words not in said:
        line = process.stderr.readline()
        assert line, said
        said += line


# What is loaded when: before there is a command, before a command's own errors are told, and in its midst.
@pytest.mark.parametrize("module", ["typer", "bulk_lookup.cli.order", "django", "psycopg"])
def test_ctrl_c_in_the_first_moments_is_one_line(bulk_lookup: Command, module: str) -> None:
    (bulk_lookup.folder / "one.csv").write_text("phone\n+14155553920\n")
    code = f"""
import os, signal, sys
class Press:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Press())
sys.argv = ["bulk-lookup", "lookup", "one.csv", "--simulate"]
from bulk_lookup.cli.main import main
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=bulk_lookup.folder,
        env=bulk_lookup.environment({}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (130, "", "Interrupted.\n")


def test_ctrl_c_is_not_lost_in_a_finalizer(bulk_lookup: Command) -> None:
    """Python writes a traceback there and goes on; the command would buy what was called off."""
    (bulk_lookup.folder / "one.csv").write_text("phone\n+14155553921\n")
    code = """
import os, signal, sys, weakref
class Thing: pass
def press():
    os.kill(os.getpid(), signal.SIGINT)
    for _ in range(1000):
        pass
class Press:
    def find_spec(self, name, path=None, target=None):
        if name == "django":
            sys.meta_path.remove(self)
            weakref.finalize(Thing(), press)
sys.meta_path.insert(0, Press())
sys.argv = ["bulk-lookup", "lookup", "one.csv", "--simulate"]
from bulk_lookup.cli.main import main
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=bulk_lookup.folder,
        env=bulk_lookup.environment({}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 130
    assert "Traceback" not in done.stderr
    assert "Interrupted" in done.stderr
    assert not (bulk_lookup.folder / "one.looked-up.csv").exists()


def test_standard_input_is_not_kept(bulk_lookup: Command, installation: dict[str, str]) -> None:
    done = bulk_lookup("lookup", "-", "--simulate", "--quote-only", stdin=b"phone\n+14155553950\n")

    assert done.code == 0, done.err
    assert "1 to buy" in done.said
    assert list((Path(installation["BULK_LOOKUP_DATA_DIR"]) / "spool").iterdir()) == []


def test_rows_that_are_broken_are_said_with_the_first_of_them(bulk_lookup: Command) -> None:
    (bulk_lookup.folder / "broken.csv").write_bytes(
        b"name,phone,town\nAnn,+14155553951,Bern,x\nBob,+14155553952\n\0,1,2\n"
    )

    done = bulk_lookup("lookup", "broken.csv", "--simulate", "--quote-only")

    assert "1 row, the first is row 2: too many cells" in done.said
    assert "1 row, the first is row 3: too few cells" in done.said
    assert "1 row, the first is row 4: NUL characters were taken out" in done.said


def test_every_word_for_a_broken_row_has_its_sentence() -> None:
    assert set(SENTENCES) == ROW_PROBLEMS


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--quote-only", "--rejects", "people.csv", "--force"), "people.csv is the input itself"),
        (("--quote-only", "--rejects", "there.csv"), "there.csv exists already; add --force"),
        (("-o", "both.csv", "--rejects", "./both.csv"), "would both be written to ./both.csv"),
        (("--rejects", "-"), "--rejects needs the name of a file"),
    ],
)
def test_rejects_are_written_over_nothing(bare: Command, words: tuple[str, ...], sentence: str) -> None:
    for name in ("people.csv", "there.csv"):
        (bare.folder / name).write_text("phone\n+14155550101\n")

    done = bare("lookup", "people.csv", "--simulate", *words)

    assert (done.code, done.out) == (2, "")
    assert sentence in done.said
    assert {path.name for path in bare.folder.iterdir()} == {"people.csv", "there.csv"}
    assert (bare.folder / "people.csv").read_text() == "phone\n+14155550101\n"
