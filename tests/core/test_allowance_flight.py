"""Who was beside whom: what an acceptance or a refusal says of the number in flight."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from bulk_lookup.core.flight import Flight, Ticket


def start(flight: Flight, count: int, now: float = 0.0) -> list[Ticket]:
    tickets = [Ticket() for _ in range(count)]
    for ticket in tickets:
        flight.start(ticket, now)
    return tickets


def test_a_refusal_tells_how_many_were_in_flight_when_the_refused_one_started() -> None:
    flight = Flight()
    tickets = start(flight, 21)
    flight.accepted(tickets[0], 0.2)

    assert flight.refused(tickets[20], 0.2) == 20


def test_those_that_were_refused_before_do_not_count_as_beside_it() -> None:
    flight = Flight()
    tickets = start(flight, 23)

    assert [flight.refused(ticket, 0.01) for ticket in tickets[20:]] == [20, 20, 20]


def test_the_highest_accepted_number_is_remembered_for_two_seconds() -> None:
    flight = Flight()
    for ticket in start(flight, 8):
        flight.accepted(ticket, 10.0)

    assert flight.accepted_high(11.9) == 8
    assert flight.accepted_high(12.6) == 0


def test_an_acceptance_does_not_count_older_ones_that_may_yet_be_refused() -> None:
    flight = Flight()
    slow = start(flight, 1)[0]
    # Refusals take up to 0.4 s here.
    flight.refused(slow, 0.4)
    tickets = start(flight, 10, now=1.0)

    flight.accepted(tickets[9], 1.3)
    assert flight.accepted_high(1.3) == 1
    flight.accepted(tickets[8], 1.5)
    assert flight.accepted_high(1.5) == 9


def test_one_that_ends_without_an_answer_says_nothing() -> None:
    flight = Flight()
    for ticket in start(flight, 5):
        flight.gone(ticket)

    assert (len(flight), flight.accepted_high(0.1), flight.evidence(0.1).refused) == (0, 0, 0)


def test_the_last_second_is_counted() -> None:
    flight = Flight()
    for tenth in range(30):
        first, second = start(flight, 2, now=tenth / 10)
        flight.accepted(first, tenth / 10 + 0.05)
        flight.refused(second, tenth / 10 + 0.05)

    seen = flight.evidence(2.95)

    # The window is a second and up to two of its tenths.
    assert 20 <= seen.asked <= 24
    assert 10 <= seen.refused <= 12


def test_after_a_measurement_older_refusals_are_not_counted_again() -> None:
    flight = Flight()
    before = start(flight, 10)
    flight.count_from(0.1)
    after = start(flight, 2, now=0.2)
    for ticket in (*before, *after):
        flight.refused(ticket, 0.3)

    assert (flight.evidence(0.3).asked, flight.evidence(0.3).refused) == (2, 2)
    assert flight.totals() == (12, 12)


@given(st.lists(st.tuples(st.sampled_from("sar"), st.integers(0, 30)), max_size=120))
def test_levels_are_those_of_a_provider_that_never_took_the_refused_in(events: Sequence[tuple[str, int]]) -> None:
    """Against a plain model: who was in flight at its start, less those that were refused since."""
    flight = Flight()
    beside: dict[Ticket, set[Ticket]] = {}
    for moment, (kind, which) in enumerate(events):
        now = moment / 50
        pending = list(flight.pending.values())
        if kind == "s" or not pending:
            ticket = start(flight, 1, now)[0]
            beside[ticket] = set(pending)
            continue
        ticket = pending[which % len(pending)]
        if kind == "a":
            flight.accepted(ticket, now)
            assert flight.accepted_high(now) <= flight.peak
        else:
            assert flight.refused(ticket, now) == len(beside[ticket])
            for others in beside.values():
                others.discard(ticket)
