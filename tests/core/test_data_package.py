"""The catalogue: eleven packages, what can be bought, how long an answer stays fresh, what a list of names means."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_lookup.core.data_package import (
    CATALOGUE,
    DEFAULT_PACKAGE,
    UnknownPackage,
    buyable_packages,
    data_package,
    parse_packages,
)

BUYABLE = (
    "basic",
    "line_type_intelligence",
    "caller_name",
    "line_status",
    "reassigned_number",
    "sms_pumping_risk",
)
NOT_YET = ("sim_swap", "call_forwarding", "identity_match", "pre_fill", "phone_number_quality_score")


def test_the_catalogue_knows_all_eleven_packages() -> None:
    assert set(CATALOGUE) == {*BUYABLE, *NOT_YET}
    assert buyable_packages() == BUYABLE


@pytest.mark.parametrize(
    ("name", "age"),
    [
        ("line_type_intelligence", timedelta(days=30)),
        ("caller_name", timedelta(days=30)),
        ("line_status", timedelta(days=1)),
        ("reassigned_number", timedelta(days=30)),
        ("sms_pumping_risk", None),
        ("sim_swap", None),
    ],
)
def test_how_long_an_answer_is_used_again(name: str, age: timedelta | None) -> None:
    assert CATALOGUE[name].reuse_age() == age


@given(days=st.integers(0, 100_000))
def test_no_setting_makes_a_risk_or_a_sim_swap_be_used_again(days: int) -> None:
    for name in ("sms_pumping_risk", "sim_swap"):
        assert CATALOGUE[name].reuse_age(timedelta(days=days)) is None


def test_a_user_may_set_the_age_of_the_others() -> None:
    assert CATALOGUE["line_status"].reuse_age(timedelta(days=7)) == timedelta(days=7)
    assert CATALOGUE["caller_name"].reuse_age(timedelta(0)) == timedelta(0)


def test_only_reassigned_number_needs_the_same_inputs_to_be_used_again() -> None:
    assert [name for name, package in CATALOGUE.items() if package.reuse_needs_same_inputs] == ["reassigned_number"]
    assert CATALOGUE["reassigned_number"].inputs == ("last_verified_date",)


def test_what_cannot_be_bought_says_why() -> None:
    assert [name for name, package in CATALOGUE.items() if not package.can_be_bought] == list(NOT_YET)
    for name in NOT_YET:
        with pytest.raises(UnknownPackage, match=rf"{name} cannot be bought yet: it needs .+\.$"):
            parse_packages(f"caller_name,{name}")


def test_sms_pumping_risk_carries_twilio_s_warning() -> None:
    assert "raises the scores" in CATALOGUE["sms_pumping_risk"].warning


def test_no_two_packages_fill_the_same_column() -> None:
    columns = [column.name for package in CATALOGUE.values() for column in package.columns]
    assert len(columns) == len(set(columns))


def test_only_basic_is_free() -> None:
    assert [name for name, package in CATALOGUE.items() if package.is_free] == ["basic"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("line_type_intelligence", ("line_type_intelligence",)),
        ("line_type_intelligence,caller_name", ("line_type_intelligence", "caller_name")),
        # The order is the user's, each name counts once, blanks and capitals do not matter.
        (" Caller_Name , line_status,,caller_name ", ("caller_name", "line_status")),
        # Twilio's own word for the free one.
        ("validation", ("basic",)),
        ("basic,validation", ("basic",)),
    ],
)
def test_a_list_of_packages_is_read(text: str, names: tuple[str, ...]) -> None:
    assert parse_packages(text) == names


@pytest.mark.parametrize("text", ["", " ", ",", ", ,"])
def test_an_empty_list_is_refused_with_the_names_there_are(text: str) -> None:
    with pytest.raises(UnknownPackage, match=r"Name at least one package: basic, line_type"):
        parse_packages(text)


def test_a_misspelt_name_is_met_with_the_one_that_was_meant() -> None:
    with pytest.raises(UnknownPackage, match=r"no package called 'callername'\. Did you mean caller_name\?"):
        parse_packages("callername")


def test_a_name_that_resembles_none_is_met_with_all() -> None:
    with pytest.raises(UnknownPackage, match=r"no package called 'qqq'\. There are: basic, "):
        data_package("qqq")


@given(st.text(max_size=200))
def test_any_text_is_a_list_of_packages_or_a_sentence(text: str) -> None:
    try:
        names = parse_packages(text)
    except UnknownPackage as error:
        assert str(error).endswith((".", "?"))
        assert len(str(error)) < 400
    else:
        assert names
        assert set(names) <= set(BUYABLE)


def test_the_default_can_be_bought() -> None:
    assert CATALOGUE[DEFAULT_PACKAGE].can_be_bought
