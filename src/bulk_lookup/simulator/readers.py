"""Reads the value of a setting from what a shell or a JSON body gives; each reader raises ValueError with what fits."""

import math
import re
from collections.abc import Callable, Mapping

_DURATION = re.compile(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*(ms|s|m)?\s*")
_SECONDS = {"ms": 0.001, "s": 1.0, None: 1.0, "m": 60.0}
_SWITCH = {"on": True, "true": True, "yes": True, "1": True, "off": False, "false": False, "no": False, "0": False}
_NONE = (None, "", "none", "off")


def duration(value: object) -> float:
    """Read seconds: 0.25, "0.25", "250ms", "2s", "1m"."""
    found = None if isinstance(value, bool) else _DURATION.fullmatch(str(value))
    if found is None:
        raise ValueError('a duration is written like 0.25, "250ms" or "2s"')
    return float(found[1]) * _SECONDS[found[2]]


def rate(value: object) -> float:
    """Read a share between 0 and 1: 0.05, "0.05", "5%"."""
    text = str(value).strip()
    read = float(text[:-1]) / 100 if text.endswith("%") else float(text)
    if not 0.0 <= read <= 1.0:
        raise ValueError('a rate lies between 0 and 1, or is written like "5%"')
    return read


def count(value: object) -> int:
    """Read a whole number that is not negative."""
    read = int(str(value))
    if read < 0:
        raise ValueError("it cannot be negative")
    return read


def seed(value: object) -> int:
    """Read a whole number of at most 64 bits."""
    read = int(str(value))
    if not -(1 << 63) <= read < 1 << 63:
        raise ValueError("a whole number of at most 64 bits")
    return read


def switch(value: object) -> bool:
    """Read on or off."""
    read = _SWITCH.get(str(value).lower())
    if read is None:
        raise ValueError("it is on or off")
    return read


def code(value: object) -> int | None:
    """Read an error code, or none."""
    return None if value in _NONE or value is False else count(value)


def amount(value: object) -> float | None:
    """Read an amount of money, or none."""
    if value in _NONE or value is False:
        return None
    read = float(str(value))
    if not math.isfinite(read):
        raise ValueError("an amount in US dollars, or none")
    return read


def one_of(*words: str) -> Callable[[object], str]:
    """Make a reader of one word; "none" and null stand for an empty one where that is among them."""

    def read(value: object) -> str:
        word = "" if value in _NONE and "" in words else value
        if word not in words:
            raise ValueError(f"one of {', '.join(word or 'none' for word in words)}")
        return str(word)

    return read


def several_of(words: tuple[str, ...], *, at_least: int = 0) -> Callable[[object], tuple[str, ...]]:
    """Make a reader of words, as a list or joined by commas."""

    def read(value: object) -> tuple[str, ...]:
        named = tuple(value) if isinstance(value, (list, tuple)) else tuple(filter(None, str(value or "").split(",")))
        strange = [word for word in named if word not in words]
        if strange:
            raise ValueError(f"{strange[0]} is none of {', '.join(words)}")
        if len(named) < at_least:
            raise ValueError(f"at least {at_least} of {', '.join(words)}")
        return named

    return read


def counts_of(words: tuple[str, ...]) -> Callable[[object], dict[str, int]]:
    """Make a reader of a whole number for some words: an object, or "a=1,b=2", or a list of such."""

    def read(value: object) -> dict[str, int]:
        if not isinstance(value, Mapping):
            text = ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value or "")
            pairs = [part.partition("=") for part in text.split(",") if part]
            value = {name.strip(): number for name, _, number in pairs}
        read = {str(name): count(number) for name, number in value.items()}
        several_of(words)(tuple(read))
        return read

    return read
