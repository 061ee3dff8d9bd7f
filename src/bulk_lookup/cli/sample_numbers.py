"""Phone numbers for invented people: valid by the numbering plans, and nobody's as far as can be known.

Where a country keeps numbers for films and books, those are taken: 555 in North America, Ofcom's, Arcep's, ACMA's, the
Bundesnetzagentur's and the Swedish ones. Elsewhere they stand around the plan's own example number (81234 5…), whose
digits count up.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import NamedTuple

HOME = "US"


class Line(NamedTuple):
    """One number: its country, and as E.164."""

    country: str
    number: str


@dataclass(frozen=True, slots=True)
class Block:
    """`count` numbers that begin with `prefix` and end in `digits` digits from `first` on."""

    prefix: str
    digits: int
    first: int
    count: int


@dataclass(frozen=True, slots=True)
class Country:
    """A country of the list: how often it occurs among a thousand rows, and its numbers."""

    region: str
    weight: int
    blocks: tuple[Block, ...]


class Numbers:
    """Draws numbers, each once; a country that has no more leaves its turn to the United States."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._edges = list(accumulate(country.weight for country in COUNTRIES))
        self._left = {country.region: _shuffled(country.blocks, random.random()) for country in COUNTRIES}

    def draw(self) -> Line:
        """The next number."""
        (country,) = self._random.choices(COUNTRIES, cum_weights=self._edges)
        number = next(self._left[country.region], None)
        if number is not None:
            return Line(country.region, number)
        number = next(self._left[HOME], None)
        if number is None:  # a list longer than all blocks together begins again
            self._left = {one.region: _shuffled(one.blocks, self._random.random()) for one in COUNTRIES}
            number = next(self._left[HOME])
        return Line(HOME, number)


# Coprime to the size of every block, so that all of it is walked through in leaps.
_LEAP = 7_919


def _shuffled(blocks: tuple[Block, ...], start: float) -> Iterator[str]:
    """All numbers, those of the earlier sizes first: short blocks are the ones kept for fiction."""
    for count in sorted({block.count for block in blocks}):
        same = [block for block in blocks if block.count == count]
        total = count * len(same)
        place = int(start * total)
        for _ in range(total):
            place = (place + _LEAP) % total
            block, rest = same[place % len(same)], place // len(same)
            yield f"{block.prefix}{block.first + rest:0{block.digits}}"


def _fiction(calling_code: str, *prefixes: str, digits: int) -> tuple[Block, ...]:
    return tuple(Block(f"+{calling_code}{prefix}", digits, 0, 10**digits) for prefix in prefixes)


def _north_america(area_codes: str) -> tuple[Block, ...]:
    """555-0100 … 0199, kept for fiction; behind them the rest of 555, which was given back and is nobody's."""
    kept = [Block(f"+1{area}555", 4, 100, 100) for area in area_codes.split()]
    rest = [Block(f"+1{area}555", 4, 2000, 7000) for area in area_codes.split()]
    return (*kept, *rest)


def _around(calling_code: str, *examples: str) -> tuple[Block, ...]:
    """The numbers that share all but the last four digits with the plan's example."""
    return tuple(Block(f"+{calling_code}{example[:-4]}", 4, 0, 10**4) for example in examples)


COUNTRIES = (
    Country(
        "US",
        640,
        _north_america(
            "201 202 203 205 206 207 208 209 210 212 213 214 215 216 217 218 219 225 228 229 231 234 239 240 248 251 "
            "252 253 254 256 260 262 267 269 270 276 281 301 302 303 304 305 307 308 309 310 312 313 314 315 316 317 "
            "318 319 320 321 323 330 334 336 337 339 347 351 352 360 361 385 386 401 402 404 405 406 407 408 409 410 "
            "412 413 414 415 417 419 423 425 432 434 435 440 443 469 478 479 480 484 501 502 503 504 505 507 508 509 "
            "510 512 513 515 516 517 518 520 530 540 541 551 559 561 562 563 567 570 571 573 574 575 580 585 586 601 "
            "602 603 605 606 607 608 609 610 612 614 615 616 617 618 619 620 623 626 630 631 636 641 646 650 651 660"
        ),
    ),
    Country(
        "CA", 60, _north_america("204 236 250 289 306 403 416 418 438 506 514 519 604 613 647 705 778 780 807 902")
    ),
    Country(
        "GB",
        70,
        _fiction(
            "44",
            *("1134960", "1144960", "1164960", "1174960", "1184960", "1214960", "1314960", "1414960"),
            *("1514960", "1614960", "2079460", "8081570"),
            digits=3,
        ),
    ),
    Country("FR", 40, _fiction("33", "19900", "26191", "35301", "46571", "53649", digits=4)),
    Country("AU", 35, _fiction("61", "25550", "35550", "75550", "85550", "27010", "37010", "77010", "87010", digits=4)),
    Country(
        "DE",
        45,
        (
            *_fiction("49", "3023125", "6990009", "4066969", "2214710", "8999998", digits=3),
            *_fiction("49", "1713920", "17139200", digits=3),
        ),
    ),
    Country("SE", 10, _fiction("46", "3139006", "4062804", "8465004", digits=2)),
    Country("IN", 20, _around("91", "8123456789")),
    Country("BR", 15, _around("55", "11961234567", "1123456789")),
    Country("JP", 10, _around("81", "9012345678", "312345678")),
    Country("ES", 10, _around("34", "612345678", "810123456")),
    Country("IT", 10, _around("39", "3123456789", "0212345678")),
    Country("NL", 8, _around("31", "612345678", "101234567")),
    Country("CH", 6, _around("41", "781234567", "212345678")),
    Country("AE", 5, _around("971", "501234567", "22345678")),
    Country("ZA", 5, _around("27", "711234567", "101234567")),
    Country("SG", 5, _around("65", "81234567", "61234567")),
    Country("NG", 3, _around("234", "8021234567")),
    Country("PH", 3, _around("63", "9051234567")),
)
