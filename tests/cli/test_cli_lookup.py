"""`bulk-lookup lookup`: what it refuses, what it prints and writes, and how it ends."""

import csv
import io
import json
import signal
import time
from pathlib import Path

import pytest
from cli_stage import LIST, Account, Command, Finished, RealAccount, read_rows, started

FIELDS = {
    *("run_id", "state", "reason", "rows", "valid", "invalid", "duplicates", "to_buy", "bought", "reused", "skipped"),
    *("failed", "unknown", "cost", "unknown_cost", "saved", "currency", "simulated", "seconds", "rows_per_second"),
    *("output", "rejects"),
}


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text("name,phone\nAnn,+14155550101\nBob,+14155550102\n")
    return path


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "Missing argument 'INPUT'"),
        (("people.csv", "--colour", "red"), "No such option: --colour"),
        (("people.csv", "--packages", "caller_names"), "Did you mean caller_name?"),
        (("people.csv", "--packages", "sim_swap"), "The package sim_swap cannot be bought yet"),
        (("people.csv", "--packages", ","), "Name at least one package"),
        (("people.csv", "--region", "Atlantis"), "--region 'Atlantis' is no country"),
        (("people.csv", "--max-cost", "cheap"), "'cheap' is not an amount of money"),
        (("people.csv", "--max-cost=-1"), "--max-cost cannot be negative"),
        (("people.csv", "--max-cost", "0.0000001"), "more than six digits"),
        (("people.csv", "--reuse-days=-1"), "--reuse-days"),
        (("people.csv", "--format", "pdf"), "There is no format 'pdf'; there are csv, tsv, xlsx, jsonl, parquet."),
        (("people.csv", "-o", "."), ". is a folder; name a file."),
        (("people.csv", "-o", "nowhere/out.csv"), "The folder of nowhere/out.csv does not exist."),
        (("people.csv", "-o", "people.csv", "--force"), "people.csv is the input itself"),
        (("people.csv", "-o", "there.csv"), "there.csv exists already; add --force"),
        (("people.csv", "--rejects", "there.csv"), "there.csv exists already; add --force"),
        (("people.csv", "-o", "-", "--json"), "--json and -o - both want standard output"),
        (("-", "--json"), "With standard input --json needs -o FILE"),
    ],
)
def test_usage_that_cannot_be_is_refused_with_a_sentence(
    bare: Command, listed: Path, words: tuple[str, ...], sentence: str
) -> None:
    (listed.parent / "there.csv").write_text("mine")

    done = bare("lookup", *words)

    assert (done.code, done.out) == (2, "")
    assert sentence in done.said
    assert (listed.parent / "there.csv").read_text() == "mine"


def test_without_credentials_it_says_how_to_set_them_and_offers_to_simulate(bare: Command, listed: Path) -> None:
    done = bare("lookup", "people.csv")

    assert done.code == 2
    assert "Set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN" in done.said
    assert "TWILIO_API_KEY" in done.said
    assert "--simulate" in done.said


def test_a_setting_that_cannot_be_understood_is_named(bare: Command, listed: Path) -> None:
    done = bare("lookup", "people.csv", "--simulate", DB_POOL="many")

    assert done.code == 2
    assert "DB_POOL is 'many', but must be a whole number" in done.said


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("missing.csv", None),
        ("words.csv", b"name,town\nAnn,Bern\nBob,Rome\n"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_by_name(bulk_lookup: Command, name: str, content: bytes | None) -> None:
    if content is not None:
        (bulk_lookup.folder / name).write_bytes(content)

    done = bulk_lookup("lookup", name, "--simulate", "-o", "out.csv")

    assert done.code == 2
    assert name in done.said
    assert not (bulk_lookup.folder / "out.csv").exists()


def test_a_column_that_is_not_there_is_refused_with_those_that_are(bulk_lookup: Command) -> None:
    (bulk_lookup.folder / "people.csv").write_text(LIST)

    done = bulk_lookup("lookup", "people.csv", "--simulate", "--phone-column", "Telephone")

    assert done.code == 2
    assert "Telephone" in done.said
    assert "Phone" in done.said.replace("Telephone", "")


def test_credentials_that_are_refused_stop_it_before_anything_is_read(
    bulk_lookup: Command, own_account: Account
) -> None:
    (bulk_lookup.folder / "people.csv").write_text(LIST)

    done = bulk_lookup("lookup", "people.csv", "--yes", **(own_account.settings | {"TWILIO_AUTH_TOKEN": "wrong"}))

    assert (done.code, done.out) == (3, "")
    assert "Twilio does not accept the credentials." in done.said
    assert not (bulk_lookup.folder / "people.looked-up.csv").exists()


def test_a_script_gets_its_object_where_the_account_is_refused(bulk_lookup: Command, own_account: Account) -> None:
    (bulk_lookup.folder / "people.csv").write_text(LIST)
    wrong = own_account.settings | {"TWILIO_AUTH_TOKEN": "wrong"}

    done = bulk_lookup("lookup", "people.csv", "--yes", "--json", **wrong)

    summary = done.json
    assert (done.code, set(summary) - {"pending"}) == (3, FIELDS)
    assert (summary["state"], summary["reason"], summary["run_id"]) == ("not_begun", "account_credentials", None)
    assert (summary["bought"], summary["cost"], summary["output"]) == (0, "0.00", None)


def test_a_price_that_nobody_knows_is_not_said_to_be_nothing(bulk_lookup: Command) -> None:
    (bulk_lookup.folder / "people.csv").write_text("phone\n+442079460103\n")

    done = bulk_lookup("lookup", "people.csv", "--packages", "sms_pumping_risk", "--quote-only")

    assert "1 to buy, 0 reused, 0 not covered; its price is not known." in done.said
    assert "this run may cost the unknown price of sms_pumping_risk" in done.said.replace("This", "this")
    assert "0.00" not in done.said


def test_the_summary_has_exactly_its_fields_and_adds_up(finished: Finished) -> None:
    summary = finished.summary

    assert set(summary) - {"pending"} == FIELDS
    assert summary["rows"] == summary["valid"] + summary["invalid"] + summary["duplicates"] == 8
    assert (summary["valid"], summary["invalid"], summary["duplicates"]) == (5, 2, 1)
    parts = (summary[name] for name in ("bought", "reused", "skipped", "failed", "pending"))
    assert sum(parts) == summary["valid"]
    assert (summary["state"], summary["reason"], summary["bought"]) == ("finished", "", 5)


def test_money_is_a_decimal_string_and_the_ledgers(finished: Finished, account: Account) -> None:
    summary = finished.summary

    # Five line types, and caller names of the four numbers in the United States.
    assert summary["cost"] == "0.08"
    assert account.ledger()["billed_total"] == "0.08"
    assert (summary["saved"], summary["unknown_cost"], summary["currency"]) == ("0.018", "0.00", "USD")
    assert summary["simulated"] is True  # by the account's check


def test_nothing_but_the_object_is_on_standard_output(finished: Finished) -> None:
    assert finished.done.out.count("\n") == 1
    assert "5 bought" in finished.done.said


def test_without_a_name_the_output_is_beside_the_input(finished: Finished) -> None:
    assert Path(finished.summary["output"]) == finished.folder / "people.looked-up.csv"


def test_every_row_comes_back_in_order_with_its_own_cells(finished: Finished) -> None:
    own = list(csv.reader(io.StringIO(LIST), delimiter=";"))
    with (finished.folder / "people.looked-up.csv").open(newline="", encoding="utf-8") as file:
        written = list(csv.reader(file, delimiter=";"))

    assert [row[: len(own[0])] for row in written] == own


def test_the_appended_columns_are_those_promised_and_a_clash_gets_a_name_of_its_own(finished: Finished) -> None:
    with (finished.folder / "people.looked-up.csv").open(newline="", encoding="utf-8") as file:
        header = next(csv.reader(file, delimiter=";"))

    # "Country Code" is not our country_code; lookup_country_code would be its prefixed name, and is not needed.
    assert header[5:] == [
        *("formatted_phone_number", "valid", "validation_error", "country_code", "line_type", "carrier_name"),
        *("mobile_country_code", "mobile_network_code", "caller_name", "caller_type", "can_receive_sms"),
        *("duplicate_of", "repaired", "other_phone_numbers", "lookup_status", "lookup_error", "error_code"),
        *("api_cost", "api_response_time_ms", "lookup_performed_at"),
    ]


def test_each_row_says_what_became_of_it(finished: Finished) -> None:
    rows = {row["Name"]: row for row in finished.rows}

    assert {name: row["lookup_status"] for name, row in rows.items()} == {
        "Ann": "completed",
        "Bob": "completed",
        "Ann again": "duplicate",
        "Cara": "invalid",
        "Dan": "completed",
        "Eve": "completed",
        "Fay": "invalid",
        "Gus": "completed",
    }
    assert rows["Cara"]["validation_error"] == "not_a_number"
    assert rows["Fay"]["validation_error"] == "empty"
    assert rows["Eve"]["repaired"] == "extension_cut"
    assert rows["Gus"]["other_phone_numbers"] == "+14155550106"
    assert rows["Dan"]["country_code"] == "GB"


def test_a_duplicate_has_the_answers_and_costs_nothing(finished: Finished) -> None:
    rows = {row["Name"]: row for row in finished.rows}
    first, again = rows["Ann"], rows["Ann again"]

    assert again["duplicate_of"] == "2"
    assert first["line_type"]
    for column in ("formatted_phone_number", "line_type", "carrier_name", "caller_name", "can_receive_sms"):
        assert again[column] == first[column]
    assert (first["api_cost"], again["api_cost"]) == ("0.018", "0")


def test_rejects_are_written_with_their_row_and_reason(finished: Finished) -> None:
    text = (finished.folder / "rejects.csv").read_text(encoding="utf-8")

    assert finished.summary["rejects"] == "rejects.csv"
    assert len(read_rows(finished.folder / "rejects.csv")) == 2
    assert "not_a_number" in text
    assert "call reception" in text


def test_its_own_output_fed_back_in_by_a_pipe_buys_nothing_and_keeps_its_look(
    bulk_lookup: Command, finished: Finished, account: Account
) -> None:
    before = account.billed()

    done = bulk_lookup(
        *("lookup", "-", "--yes", "--region", "US", "--packages", "line_type_intelligence,caller_name"),
        stdin=(finished.folder / "people.looked-up.csv").read_bytes(),
        **account.settings,
    )

    assert done.code == 0, done.err
    assert "'Phone'" in done.said
    assert "0 bought, 5 reused" in done.said
    assert account.billed() == before
    assert done.out.startswith("Name;Phone;Country Code;")
    again, first = list(csv.DictReader(io.StringIO(done.out), delimiter=";")), finished.rows
    assert [row["lookup_line_type"] for row in again] == [row["line_type"] for row in first]
    # The name with the prefix was taken as well.
    assert [row["lookup_country_code_2"] for row in again] == [row["country_code"] for row in first]
    assert {row["lookup_api_cost"] for row in again} == {"0"}


def test_a_quote_needs_no_credentials_and_buys_nothing(bulk_lookup: Command) -> None:
    (bulk_lookup.folder / "people.csv").write_text(LIST)

    done = bulk_lookup("lookup", "people.csv", "--quote-only", "--json", "--region", "US")

    assert done.code == 0, done.err
    summary = done.json
    assert (summary["state"], summary["to_buy"], summary["bought"], summary["output"]) == ("quoted", 5, 0, None)
    assert set(summary) - {"pending"} == FIELDS
    assert not (bulk_lookup.folder / "people.looked-up.csv").exists()


def test_without_a_terminal_it_spends_only_when_told_to(
    bulk_lookup: Command, listed: Path, real_account: RealAccount
) -> None:
    done = bulk_lookup("lookup", "people.csv", **real_account.settings)

    assert done.code == 2
    assert "add --yes to agree, or --simulate" in done.said
    assert "5.50 USD left on the account, this run may cost 0.016 USD." in done.said
    assert not any("PhoneNumbers" in path for path in real_account.asked)


def test_ctrl_c_pauses_and_the_run_can_be_cancelled_for_good(bulk_lookup: Command, own_account: Account) -> None:
    own_account.set(latency="200ms", max_in_flight=4)
    numbers = "".join(f"+1415555{2000 + place}\n" for place in range(100))
    (bulk_lookup.folder / "many.csv").write_text("phone\n" + numbers)
    command = bulk_lookup.with_settings(**own_account.settings)

    with started(command, "lookup", "many.csv", "--yes", "--json") as process:
        until = time.monotonic() + 30
        while not own_account.ledger()["requests"]:
            assert time.monotonic() < until
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)

    assert process.returncode == 130, err
    summary = json.loads(out)
    assert (summary["state"], summary["reason"]) == ("paused", "interrupted")
    assert summary["pending"] > 0
    assert f"bulk-lookup runs resume {summary['run_id']}" in err
    rows = read_rows(bulk_lookup.folder / "many.looked-up.csv")
    assert sum(row["lookup_status"] == "completed" for row in rows) == summary["bought"]

    cancelled = bulk_lookup("runs", "cancel", str(summary["run_id"]), "--json")
    assert (cancelled.code, cancelled.json["state"]) == (0, "cancelled")
    resumed = bulk_lookup("runs", "resume", str(summary["run_id"]))
    assert resumed.code == 2
    assert "is cancelled and cannot go on" in resumed.said
