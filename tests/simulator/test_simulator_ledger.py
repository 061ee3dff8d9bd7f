"""The ledger counts exactly, adds accounts up, and stays small."""

import json
import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from bulk_lookup.simulator.ledger import BILLED_UNIT, Ledger, ledger_json, number_key
from bulk_lookup.simulator.prices import PRICED_PACKAGES, PRICES_MICRO_USD, decimal_usd


def test_an_empty_ledger_says_so() -> None:
    assert json.loads(ledger_json([Ledger()])) == {"requests": 0, "numbers": {}, "billed_total": "0.00"}


def test_it_has_the_promised_shape() -> None:
    ledger = Ledger()
    for n in range(249):
        ledger.requests += 1
        key = number_key(f"+1415555{n:04}")
        ledger.taken_up(key)
        ledger.bill(key, BILLED_UNIT["line_type_intelligence"], day=20_000)
    told = json.loads(ledger_json([ledger]))
    assert told["requests"] == 249
    assert told["numbers"]["+14155550007"] == {"asked": 1, "billed": {"line_type_intelligence": 1}}
    assert told["billed_total"] == "1.992"


def test_a_refused_number_is_asked_and_not_billed() -> None:
    ledger = Ledger()
    ledger.refused(14155552671)
    assert json.loads(ledger_json([ledger]))["numbers"] == {"+14155552671": {"asked": 1, "billed": {}}}


def test_refusals_for_want_of_room_draw_no_fault() -> None:
    ledger = Ledger()
    assert ledger.taken_up(1) == 0
    ledger.refused(1)
    assert ledger.taken_up(1) == 1


def test_text_that_is_no_number_keeps_its_own_line() -> None:
    ledger = Ledger()
    for text in ("+1hello", "+0123", '+1"quoted"'):
        ledger.taken_up(number_key(text))
    assert set(json.loads(ledger_json([ledger]))["numbers"]) == {"+1hello", "+0123", '+1"quoted"'}


@given(
    st.lists(
        st.tuples(st.integers(0, 1), st.integers(0, 4), st.sampled_from(PRICED_PACKAGES), st.integers(1, 3)),
        max_size=60,
    )
)
def test_two_ledgers_add_up_number_by_number(bills: list[tuple[int, int, str, int]]) -> None:
    ledgers = [Ledger(), Ledger()]
    expected: dict[str, dict[str, int]] = {}
    micros = 0
    for which, number, package, times in bills:
        for _ in range(times):
            ledgers[which].taken_up(number_key(f"+49{number}"))
            ledgers[which].bill(number_key(f"+49{number}"), BILLED_UNIT[package], day=which)
            billed = expected.setdefault(f"+49{number}", {})
            billed[package] = billed.get(package, 0) + 1
            micros += PRICES_MICRO_USD[package]
    told = json.loads(ledger_json(ledgers))
    assert {number: line["billed"] for number, line in told["numbers"].items()} == expected
    assert {number: line["asked"] for number, line in told["numbers"].items()} == {
        number: sum(billed.values()) for number, billed in expected.items()
    }
    assert told["billed_total"] == decimal_usd(micros)


def test_counts_do_not_run_into_each_other() -> None:
    ledger = Ledger()
    for _ in range(70_000):
        ledger.taken_up(1)
    ledger.bill(1, 70_000 * BILLED_UNIT["line_type_intelligence"], day=1)
    billed = {"line_type_intelligence": 70_000}
    assert json.loads(ledger_json([ledger]))["numbers"] == {"+1": {"asked": 70_000, "billed": billed}}


def test_days_are_told_apart() -> None:
    ledger = Ledger()
    ledger.bill(1, BILLED_UNIT["caller_name"], day=10)
    ledger.bill(1, BILLED_UNIT["caller_name"], day=11)
    assert ledger.billed(11, 11)["caller_name"] == 1
    assert ledger.billed()["caller_name"] == 2
    assert ledger.first_day() == 10


def test_a_hundred_thousand_numbers_take_a_dozen_megabytes() -> None:
    ledger = Ledger()
    tracemalloc.start()
    for n in range(100_000):
        key = 14_150_000_000 + n
        ledger.taken_up(key)
        ledger.bill(key, BILLED_UNIT["line_type_intelligence"], day=1)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size < 12_000_000


def test_amounts_are_written_with_two_places_at_least() -> None:
    assert [decimal_usd(n) for n in (0, 8_000, 2_000_000, 1_992_000, -500_000, 10)] == [
        "0.00",
        "0.008",
        "2.00",
        "1.992",
        "-0.50",
        "0.00001",
    ]
