"""Which country the numbers of a list are written in, when nobody has said so.

The numbers are tried under each of the larger countries. A share of valid ones alone does not decide: German and
Austrian numbers have so many lengths that nearly every French number would be one, too. So among the countries where
about as many are valid as in the best, the one counts whose numbers look most like these: each number weighs what its
kind and length are worth there, against the share of arbitrary digits of its length that would pass for that kind.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from math import log
from typing import NamedTuple

from bulk_lookup.core.country import name_of, region_of
from bulk_lookup.core.numbering import KINDS, Plan, plan_of, read_quickly
from bulk_lookup.core.phone_shapes import whole_cell
from bulk_lookup.core.phone_text import plain_text
from bulk_lookup.core.phone_words import Reason

__all__ = ["RegionGuess", "RegionShare", "infer_region", "name_of", "region_of"]

# Lists come from the first by far more often than from the second, and from those more often than from the others.
_FIRST_REGIONS = "US GB DE FR IT ES BR MX IN AU NL CN JP"
_SECOND_REGIONS = "AR CO CL IE AT CH BE PT PL SE NO DK FI TR ID NZ ZA NG PH SG IL AE"
_OTHER_REGIONS = (
    "PE VE EC GT CR PA UY BO CU LU CZ SK HU RO BG GR HR RS SI EE LV LT UA RU BY PK BD LK NP VN TH MY KR HK TW KH MM UZ "
    "IR IQ SA QA KW JO LB KE EG MA DZ TN GH ET TZ UG CI SN CM"
)
# One country of each calling code; others of the same code (Canada, Jersey, Kazakhstan) write their numbers alike.
LARGEST_REGIONS = tuple(region for line in (_FIRST_REGIONS, _SECOND_REGIONS, _OTHER_REGIONS) for region in line.split())


class RegionShare(NamedTuple):
    """How many of the numbers, from 0 to 1, would be valid if they were written in this region."""

    region: str
    share: float


class RegionGuess(NamedTuple):
    """What the numbers say about their country.

    `region` is the likeliest one, None if there is none. Only a `clear` guess may be acted on without asking; one that
    is not clear is something to show. `share` is the share of `region`, `shares` has the five likeliest. `cells` counts
    the different cells looked at that are written without a calling code: the others say nothing about a default.
    """

    region: str | None
    clear: bool
    share: float
    shares: tuple[RegionShare, ...]
    cells: int


def infer_region(cells: Sequence[str]) -> RegionGuess:
    """Find the country in which the cells' numbers are written, from at most 400 of them, evenly taken.

    Of a list's rejects, the guess says in which country most of them would be valid.
    """
    national, abroad = _sample(cells)
    if not national:
        return RegionGuess(None, False, 0.0, (), 0)
    found = {region: _read_all(national, plan) for region in LARGEST_REGIONS if (plan := plan_of(region)) is not None}
    shares = {region: sum(kind is not None for _, kind in kinds) / len(national) for region, kinds in found.items()}
    highest = max(shares.values())
    if highest == 0:
        return RegionGuess(None, False, 0.0, (), len(national))
    rivals = [region for region, share in shares.items() if share >= highest - _NEAR - len(national) ** -0.5]
    likeness = {
        region: _TRUST * _likeness(region, national, found[region]) + _vote(region, abroad) + _prior(region)
        for region in rivals
    }
    ranking = sorted(shares, key=lambda region: (region in likeness, likeness.get(region, 0.0), shares[region]))[::-1]
    home = _home(abroad, rivals, national)
    best = home or ranking[0]
    lead = min((likeness[best] - likeness[region] for region in rivals if region != best), default=_CLEAR_LEAD)
    clear = (
        (best == home or (lead >= _CLEAR_LEAD and not _speaks_for_another(abroad, best)))
        and shares[best] >= max(_CLEAR_SHARE, highest - _CLEAR_DISTANCE)
        and shares[best] * len(national) >= _FEWEST_CLEAR
    )
    ranking = sorted(ranking, key=lambda region: region != best)
    return RegionGuess(
        region=_country_of_most(best, found[best]),
        clear=clear,
        share=shares[best],
        shares=tuple(RegionShare(region, shares[region]) for region in ranking[:5] if shares[region] > 0),
        cells=len(national),
    )


_MOST_CELLS = 400
# Regions within this distance of the best share are rivals
_NEAR = 0.12  # … and so much more where the numbers are few: 1 / √ of them
# At least so many of the numbers must be valid, hardly fewer than in any other region, and the likeliest region must be
# a thousand times likelier than the next.
_CLEAR_SHARE = 0.8
_CLEAR_DISTANCE = 0.07
_CLEAR_LEAD = log(1000)
_FEWEST_CLEAR = 15
# What is assumed here of lists is rough, and the same for all numbers of a list: they count for less than they say.
_TRUST = 0.5
# How much the list's numbers with a calling code count, if all were of one region: as much as the lead.
_VOTE = _CLEAR_LEAD
_USUAL = log(20)
# So many numbers with a calling code speak for themselves, and so large a part of them decides.
_FEWEST_ABROAD = 10
_MAJORITY = 0.6
_HARDLY = 0.1
_FEWEST_DIGITS = 6
_ZEROS_WRITTEN = 0.2
_MOST_DIGITS = 15

# What a number on a list is likely to be, and the share of other things that happen to have its length.
_LIKELY = {"mobile": 0.5, "fixed_line": 0.42, "fixed_line_or_mobile": 0.92, "toll_free": 0.04}
_UNLIKELY = 0.005
_NOISE = 0.01

_Found = tuple[str | None, str | None]  # country and kind of a valid number


def _sample(cells: Sequence[str]) -> tuple[list[str], Counter[str]]:
    """Digits of numbers without a calling code, each once, and the countries of those with one."""
    national: dict[str, None] = {}
    abroad: Counter[str] = Counter()
    step = max(1, len(cells) // _MOST_CELLS)
    for text in _digits_of(cells[::step]):
        if text.startswith(("+", "00")):
            number = read_quickly("+" + text.lstrip("+0"), None)
            if number and number[0]:
                abroad[number[0]] += 1
        else:
            national[text] = None
    return list(national)[:_MOST_CELLS], abroad


def _digits_of(cells: Sequence[str]) -> Iterator[str]:
    """The first number's digits of each cell, roughly: good enough to count with."""
    for cell in cells:
        text, _ = plain_text(cell)
        shape = whole_cell(text[:80])
        if isinstance(shape, Reason):
            continue
        text = shape[0].replace("(0)", "")
        first = text.split("\n")[0].split(",")[0].split(";")[0].split(" / ")[0]
        digits = "".join(character for character in first if character in "0123456789+")
        if _FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS + 2 and "+" not in digits[1:]:
            yield digits


def _home(abroad: Counter[str], rivals: Sequence[str], national: Sequence[str]) -> str | None:
    """The rival whose calling code most of the list's other numbers have, where these are enough to go by.

    A list of +1 415 … and (415) … is American, whatever else (415) … may be: no likeness outweighs what is written.
    Where national numbers begin with a zero, those of the list must.
    """
    codes = _calling_codes(abroad)
    if sum(codes.values()) < _FEWEST_ABROAD:
        return None
    code, count = codes.most_common(1)[0]
    if count < _MAJORITY * sum(codes.values()):
        return None
    zeros = sum(digits[0] == "0" for digits in national) >= len(national) / 2
    plans = ((region, plan_of(region)) for region in rivals)
    return next((r for r, plan in plans if plan and plan.calling_code == code and (zeros or not plan.trunk_zero)), None)


def _speaks_for_another(abroad: Counter[str], best: str) -> bool:
    """Whether enough numbers are written with a calling code, and hardly any of them with that of the likeliest region."""
    codes, plan = _calling_codes(abroad), plan_of(best)
    total = sum(codes.values())
    return total >= _FEWEST_ABROAD and plan is not None and codes[plan.calling_code] < _HARDLY * total


def _calling_codes(abroad: Counter[str]) -> Counter[str]:
    codes: Counter[str] = Counter()
    for country, count in abroad.items():
        plan = plan_of(country)
        if plan is not None:
            codes[plan.calling_code] += count
    return codes


def _read_all(national: list[str], plan: Plan) -> list[_Found]:
    found = [_read(digits, plan) for digits in national]
    zeros = sum(digits[0] == "0" for digits in national)
    if not plan.trunk_zero or not plan.takes_many_lengths or zeros < _ZEROS_WRITTEN * len(national):
        return found
    # A list that writes the leading zero writes it everywhere; what lacks it, such a plan takes for a number anyway.
    return [
        (None, None) if kind == "fixed_line" and not digits.startswith(("0", plan.calling_code)) else (country, kind)
        for digits, (country, kind) in zip(national, found, strict=True)
    ]


def _read(digits: str, plan: Plan) -> _Found:
    """Read digits as parse_phone would, but by the quick library's word alone."""
    if digits.startswith(plan.calling_code) and not plan.north_american and plan.trunk_zero:
        found = read_quickly("+" + digits, None)
        if found:
            return found
    return read_quickly(digits, plan.region) or (None, None)


def _likeness(region: str, national: list[str], found: list[_Found]) -> float:
    """How well the numbers fit the region: the logarithm of their likelihood, against that of arbitrary digits."""
    likeness = 0.0
    forms = Counter((kind, len(digits)) for digits, (_, kind) in zip(national, found, strict=True))
    kinds = Counter(kind for _, kind in found)
    for digits, (_, kind) in zip(national, found, strict=True):
        fit = 0.0
        if kind is not None:
            chance = _chance_of_kind(region, len(digits), digits[0] == "0").get(kind, 1.0)
            # No plan says how common its lengths are: half as if all were alike, half as it is in this list.
            length = (_share_of_length(region, kind) + forms[kind, len(digits)] / kinds[kind]) / 2
            fit = _LIKELY.get(kind, _UNLIKELY) * length * _zero(region, digits) / chance
        likeness += log(_NOISE + (1 - _NOISE) * fit)
    return likeness


def _share_of_length(region: str, kind: str) -> float:
    plan = plan_of(region)
    lengths = (plan.mobile_lengths if kind == "mobile" else plan.fixed_lengths) if plan else ()
    return 1 / max(1, len(lengths))


def _zero(region: str, digits: str) -> float:
    """A zero that belongs there is missing from a list's numbers only where a spreadsheet has eaten it."""
    plan = plan_of(region)
    return 1.0 if plan is None or not plan.trunk_zero or digits[0] == "0" else 0.4


@lru_cache(maxsize=2048)
def _chance_of_kind(region: str, length: int, leading_zero: bool) -> dict[str, float]:
    """The share of all digit strings of this length, with or without a leading 0, that are a valid number of a kind."""
    plan = plan_of(region)
    counts: Counter[str] = Counter()
    free = length - 1 if leading_zero else length
    for step in range(_TRIES):
        # Evenly spread over all strings: the multiples of the golden ratio, so that there is no chance in it.
        place = (step * 0.6180339887498949 + 0.05) % 1.0
        digits = f"{int(place * 10**free):0{free}d}"
        digits = f"0{digits}" if leading_zero else f"{int(digits[0]) % 9 + 1}{digits[1:]}"
        kind = _read(digits, plan)[1] if plan else None
        if kind:
            counts[kind] += 1
    return {kind: (counts[kind] + 0.5) / (_TRIES + 1) for kind in KINDS}


_TRIES = 250


def _prior(region: str) -> float:
    if region in _FIRST_REGIONS.split():
        return log(100)
    return log(10) if region in _SECOND_REGIONS.split() else 0.0


def _vote(region: str, abroad: Counter[str]) -> float:
    """A list that has numbers with a calling code mostly has those of its own country."""
    total = sum(abroad.values())
    return _VOTE * abroad[region] / total if total else 0.0


def _country_of_most(region: str, found: list[_Found]) -> str:
    """The country of a shared calling code that most of the numbers belong to: US or CA, GB or JE."""
    countries = Counter(country for country, _ in found if country)
    return countries.most_common(1)[0][0] if countries else region
