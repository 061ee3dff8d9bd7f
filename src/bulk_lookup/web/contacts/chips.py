"""The conditions of a filter as chips: what each says, and the filter without it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bulk_lookup.core.contact_filter import ContactFilter
from bulk_lookup.core.pricing import to_decimal_string
from bulk_lookup.models import ContactList

_SEVERAL = {"country": "Country", "line_type": "Line type", "carrier": "Carrier", "reason": "Reason", "run": "Run"}
_ONE = {"valid": "Valid", "duplicate": "Duplicate"}
_RANGES = {"created": "Created", "looked_up": "Looked up", "cost": "Cost"}


@dataclass(frozen=True, slots=True)
class Chip:
    """A title and its value in words; `without` are the parameters of the filter that lacks it, `query` the same as text."""

    name: str
    title: str
    value: str
    without: dict[str, Any]
    query: str


def chips(wanted: ContactFilter, lists: Mapping[int, ContactList]) -> list[Chip]:
    """The chips of a filter; its tab and its search have places of their own."""
    found: list[Chip] = []
    if wanted.list:
        names = [lists[one].name if one in lists else f"list {one}" for one in wanted.list]
        found.append(_chip(wanted, "list", "List is", ", ".join(names), list=()))
    for name, title in _SEVERAL.items():
        if values := getattr(wanted, name):
            found.append(_chip(wanted, name, title, ", ".join(map(str, values)), **{name: ()}))
    for name, title in _ONE.items():
        if value := getattr(wanted, name):
            found.append(_chip(wanted, name, title, value, **{name: ""}))
    for name, title in _RANGES.items():
        first, last = getattr(wanted, f"{name}_from"), getattr(wanted, f"{name}_to")
        if first is not None or last is not None:
            changes = {f"{name}_from": None, f"{name}_to": None}
            found.append(_chip(wanted, name, title, _range(first, last, money=name == "cost"), **changes))
    return found


def _chip(wanted: ContactFilter, name: str, title: str, value: str, **without: Any) -> Chip:
    return Chip(name, title, value, dict(wanted.parameters(**without)), wanted.as_query(**without))


def _range(first: Any, last: Any, *, money: bool) -> str:
    show = to_decimal_string if money else str
    if last is None:
        return f"from {show(first)}"
    return f"to {show(last)}" if first is None else f"{show(first)} – {show(last)}"
