"""`bulk-lookup prices`: what a lookup is taken to cost."""

import re
from datetime import date, timedelta

import pytest
from cli_stage import Command


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("caller_names", "1"), "Did you mean caller_name?"),
        (("caller_name,basic", "1"), "Name one package; each has a price of its own."),
        (("caller_name", "much"), "'much' is not an amount of money"),
        (("caller_name", "0.00000001"), "more than six digits after the point"),
        (("--", "caller_name", "-1"), "A price cannot be negative."),
        (("caller_name", "1", "--country", "Atlantis"), "--country 'Atlantis' is no country"),
        (("caller_name", "1", "--from", "tomorrow"), "--from 'tomorrow' is no date; write it like 2026-12-01."),
        (("caller_name", "1", "--currency", "dollars"), "--currency 'dollars' is no currency"),
    ],
)
def test_a_price_that_cannot_be_is_refused_with_a_sentence(
    bare: Command, words: tuple[str, ...], sentence: str
) -> None:
    done = bare("prices", "set", *words)

    assert done.code == 2
    assert sentence in done.said


def test_a_price_of_ones_own_wins_by_country_and_by_day(bulk_lookup: Command) -> None:
    today, later = date.today(), date.today() + timedelta(days=30)

    before = rows_of(bulk_lookup("prices").out)
    said = bulk_lookup("prices", "set", "sms_pumping_risk", "0.03").said
    bulk_lookup("prices", "set", "sms_pumping_risk", "0.032", "--country", "germany")
    bulk_lookup("prices", "set", "sms_pumping_risk", "0.04", "--from", later.isoformat())
    rows = rows_of(bulk_lookup("prices").out)

    assert {row[0]: row[2] for row in before[1:]} == {
        "basic": "0.00",
        "line_type_intelligence": "0.008",
        "caller_name": "0.01",
        "line_status": "0.007",
        "reassigned_number": "0.02",
        "sms_pumping_risk": "not known",  # what nobody knows is no zero
    }
    assert said == f"sms_pumping_risk costs 0.03 USD from {today} on."
    assert [row for row in rows if row[0] == "sms_pumping_risk"] == [
        ["sms_pumping_risk", "all others", "0.03", "USD", "you", f"{today}"],
        ["sms_pumping_risk", "DE", "0.032", "USD", "you", f"{today}"],
        ["sms_pumping_risk", "all others", "0.04", "USD", "you", f"{later}"],
    ]
    assert ["caller_name", "all others", "0.01", "USD", "published list", "2026-10-03"] in rows


def rows_of(table: str) -> list[list[str]]:
    return [re.split(r"  +", line) for line in table.splitlines()]
