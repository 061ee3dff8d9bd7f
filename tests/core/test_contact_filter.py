"""A filter as an address holds it: what it says comes back, what it does not understand is said and left out."""

from datetime import date
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_lookup.core.contact_filter import ContactFilter, Scope, Sort, read_filter

WORDS = (
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=30)
    .map(str.strip)
    .filter(bool)
)
SEVERAL = st.lists(WORDS, max_size=4, unique=True).map(tuple)
IDS = st.lists(st.integers(0, 2**63 - 1), max_size=4, unique=True).map(tuple)
DAYS = st.none() | st.dates()
MONEY = st.none() | st.integers(0, 10**12)

FILTERS = st.builds(
    ContactFilter,
    scope=st.sampled_from(Scope),
    q=st.just("") | WORDS,
    list=IDS,
    run=IDS,
    country=st.lists(st.sampled_from(["US", "DE", "GB"]), unique=True).map(tuple),
    line_type=SEVERAL,
    carrier=SEVERAL,
    reason=SEVERAL,
    valid=st.sampled_from(["", "yes", "no", "unknown"]),
    duplicate=st.sampled_from(["", "yes", "no"]),
    cost_from=MONEY,
    cost_to=MONEY,
    created_from=DAYS,
    created_to=DAYS,
    looked_up_from=DAYS,
    looked_up_to=DAYS,
    sort=st.none() | st.sampled_from(Sort),
)


@given(FILTERS)
def test_an_address_says_all_of_a_filter(wanted: ContactFilter) -> None:
    assert read_filter(parse_qs(wanted.as_query())) == (wanted, [])


@given(
    st.dictionaries(
        st.sampled_from([*ContactFilter.__dataclass_fields__, "x"]), st.lists(st.text(max_size=30), max_size=3)
    )
)
def test_nonsense_in_an_address_is_said_and_never_raises(parameters: dict[str, list[str]]) -> None:
    wanted, problems = read_filter(parameters)

    assert read_filter(wanted.parameters()) == (wanted, [])
    assert all(problem.endswith(".") for problem in problems)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("scope", "everything", "“everything” is no scope, so it is left out."),
        ("list", "12; drop table", "“12; drop table” is no list, so it is left out."),
        ("list", "9" * 19, f"“{'9' * 19}” is no list, so it is left out."),
        ("valid", "maybe", "“maybe” is no valid, so it is left out."),
        ("created_from", "2026-13-01", "“2026-13-01” is no created from, so it is left out."),
        ("cost_to", "NaN", "“NaN” is no cost to, so it is left out."),
        ("cost_to", "-1", "“-1” is no cost to, so it is left out."),
        ("sort", "carrier", "“carrier” is no sort, so it is left out."),
    ],
)
def test_what_says_nothing_is_left_out(name: str, text: str, said: str) -> None:
    assert read_filter({name: [text]}) == (ContactFilter(), [said])


def test_a_device_type_is_a_line_type() -> None:
    assert read_filter({"device_type": ["voip"]})[0].line_type == ("voip",)


def test_money_is_read_to_the_micro_unit() -> None:
    wanted, _ = read_filter({"cost_from": ["0.008"], "created_to": ["2026-11-24"]})

    assert (wanted.cost_from, wanted.created_to) == (8_000, date(2026, 11, 24))
    assert wanted.as_query() == "cost_from=0.008&created_to=2026-11-24"


def test_a_hundred_values_of_a_field_are_enough() -> None:
    wanted, problems = read_filter({"carrier": [f"carrier {number}" for number in range(150)]})

    assert (len(wanted.carrier), problems) == (100, ["Of the 150 values of carrier the first 100 are used."])


def test_only_what_narrows_is_narrowed() -> None:
    assert not ContactFilter(scope=Scope.FAILED, sort=Sort.CREATED).narrowed
    assert ContactFilter(country=("US",)).narrowed
