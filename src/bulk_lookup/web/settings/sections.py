"""The list at the left of every settings page: which sections a person sees, and which of them needs a look."""

from dataclasses import dataclass

from django.http import HttpRequest

from bulk_lookup.core.role import Right

LOOK = Right.SEE_MONEY
"""What it takes to see the settings: a viewer has no business here but with appearance and members."""


@dataclass(frozen=True, slots=True)
class Section:
    """One line of the list: the name of its address, its words, and the right to see it."""

    to: str
    words: str
    needs: Right = LOOK


SECTIONS = (
    Section("settings_accounts", "Provider accounts"),
    Section("settings_prices", "Packages and prices"),
    Section("settings_reuse", "Reuse of answers"),
    Section("settings_budget", "Budget"),
    Section("members", "Members", Right.LOOK),
    Section("settings_organization", "Organization"),
    Section("settings_appearance", "Appearance", Right.LOOK),
)


def sections_of(request: HttpRequest) -> list[Section]:
    """Those that the signed-in person may see."""
    may = getattr(request, "may", None)
    return [one for one in SECTIONS if may is not None and may(one.needs)]
