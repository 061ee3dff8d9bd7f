"""Which country a list's numbers are written in."""

import random
from collections.abc import Callable

import pytest

from bulk_lookup.core.region import LARGEST_REGIONS, RegionGuess, infer_region, name_of

Chance = random.Random


def digits(chance: Chance, count: int) -> str:
    return "".join(chance.choice("0123456789") for _ in range(count))


def german(chance: Chance) -> str:
    mobile = f"0{chance.choice(('1511', '160', '171', '172', '176'))} {digits(chance, chance.choice((7, 7, 8)))}"
    area = chance.choice(("030", "089", "040", "0211", "06221", "07071"))
    return chance.choice((mobile, f"{area} {chance.randint(2, 9)}{digits(chance, chance.choice((4, 5, 6)))}"))


def french(chance: Chance) -> str:
    return chance.choice(
        (f"06{chance.choice('1268')}{digits(chance, 7)}", f"01 4{digits(chance, 7)}", f"04 7{digits(chance, 7)}")
    )


def british(chance: Chance) -> str:
    mobile = f"07{chance.choice('458')}{digits(chance, 8)}"
    return chance.choice((mobile, f"020 7{digits(chance, 7)}", f"0161 4{digits(chance, 6)}"))


def american(chance: Chance) -> str:
    area = chance.choice(("415", "212", "305", "713", "312", "206"))
    return f"({area}) {chance.randint(2, 9)}{digits(chance, 2)}-{digits(chance, 4)}"


def canadian(chance: Chance) -> str:
    area = chance.choice(("416", "514", "604", "403"))
    return f"{area}-{chance.randint(2, 9)}{digits(chance, 2)}-{digits(chance, 4)}"


def brazilian(chance: Chance) -> str:
    return f"({chance.choice(('11', '21', '31', '41'))}) 9{chance.randint(6, 9)}{digits(chance, 3)}-{digits(chance, 4)}"


def indian(chance: Chance) -> str:
    return f"{chance.randint(7, 9)}{digits(chance, 9)}"


def mexican(chance: Chance) -> str:
    return f"{chance.choice(('55', '33', '81'))} {chance.randint(1, 9)}{digits(chance, 7)}"


def argentine(chance: Chance) -> str:
    return chance.choice((f"011 4{digits(chance, 3)}-{digits(chance, 4)}", f"0351 4{digits(chance, 6)}"))


def italian(chance: Chance) -> str:
    mobile = f"3{chance.choice(('33', '40', '28', '47'))} {digits(chance, 7)}"
    return chance.choice((mobile, mobile, f"02 {chance.randint(2, 8)}{digits(chance, 6)}"))


def spanish(chance: Chance) -> str:
    return chance.choice((f"6{digits(chance, 8)}", f"91 {chance.randint(2, 8)}{digits(chance, 6)}"))


def austrian(chance: Chance) -> str:
    return chance.choice((f"0664 {digits(chance, 7)}", f"0676 {digits(chance, 7)}", f"01 5{digits(chance, 6)}"))


def chinese(chance: Chance) -> str:
    return f"1{chance.choice(('38', '39', '58', '86'))}{digits(chance, 8)}"


LISTS: dict[str, Callable[[Chance], str]] = {
    "DE": german,
    "FR": french,
    "GB": british,
    "US": american,
    "CA": canadian,
    "BR": brazilian,
    "IN": indian,
    "MX": mexican,
    "AR": argentine,
    "IT": italian,
    "ES": spanish,
    "AT": austrian,
    "CN": chinese,
}
JUNK = ("n/a", "", "0000000000", "see notes", "12345", "info@example.com")


def listed(region: str, count: int, *, junk: float = 0.0, seed: int = 1) -> list[str]:
    chance = Chance(seed)
    return [chance.choice(JUNK) if chance.random() < junk else LISTS[region](chance) for _ in range(count)]


@pytest.mark.parametrize("region", LISTS)
def test_a_list_says_which_country_it_is_from(region: str) -> None:
    guess = infer_region(listed(region, 400, junk=0.1))
    assert (guess.region, guess.clear) == (region, True)
    assert guess.share > 0.8
    assert guess.shares[0].share == guess.share


@pytest.mark.parametrize("region", LISTS)
def test_a_clear_guess_from_a_short_list_is_a_right_one(region: str) -> None:
    guesses = [infer_region(listed(region, 30, seed=seed)) for seed in range(8)]
    assert {guess.region for guess in guesses if guess.clear} <= {region}
    assert sum(guess.region == region for guess in guesses) >= 6


def test_a_handful_of_numbers_is_never_clear() -> None:
    assert not infer_region(listed("US", 8)).clear


def test_lists_of_two_countries_are_not_clear() -> None:
    guess = infer_region(listed("DE", 100) + listed("US", 100))
    assert not guess.clear


def test_numbers_with_a_calling_code_say_nothing_of_a_default() -> None:
    assert infer_region(["+4930123456", "0044 20 7946 0958", "+1 415 555 0100"]) == RegionGuess(None, False, 0.0, (), 0)


def test_numbers_with_a_calling_code_speak_for_their_own_country() -> None:
    few = listed("ES", 12)
    spoken_for = infer_region([*few, *(f"+34 612 34 56 {number}" for number in range(10, 60))])
    assert spoken_for.region == "ES"
    assert spoken_for.cells == 12


def test_lost_pluses_and_eaten_zeros_do_not_hide_the_country() -> None:
    lost = [f"49{number.lstrip('0')}".replace(" ", "") for number in listed("DE", 200)]
    eaten = [number.lstrip("0").replace(" ", "") + ".0" for number in listed("DE", 200, seed=2)]
    assert infer_region(lost + eaten).region == "DE"


def test_of_rejects_the_guess_says_where_most_would_be_valid() -> None:
    guess = infer_region([*listed("DE", 96), *["n/a - 1"] * 4])
    assert guess.region == "DE" and guess.share > 0.9
    assert name_of(guess.region or "") == "Germany"


@pytest.mark.parametrize("cells", [[], [""], ["n/a", "hello"], ["\ud800", "\0"], ["1" * 200_000]])
def test_cells_without_numbers_have_no_country(cells: list[str]) -> None:
    assert infer_region(cells) == RegionGuess(None, False, 0.0, (), 0)


def test_nonsense_is_not_clear() -> None:
    chance = Chance(7)
    assert not infer_region([digits(chance, chance.randint(6, 14)) for _ in range(300)]).clear


def test_no_more_than_400_cells_are_looked_at_and_from_all_over_the_list() -> None:
    guess = infer_region(listed("FR", 500) + listed("US", 4_500))
    assert guess.cells <= 400
    assert guess.region == "US"


def test_each_calling_code_is_tried_once() -> None:
    assert len(set(LARGEST_REGIONS)) == len(LARGEST_REGIONS)
    assert "CA" not in LARGEST_REGIONS and "US" in LARGEST_REGIONS


def test_the_numbers_with_a_calling_code_decide_where_a_national_one_fits_several_countries() -> None:
    """(415) 555-01xx is a mobile number of Venezuela too; a list of +1 numbers is American all the same."""
    cells = [f"+1212{200 + n}{1000 + n}" for n in range(100)] + [f"(415) 555-{n:04d}" for n in range(100, 150)]

    guess = infer_region(cells)

    assert (guess.region, guess.clear) == ("US", True)


def test_a_likely_country_is_not_clear_where_the_list_has_none_of_its_numbers_but_many_of_others() -> None:
    cells = [f"+49 30 {901820 + n}" for n in range(100)] + [f"(415) 555-{n:04d}" for n in range(100, 150)]

    assert not infer_region(cells).clear
