"""The simulator as a process: one line when it is ready, and an end with its parent or at a signal."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable

import pytest
from simulated_account import SimulatedAccount

from bulk_lookup.simulator.server import serve
from bulk_lookup.simulator.settings import SimulatorSettings

COMMAND = [sys.executable, "-m", "bulk_lookup.simulator"]


def start(*options: str, stdin: int = subprocess.DEVNULL, pass_fds: tuple[int, ...] = ()) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, *options],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        pass_fds=pass_fds,
    )


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_its_address_and_ends_at_a_signal(number: signal.Signals) -> None:
    limits = ("--package-limit", "caller_name=5", "--package-limit", "line_status=2")
    with start("--latency", "20ms", *limits) as process:
        address = first_line(process).removeprefix("Simulator: ")
        with urllib.request.urlopen(f"{address}/_simulator/settings", timeout=5) as answer:
            settings = json.loads(answer.read())
        assert settings["latency"] == 0.02
        assert settings["package_limits"] == {"caller_name": 5, "line_status": 2}
        process.send_signal(number)
        out, err = process.communicate(timeout=10)
        assert (process.returncode, out, err) == (0, "", "")


def test_it_ends_when_its_parents_pipe_closes() -> None:
    with start("--parent-pipe", stdin=subprocess.PIPE) as process:
        assert first_line(process).startswith("Simulator: http://127.0.0.1:")
        assert process.stdin is not None
        process.stdin.write("a byte changes nothing\n")
        process.stdin.flush()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.2)
        process.stdin.close()
        assert process.wait(10) == 0


def test_it_ends_when_a_pipe_of_another_number_closes() -> None:
    ours, theirs = os.pipe()
    with start("--parent-pipe", str(ours), pass_fds=(ours,)) as process:
        assert first_line(process)
        os.close(ours)
        os.close(theirs)
        assert process.wait(10) == 0


def test_a_parent_pipe_that_is_none_is_refused() -> None:
    with start("--parent-pipe") as process:
        _, err = process.communicate(timeout=10)
        assert process.returncode == 2
        assert "--parent-pipe" in err
        assert "Traceback" not in err


@pytest.mark.parametrize(
    ("options", "word"),
    [(("--latency", "soon"), "latency"), (("--scenario", "sunny"), "bad-day"), (("--error-rate", "2"), "error_rate")],
)
def test_a_wrong_option_is_one_sentence_and_exit_2(options: tuple[str, str], word: str) -> None:
    with start(*options) as process:
        out, err = process.communicate(timeout=10)
        assert (process.returncode, out) == (2, "")
        assert word in err
        assert len(err.strip().splitlines()) == 1


def test_a_port_that_is_taken_is_one_sentence_and_exit_2() -> None:
    with start("--parent-pipe", stdin=subprocess.PIPE) as first:
        port = first_line(first).rpartition(":")[2]
        with start("--port", port) as second:
            _, err = second.communicate(timeout=10)
            assert second.returncode == 2
            assert port in err
            assert "Traceback" not in err
        assert first.stdin is not None
        first.stdin.close()


@pytest.mark.parametrize(("credentials", "status"), [("any", 200), ("simulated", 401)])
def test_any_credentials_are_accepted_only_where_set(credentials: str, status: int) -> None:
    with start("--credentials", credentials, "--parent-pipe", stdin=subprocess.PIPE) as process:
        port = int(first_line(process).rpartition(":")[2])
        somebody = "AC" + "0123456789abcdef" * 2
        account = SimulatedAccount(port=port, sid=somebody, user=somebody, token="whatever")
        assert account.look_up("+14155552671", "caller_name").status == status
        assert account.request("GET", f"/_simulator/ledger?account={somebody}").status == (
            200 if status == 200 else 404
        )
        assert SimulatedAccount(port=port, sid="", user="AC12", token="whatever").look_up("+14155552671").status == 401
        assert process.stdin is not None
        process.stdin.close()


async def test_it_serves_inside_another_programs_loop_until_cancelled() -> None:
    ports: asyncio.Queue[int] = asyncio.Queue()
    put: Callable[[int], None] = ports.put_nowait
    serving = asyncio.create_task(serve(SimulatorSettings(), ready=put))
    port = await ports.get()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /_simulator/ledger HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving
    with pytest.raises(OSError, match=r"."):
        await asyncio.open_connection("127.0.0.1", port)
    writer.close()
