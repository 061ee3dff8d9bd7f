"""`bulk-lookup runs …`: the list, one run, and its verbs."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cli_stage import Account, Command, Done, Finished, read_rows

NUMBERS = 40


def test_the_list_is_newest_first_with_ids(bulk_lookup: Command, finished: Finished, stopped: "Stopped") -> None:
    done = bulk_lookup("runs", "--json")

    assert done.code == 0
    ids = [run["id"] for run in done.json]
    assert ids == sorted(ids, reverse=True)
    assert {finished.summary["run_id"], stopped.run_id} <= set(ids)
    one = next(run for run in done.json if run["id"] == finished.summary["run_id"])
    assert (one["list"], one["state"], one["cost"], one["simulated"]) == ("people.csv", "finished", "0.08", True)
    assert one["packages"] == ["line_type_intelligence", "caller_name"]
    assert one["created_at"] <= one["started_at"] <= one["finished_at"]


def test_the_table_shows_state_list_and_money(bulk_lookup: Command, finished: Finished) -> None:
    done = bulk_lookup("runs")

    header, *rows = done.out.splitlines()
    assert header.split() == ["ID", "STATE", "LIST", "NUMBERS", "DONE", "FAILED", "COST", "WHEN"]
    row = next(row for row in rows if row.split()[0] == str(finished.summary["run_id"]))
    assert row.split()[1:9] == ["finished", "people.csv", "5", "5", "0", "0.08", "USD", "(simulated)"]


def test_one_run_is_shown_in_full(bulk_lookup: Command, finished: Finished) -> None:
    run_id = str(finished.summary["run_id"])

    said = bulk_lookup("runs", "show", run_id).out
    shown = bulk_lookup("runs", "show", run_id, "--json").json

    assert f"Run {run_id} over 'people.csv' (simulated): finished" in said
    assert "Cap: 1.00 USD." in said
    assert "5 numbers: 5 bought" in said
    assert {name: shown[name] for name in finished.summary} == finished.summary
    assert (shown["cap"], shown["failures"], shown["dropped_packages"]) == ("1.00", {}, {})


@pytest.mark.parametrize("verb", ["show", "resume", "cancel", "retry-failed", "export"])
def test_a_run_that_does_not_exist_is_one_sentence(bulk_lookup: Command, verb: str) -> None:
    done = bulk_lookup("runs", verb, "999999")

    assert done.code == 2
    assert done.said == "There is no run 999999; `bulk-lookup runs` lists those there are."


@pytest.mark.parametrize("run_id", ["abc", "0", "-3", str(2**70)])
def test_what_is_no_id_is_usage(bare: Command, run_id: str) -> None:
    done = bare("runs", "show", "--", run_id)

    assert done.code == 2
    assert "ID" in done.said


def test_a_finished_run_cannot_be_cancelled(bulk_lookup: Command, finished: Finished) -> None:
    done = bulk_lookup("runs", "cancel", str(finished.summary["run_id"]))

    assert done.code == 2
    assert done.said == f"Run {finished.summary['run_id']} is finished, so it cannot be cancelled."


def test_a_finished_run_takes_no_other_cap(bulk_lookup: Command, finished: Finished) -> None:
    done = bulk_lookup("runs", "resume", str(finished.summary["run_id"]), "--max-cost", "9")

    assert done.code == 2
    assert "only a paused run can be given another cap" in done.said


def test_resuming_a_finished_run_writes_its_list_again(bulk_lookup: Command, finished: Finished) -> None:
    written = finished.folder / "people.looked-up.csv"
    before = written.read_bytes()
    written.unlink()

    done = bulk_lookup("runs", "resume", str(finished.summary["run_id"]), "--json")

    assert done.code == 0, done.err
    assert written.read_bytes() == before
    assert done.json == finished.summary | {"rejects": done.json["rejects"]}


def test_nothing_that_failed_is_nothing_to_ask_again(bulk_lookup: Command, finished: Finished) -> None:
    done = bulk_lookup("runs", "retry-failed", str(finished.summary["run_id"]))

    assert done.code == 0
    assert "can be asked again" in done.said


def test_an_export_takes_its_format_from_its_name(bulk_lookup: Command, finished: Finished) -> None:
    run_id = str(finished.summary["run_id"])

    done = bulk_lookup("runs", "export", run_id, "-o", "out.jsonl", "--json")
    again = bulk_lookup("runs", "export", run_id, "-o", "out.jsonl")

    assert done.code == 0, done.err
    assert done.json["output"] == str(bulk_lookup.folder / "out.jsonl")
    first = json.loads((bulk_lookup.folder / "out.jsonl").read_text().splitlines()[0])
    assert (first["Name"], first["formatted_phone_number"]) == ("Ann", "+14155550101")
    assert again.code == 2
    assert "out.jsonl exists already; add --force" in again.said


def test_an_export_to_standard_output_leaves_no_room_for_json(bulk_lookup: Command, finished: Finished) -> None:
    run_id = str(finished.summary["run_id"])

    refused = bulk_lookup("runs", "export", run_id, "-o", "-", "--json")
    done = bulk_lookup("runs", "export", run_id, "-o", "-")

    assert refused.code == 2
    assert done.out.encode() == (finished.folder / "people.looked-up.csv").read_bytes()


@dataclass(frozen=True)
class Stopped:
    """A run that its cap has stopped, and what may be done with it."""

    account: Account
    command: Command
    without_account: Command
    done: Done

    @property
    def run_id(self) -> int:
        return int(self.done.json["run_id"])

    @property
    def output(self) -> Path:
        return self.command.folder / "capped.looked-up.csv"


@pytest.fixture(scope="module")
def stopped(
    installation: dict[str, str], simulator_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stopped]:
    account = Account(simulator_url, f"AC{0x3000:032x}")
    account.set(bill_errors=False)
    folder = tmp_path_factory.mktemp("stopped")
    numbers = "".join(f"+1212555{3000 + place}\n" for place in range(NUMBERS))
    (folder / "capped.csv").write_text("phone\n" + numbers)
    command = Command(folder, installation | account.settings)
    done = command("lookup", "capped.csv", "--yes", "--json", "--max-cost", "0.08")
    yield Stopped(account, command, Command(folder, dict(installation)), done)


def test_a_cap_ends_with_three_and_every_row_is_written(stopped: Stopped) -> None:
    summary = stopped.done.json

    assert (stopped.done.code, summary["state"], summary["reason"]) == (3, "paused", "cap")
    assert (summary["bought"], summary["pending"], summary["cost"]) == (10, NUMBERS - 10, "0.08")
    assert stopped.account.billed() == 10
    rows = read_rows(stopped.output)
    assert len(rows) == NUMBERS
    assert sum(row["lookup_status"] == "pending" for row in rows) == NUMBERS - 10
    assert "go on with a higher one: `--max-cost AMOUNT`" in stopped.done.said


def test_a_cap_below_what_it_has_cost_is_refused(stopped: Stopped) -> None:
    done = stopped.command("runs", "resume", str(stopped.run_id), "--max-cost", "0.05")

    assert done.code == 2
    assert f"Run {stopped.run_id} has cost 0.08 USD already, so a cap of 0.05 cannot hold" in done.said


def test_a_paused_run_is_not_retried(stopped: Stopped) -> None:
    done = stopped.command("runs", "retry-failed", str(stopped.run_id))

    assert done.code == 2
    assert f"Run {stopped.run_id} is paused" in done.said


def test_with_credentials_that_are_refused_nothing_moves(stopped: Stopped) -> None:
    words = ("runs", "resume", str(stopped.run_id), "--max-cost", "1", "--json")
    done = stopped.command(*words, TWILIO_AUTH_TOKEN="wrong")

    assert done.code == 3
    assert (done.json["state"], done.json["reason"], done.json["bought"]) == ("paused", "account_credentials", 10)
    assert "Twilio does not accept the credentials." in done.said
    shown = stopped.command("runs", "show", str(stopped.run_id), "--json").json
    assert (shown["state"], shown["reason"], shown["cap"]) == ("paused", "cap", "0.08")


def test_a_run_goes_on_from_cap_to_halt_to_failures_to_its_end(stopped: Stopped) -> None:
    """One run through all that can stop it: each number is bought once."""
    run_id = str(stopped.run_id)

    stopped.account.set(account_fault=60699)
    halted = stopped.command("runs", "resume", run_id, "--max-cost", "1", "--json")
    assert (halted.code, halted.json["state"], halted.json["reason"]) == (3, "paused", "lookup_disabled")
    assert (halted.json["bought"], halted.json["failed"]) == (10, 0)
    assert "Only Twilio's support can switch it on again. (Twilio error 60699, HTTP 4" in halted.said
    assert "Only Twilio's support can switch it on again." in stopped.command("runs", "show", run_id).out

    stopped.account.set(account_fault="none", package_error_rate=1)
    # Without credentials in the environment those that are kept are used.
    failed = stopped.without_account("runs", "resume", run_id, "--json")
    assert (failed.code, failed.json["state"]) == (0, "finished")
    assert failed.json["failed"] > 0
    assert failed.json["bought"] + failed.json["failed"] == NUMBERS

    stopped.account.set(package_error_rate=0)
    retried = stopped.command("runs", "retry-failed", run_id, "--yes", "--json")
    assert (retried.code, retried.json["state"]) == (0, "finished")
    assert (retried.json["bought"], retried.json["failed"]) == (NUMBERS, 0)
    assert f"{failed.json['failed']:,} numbers failed; asking again may cost" in retried.said
    rows = read_rows(stopped.output)
    assert {row["lookup_status"] for row in rows} == {"completed"}
    assert len(stopped.account.ledger()["numbers"]) == NUMBERS
