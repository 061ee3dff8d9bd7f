"""How one limit is divided among workers."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_lookup.core.shares import shares


@pytest.mark.parametrize(
    ("limit", "needs", "divided"),
    [
        # A single worker gets all, whatever it needs.
        (50, {"a": 3}, {"a": 50}),
        # Equal need, equal shares; what is odd goes to the one named first.
        (50, {"a": 900, "b": 900}, {"a": 25, "b": 25}),
        (51, {"a": 900, "b": 900}, {"a": 26, "b": 25}),
        # A small one gets what it needs, and the big ones divide the rest.
        (50, {"a": 900, "b": 5, "c": 900}, {"a": 23, "b": 5, "c": 22}),
        # An idle one gets nothing of what others need.
        (50, {"a": 900, "b": 0}, {"a": 50, "b": 0}),
        # Of what nobody needs each gets a part, and one part stays free.
        (50, {"a": 10, "b": 10}, {"a": 20, "b": 20}),
        (3, {"a": 0, "b": 0}, {"a": 1, "b": 1}),
        # More workers than the limit: one each, as far as it goes.
        (2, {"a": 5, "b": 5, "c": 5}, {"a": 1, "b": 1, "c": 0}),
        (1, {"a": 0, "b": 5}, {"a": 0, "b": 1}),
        (0, {"a": 5}, {"a": 0}),
        (50, {}, {}),
    ],
)
def test_a_limit_is_divided_by_need(limit: int, needs: Mapping[str, int], divided: Mapping[str, int]) -> None:
    assert shares(limit, needs) == divided


def test_a_small_run_is_not_starved_by_a_million() -> None:
    assert shares(20, {"million": 1_000_000, "hundred": 8})["hundred"] == 8


def test_workers_that_had_to_go_without_get_their_turn() -> None:
    needs = dict.fromkeys("abcde", 9)

    served = [name for turn in range(5) for name, share in shares(2, needs, turn=turn).items() if share]

    assert {name: served.count(name) for name in "abcde"} == dict.fromkeys("abcde", 2)


@given(
    st.integers(0, 120),
    st.dictionaries(st.sampled_from("abcdefghij"), st.integers(0, 3000), max_size=10),
    st.integers(0, 99),
)
def test_the_sum_is_never_more_than_the_limit_and_nobody_lacks_while_another_has_more(
    limit: int, needs: dict[str, int], turn: int
) -> None:
    divided = shares(limit, needs, turn=turn)

    assert divided.keys() == needs.keys()
    assert sum(divided.values()) <= limit
    wanting = [name for name in needs if needs[name]]
    assert sum(divided[name] > 0 for name in wanting) == min(limit, len(wanting))
    for name in wanting:
        if divided[name] < needs[name] and len(wanting) < limit:
            assert all(other <= divided[name] + 1 for other in divided.values())
