"""`bulk-lookup number`: one number, with everything that holds for a list."""

import os
import pty
import subprocess
import sys

import pytest
from cli_stage import Account, Command, Finished, RealAccount


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "Missing argument 'NUMBER'"),
        (("+14155550101", "--packages", "mind_reading"), "There is no package called 'mind_reading'"),
        (("+14155550101", "--region", "Atlantis"), "--region 'Atlantis' is no country"),
        (("+14155550101", "--last-verified", "last week"), "--last-verified 'last week' is no date"),
        (("+14155550101",), "There are no Twilio credentials."),
    ],
)
def test_usage_that_cannot_be_is_refused_with_a_sentence(bare: Command, words: tuple[str, ...], sentence: str) -> None:
    done = bare("number", *words)

    assert (done.code, done.out) == (2, "")
    assert sentence in done.said


def test_what_is_no_number_is_refused_with_its_reason_before_anything_is_asked(bulk_lookup: Command) -> None:
    done = bulk_lookup("number", "(415) 555-0101", "--simulate")

    assert done.code == 2
    assert done.said == (
        "'(415) 555-0101' is not looked up: no country. Write it with a plus, or name its country with --region."
    )


def test_it_spends_only_when_told_to(bulk_lookup: Command, real_account: RealAccount) -> None:
    done = bulk_lookup("number", "+14155550101", **real_account.settings)

    assert done.code == 2
    assert "This would cost at most 0.008 USD: add --yes to agree, or --simulate" in done.said
    assert not any("PhoneNumbers" in path for path in real_account.asked)


def test_on_a_terminal_it_asks_and_no_is_no(bulk_lookup: Command, real_account: RealAccount) -> None:
    ours, theirs = pty.openpty()
    try:
        os.write(ours, b"n\n")
        done = subprocess.run(
            [sys.executable, "-m", "bulk_lookup.cli", "number", "+14155550101"],
            cwd=bulk_lookup.folder,
            env=bulk_lookup.environment(real_account.settings),
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=theirs,
            timeout=60,
        )
        said = os.read(ours, 10_000).decode()
    finally:
        os.close(ours)
        os.close(theirs)

    assert (done.returncode, done.stdout) == (0, b"")
    assert "It costs at most 0.008 USD. Buy it? [y/N]" in said
    assert "Nothing was bought." in said
    assert not any("PhoneNumbers" in path for path in real_account.asked)


def test_it_answers_on_the_screen_and_leaves_a_receipt(bulk_lookup: Command, own_account: Account) -> None:
    done = bulk_lookup(
        *("number", "(212) 555-0142", "--region", "US", "--packages", "line_type_intelligence,reassigned_number"),
        **own_account.settings,
    )

    assert done.code == 0, done.err
    shown = dict(line.split(maxsplit=1) for line in done.out.splitlines())
    assert shown["formatted_phone_number"] == "+12125550142"
    assert (shown["valid"], shown["lookup_status"], shown["api_cost"]) == ("yes", "completed", "0.008")
    assert shown["line_type"]
    assert "Reassigned number: not asked" in done.said
    assert "--last-verified DATE" in done.said
    assert own_account.ledger()["numbers"] == {"+12125550142": {"asked": 1, "billed": {"line_type_intelligence": 1}}}
    newest = bulk_lookup("runs", "--json").json[0]
    assert (newest["list"], newest["bought"], newest["cost"]) == ("+12125550142", 1, "0.008")


def test_what_a_list_has_bought_is_used_again(bulk_lookup: Command, finished: Finished, account: Account) -> None:
    before = account.billed()

    done = bulk_lookup("number", "+442079460103", "--json", **account.settings)

    assert done.code == 0, done.err
    answer = done.json
    bought = next(row for row in finished.rows if row["Name"] == "Dan")
    assert (answer["line_type"], answer["carrier_name"]) == (bought["line_type"], bought["carrier_name"])
    assert (answer["reused"], answer["bought"], answer["cost"], answer["api_cost"]) == (1, 0, "0.00", "0")
    assert answer["simulated"] is True
    assert "known already, so it is not bought again" in done.said
    assert account.billed() == before
