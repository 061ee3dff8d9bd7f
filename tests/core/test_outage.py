"""After twenty unknown bills in a row one probe goes out at a time, until somebody answers."""

from hypothesis import given
from hypothesis import strategies as st

from bulk_lookup.core.outage import PROBE_EVERY, UNKNOWN_IN_A_ROW, Outage


def cut_off(times: int, *, now: float = 100.0) -> Outage:
    outage = Outage()
    for _ in range(times):
        outage = outage.cut_off(now)
    return outage


def test_a_few_unknown_bills_change_nothing() -> None:
    outage = cut_off(UNKNOWN_IN_A_ROW - 1)
    assert not outage.is_on
    assert outage.may_ask(100.0)


def test_twenty_in_a_row_leave_one_probe_every_five_seconds() -> None:
    outage = cut_off(UNKNOWN_IN_A_ROW)
    assert outage.is_on
    assert not outage.may_ask(100.0 + PROBE_EVERY - 0.01)
    assert outage.may_ask(100.0 + PROBE_EVERY)
    probing = outage.probing(100.0 + PROBE_EVERY)
    assert not probing.may_ask(100.0 + PROBE_EVERY)
    assert probing.may_ask(100.0 + 2 * PROBE_EVERY)


def test_one_answer_ends_the_outage() -> None:
    assert cut_off(500).answered() == Outage()


@given(st.lists(st.booleans(), max_size=80))
def test_it_is_on_exactly_after_twenty_in_a_row(ends: list[bool]) -> None:
    outage, in_a_row = Outage(), 0
    for now, answered in enumerate(ends):
        outage = outage.answered() if answered else outage.cut_off(float(now))
        in_a_row = 0 if answered else in_a_row + 1
        assert outage.is_on == (in_a_row >= UNKNOWN_IN_A_ROW)
