"""A filter over contacts as the address bar holds it: one object for the page, the API and exports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from bulk_lookup.core.pricing import MICROS, to_decimal


class Scope(StrEnum):
    """The tabs over the contacts: by status, and by what kind of line answers."""

    ALL = "all"
    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    INVALID = "invalid"
    DUPLICATE = "duplicate"
    NEEDS_LOOKUP = "needs_lookup"
    MOBILE = "mobile"
    LANDLINE = "landline"
    VOIP = "voip"


class Sort(StrEnum):
    """The orders that an index can give, a minus meaning the greatest first; nothing else is offered."""

    ROW = "row"
    ROW_BACK = "-row"
    CREATED = "created"
    CREATED_BACK = "-created"
    LOOKED_UP = "looked_up"
    LOOKED_UP_BACK = "-looked_up"


Word = TypeVar("Word", bound=StrEnum)
Default = TypeVar("Default")

_LARGEST_ID = 2**63 - 1
_LONGEST_TEXT = 200
_MOST_VALUES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactFilter:
    """What contacts must have; empty means anything. Several values of one field are alternatives.

    Costs are micro-units, inclusive. Days are inclusive, of the organization's time zone. `valid` is yes, no or unknown (the
    provider's word), `duplicate` yes or no. The names of the fields are the parameters of an address.
    """

    scope: Scope = Scope.ALL
    q: str = ""
    list: tuple[int, ...] = ()
    run: tuple[int, ...] = ()
    country: tuple[str, ...] = ()
    line_type: tuple[str, ...] = ()
    carrier: tuple[str, ...] = ()
    reason: tuple[str, ...] = ()
    valid: str = ""
    duplicate: str = ""
    cost_from: int | None = None
    cost_to: int | None = None
    created_from: date | None = None
    created_to: date | None = None
    looked_up_from: date | None = None
    looked_up_to: date | None = None
    sort: Sort | None = None

    @property
    def narrowed(self) -> bool:
        """Whether anything but the tab and the order is asked for."""
        return replace(self, scope=Scope.ALL, sort=None) != ContactFilter()

    def parameters(self, **changes: object) -> dict[str, "Sequence[str]"]:
        """As parameters of an address, without those that are empty; `changes` replace fields."""
        changed = replace(self, **changes)  # type: ignore[arg-type]
        given = {field.name: _texts(field.name, getattr(changed, field.name)) for field in fields(changed)}
        return {name: texts for name, texts in given.items() if texts and (name, texts) != ("scope", ["all"])}

    def as_query(self, **changes: object) -> str:
        """As the query of an address (without a question mark): the same filter gives the same text."""
        return urlencode(self.parameters(**changes), doseq=True)


def read_filter(parameters: Mapping[str, Sequence[str]]) -> tuple[ContactFilter, list[str]]:
    """The filter of an address, and a sentence for each parameter that says nothing: that one is left out."""
    read = _Reader(parameters)
    found = ContactFilter(
        scope=read.word("scope", Scope, Scope.ALL),
        q=read.text("q"),
        list=read.numbers("list"),
        run=read.numbers("run"),
        country=tuple(text.upper() for text in read.texts("country")),
        line_type=read.texts("line_type") or read.texts("device_type"),
        carrier=read.texts("carrier"),
        reason=read.texts("reason"),
        valid=read.choice("valid", ("yes", "no", "unknown")),
        duplicate=read.choice("duplicate", ("yes", "no")),
        cost_from=read.money("cost_from"),
        cost_to=read.money("cost_to"),
        created_from=read.day("created_from"),
        created_to=read.day("created_to"),
        looked_up_from=read.day("looked_up_from"),
        looked_up_to=read.day("looked_up_to"),
        sort=read.word("sort", Sort, None),
    )
    return found, read.problems


class _Reader:
    """Takes parameters one by one; what cannot be understood becomes a sentence in `problems`."""

    def __init__(self, parameters: Mapping[str, Sequence[str]]) -> None:
        self._parameters = parameters
        self.problems: list[str] = []

    def texts(self, name: str) -> tuple[str, ...]:
        given = [text.replace("\0", "").strip()[:_LONGEST_TEXT] for text in self._parameters.get(name, ())]
        found = tuple(dict.fromkeys(text for text in given if text))
        if len(found) > _MOST_VALUES:
            self.problems.append(f"Of the {len(found)} values of {_shown(name)} the first {_MOST_VALUES} are used.")
        return found[:_MOST_VALUES]

    def text(self, name: str) -> str:
        return next(iter(self.texts(name)), "")

    def numbers(self, name: str) -> tuple[int, ...]:
        return tuple(
            int(text)
            for text in self.texts(name)
            if self._holds(
                text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= _LARGEST_ID, name, text
            )
        )

    def choice(self, name: str, choices: Sequence[str]) -> str:
        text = self.text(name)
        return text if not text or self._holds(text in choices, name, text) else ""

    def word(self, name: str, words: type[Word], default: Default) -> Word | Default:
        text = self.text(name)
        if text and self._holds(text in list(words), name, text):
            return words(text)
        return default

    def day(self, name: str) -> date | None:
        text = self.text(name)
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            self._holds(False, name, text)
            return None

    def money(self, name: str) -> int | None:
        text = self.text(name)
        try:
            amount = Decimal(text) if text else None
        except InvalidOperation:
            amount = Decimal("nan")
        if amount is None:
            return None
        fits = amount.is_finite() and 0 <= amount < 1_000_000_000
        return int(amount * MICROS) if self._holds(fits, name, text) else None

    def _holds(self, fits: bool, name: str, text: str) -> bool:
        if not fits:
            self.problems.append(f"“{text[:40]}” is no {_shown(name)}, so it is left out.")
        return fits


def _shown(name: str) -> str:
    return name.replace("_", " ")


def _texts(name: str, value: object) -> list[str]:
    if value is None or value == "" or value == ():
        return []
    if name.startswith("cost_") and isinstance(value, int):
        return [format(to_decimal(value).normalize(), "f")]
    if isinstance(value, tuple):
        return [str(one) for one in value]
    return [value.isoformat() if isinstance(value, date) else str(value)]
