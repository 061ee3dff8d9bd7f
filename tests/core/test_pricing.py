"""Prices by date, country and origin; money exact to the micro-unit, both ways."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_lookup.core.data_package import CATALOGUE
from bulk_lookup.core.pricing import (
    LIST_PRICES_AS_OF,
    BadAmount,
    PriceBook,
    PriceEntry,
    PriceKind,
    to_decimal,
    to_decimal_string,
    to_micros,
)

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("package", "micros"),
    [
        ("basic", 0),
        ("line_type_intelligence", 8_000),
        ("caller_name", 10_000),
        ("line_status", 7_000),
        ("reassigned_number", 20_000),
    ],
)
def test_the_list_prices(package: str, micros: int) -> None:
    price = PriceBook().price(package, "US", TODAY)
    assert price is not None
    assert (price.micros, price.currency) == (micros, "USD")
    assert price.origin == f"published list price as of {LIST_PRICES_AS_OF}, not confirmed"


def test_an_unknown_price_is_unknown_and_not_zero() -> None:
    book = PriceBook()
    assert book.price("sms_pumping_risk", "GB", TODAY) is None
    assert book.total(["line_type_intelligence", "sms_pumping_risk"], "GB", TODAY) is None


def test_the_total_adds_up_and_basic_is_free() -> None:
    book = PriceBook()
    assert book.total(["line_type_intelligence", "caller_name"], "US", TODAY) == 18_000
    assert book.total(["basic"], "US", TODAY) == 0
    assert book.total([], "US", TODAY) == 0


def yours(micros: int, *, since: date, country: str | None = None) -> PriceEntry:
    return PriceEntry("line_type_intelligence", micros, since, country=country, kind=PriceKind.YOURS)


def listed(micros: int, *, since: date, country: str | None = None) -> PriceEntry:
    return PriceEntry("line_type_intelligence", micros, since, country=country)


JANUARY, JUNE = date(2026, 1, 1), date(2026, 6, 1)

TABLE = [
    # The newest that is in force.
    ([listed(1, since=JANUARY), listed(2, since=JUNE)], "US", date(2026, 7, 1), 2),
    ([listed(1, since=JANUARY), listed(2, since=JUNE)], "US", JUNE, 2),
    ([listed(1, since=JANUARY), listed(2, since=JUNE)], "US", date(2026, 5, 31), 1),
    # The country's own over the general one, be it older.
    ([listed(1, since=JUNE), listed(2, since=JANUARY, country="GB")], "GB", date(2026, 7, 1), 2),
    ([listed(1, since=JUNE), listed(2, since=JANUARY, country="GB")], "US", date(2026, 7, 1), 1),
    ([listed(1, since=JUNE), listed(2, since=JANUARY, country="GB")], None, date(2026, 7, 1), 1),
    # The payer's over the list, be it general and the list's by country.
    ([yours(1, since=JANUARY), listed(2, since=JUNE, country="GB")], "GB", date(2026, 7, 1), 1),
    # One that is not in force yet counts for nothing; a list that was read later counts for the days before.
    ([yours(1, since=JUNE)], "US", JANUARY, None),
    ([yours(1, since=JUNE), listed(2, since=JUNE)], "US", JANUARY, 2),
    # Another country's price is no price.
    ([listed(2, since=JANUARY, country="GB")], "US", JUNE, None),
]


@pytest.mark.parametrize(("entries", "country", "on", "micros"), TABLE)
def test_which_entry_counts(entries: list[PriceEntry], country: str | None, on: date, micros: int | None) -> None:
    for order in (entries, entries[::-1]):
        price = PriceBook(order).price("line_type_intelligence", country, on)
        assert (price.micros if price else None) == micros


def test_your_own_price_is_called_yours() -> None:
    price = PriceBook([yours(7_500, since=JUNE)]).price("line_type_intelligence", "US", TODAY)
    assert price is not None
    assert price.origin == "your price since 2026-06-01"
    assert str(price) == "0.0075 USD"


def test_every_package_that_can_be_bought_has_a_list_price_or_is_known_to_have_none() -> None:
    book = PriceBook()
    unknown = [
        p.price_key for p in CATALOGUE.values() if p.can_be_bought and book.price(p.price_key, "GB", TODAY) is None
    ]
    assert unknown == ["sms_pumping_risk"]


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (0, "0.00"),
        (8_000, "0.008"),
        (1_992_000, "1.992"),
        (2_000_000, "2.00"),
        (2_100_000, "2.10"),
        (25_000_000, "25.00"),
        (1, "0.000001"),
        (-3_210_000, "-3.21"),
        (-1, "-0.000001"),
    ],
)
def test_money_is_written_exactly_with_two_digits_or_as_many_as_it_needs(micros: int, text: str) -> None:
    assert to_decimal_string(micros) == text
    assert to_micros(text) == micros


@given(st.integers(-(10**15), 10**15))
def test_money_survives_being_written_and_read(micros: int) -> None:
    assert to_micros(to_decimal_string(micros)) == micros
    assert to_micros(to_decimal(micros)) == micros
    assert Decimal(to_decimal_string(micros)) == to_decimal(micros)


@pytest.mark.parametrize(
    ("amount", "micros"),
    [("25", 25_000_000), (" 1.5 ", 1_500_000), (Decimal("0.1"), 100_000), (3, 3_000_000), ("1e1", 10_000_000)],
)
def test_amounts_are_read(amount: Decimal | str | int, micros: int) -> None:
    assert to_micros(amount) == micros


@pytest.mark.parametrize(
    "text", ["", "abc", "nan", "inf", "-Infinity", "1,50", "$5", "0.0000001", "1e30", "9" * 40, "1e999999999"]
)
def test_what_is_no_amount_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(BadAmount, match=r"\.$"):
        to_micros(text)


@given(st.text(max_size=60))
def test_any_text_is_an_amount_or_a_sentence(text: str) -> None:
    try:
        micros = to_micros(text)
    except BadAmount as error:
        assert str(error).endswith(".")
    else:
        assert abs(micros) < 2**63
