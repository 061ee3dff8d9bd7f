"""The choices of the columns step, as its address and its form hold them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final
from urllib.parse import urlencode

from bulk_lookup.core.country import region_of
from bulk_lookup.core.country_names import names_of_countries
from bulk_lookup.core.numbering import plan_of
from bulk_lookup.engine.preview_import import MOST_SEARCH_COLUMNS, NO_REGION, Choices

SHOWS: Final = ("all", "rejected", "repaired", "duplicate")
"""Which of the first rows are shown."""

_LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class WizardChoices:
    """What is chosen for the import, and how its first rows are looked at."""

    made: Choices
    list_name: str
    show: str
    wide: bool  # all columns of the table

    def as_query(self, **changes: object) -> str:
        """As the query of an address, without what is not chosen; `changes` replace parameters."""
        made = self.made
        given: dict[str, object] = {
            "name": self.list_name,
            "phone": made.phone_column,
            "country": made.country_column,
            "region": made.region,
            "search": list(made.search_columns),
            "verified": made.last_verified_column,
            "show": None if self.show == "all" else self.show,
            "wide": "1" if self.wide else None,
        }
        given |= changes
        return urlencode({name: value for name, value in given.items() if value not in (None, "", [])}, doseq=True)


def read_choices(parameters: Mapping[str, Sequence[str]]) -> WizardChoices:
    """The choices of an address or a form; what cannot be understood is as if it were not chosen."""

    def text(name: str) -> str:
        return next(iter(parameters.get(name, ())), "").replace("\0", "").strip()

    search = [place for one in parameters.get("search", ()) if (place := _place(one)) is not None]
    region = text("region")
    return WizardChoices(
        made=Choices(
            phone_column=_place(text("phone")),
            country_column=_place(text("country")),
            region=region if region == NO_REGION else region_of(region),
            search_columns=tuple(dict.fromkeys(search))[:MOST_SEARCH_COLUMNS],
            last_verified_column=_place(text("verified")),
        ),
        list_name=" ".join(text("name").split())[:_LONGEST_NAME],
        show=text("show") if text("show") in SHOWS else "all",
        wide=text("wide") == "1",
    )


@cache
def regions() -> tuple[tuple[str, str], ...]:
    """All countries whose national numbers can be read: code and name, by name."""
    named = [(two, names[0]) for two, _, names in names_of_countries() if plan_of(two) is not None]
    return tuple(sorted(named, key=lambda one: one[1]))


def _place(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None
