"""The form of an export: which contacts, what it is called, its format and its columns."""

import secrets
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Final

from django.db import OperationalError, connection, transaction
from django.http import QueryDict

from bulk_lookup.core.contact_filter import ContactFilter, Scope, read_filter
from bulk_lookup.core.role import Right
from bulk_lookup.engine.export_choice import Offer
from bulk_lookup.engine.export_contacts import does_not_fit
from bulk_lookup.engine.order_export import FORMATS
from bulk_lookup.models import Contact, ContactList
from bulk_lookup.models.contact_filtering import Count, count
from bulk_lookup.models.contact_search import TooShort
from bulk_lookup.web.access import PageRequest
from bulk_lookup.web.contacts.chips import chips

MOST_TICKED: Final = 5_000
LONGEST_NAME: Final = 120

_COUNT_MILLISECONDS: Final = 2_000
_LONGEST_KEY: Final = 64
_LARGEST_ID: Final = 2**63
_NOTES: Final = {
    "csv": ("CSV", "any number of rows, for every program"),
    "xlsx": ("XLSX", "a spreadsheet: all cells are text, so no digit is lost"),
    "tsv": ("TSV", "tabs instead of commas"),
    "jsonl": ("JSON Lines", "an object a row, for programs"),
    "parquet": ("Parquet", "typed columns, for analysis"),
}


@dataclass(frozen=True, slots=True)
class Subject:
    """Which contacts: those that were ticked, or all that the filter finds."""

    wanted: ContactFilter
    ids: tuple[int, ...]

    def counted(self, region: str) -> tuple[Count | None, str]:
        """How many they are, None where counting takes too long; and why there are none."""
        if self.ids:
            return Count(Contact.objects.filter(pk__in=self.ids).count()), ""
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"set local statement_timeout = {_COUNT_MILLISECONDS}")
                number = count(self.wanted, region=region)
                cursor.execute("set local statement_timeout = 0")
        except TooShort as problem:
            return Count(0), str(problem)
        except OperationalError:
            return None, ""
        return number, ""


def subject_of(given: QueryDict) -> Subject:
    """What the contacts' page says: its filter in a field or in the address itself, and what is ticked."""
    texts = QueryDict(given.get("filter", "")) if "filter" in given else given
    wanted, _ = read_filter({name: list(values) for name, values in texts.lists()})
    if given.get("all") == "yes":
        return Subject(wanted, ())
    digits = (text for text in given.getlist("contact") if text.isascii() and text.isdigit() and len(text) < 20)
    ids = sorted({number for number in map(int, digits) if number < _LARGEST_ID})
    return Subject(wanted, tuple(ids[:MOST_TICKED]))


def formats() -> tuple[str, ...]:
    """Those that can be written here, the usual ones first."""
    return tuple(one for one in _NOTES if one in FORMATS and (one != "parquet" or find_spec("pyarrow")))


def form_context(request: PageRequest, subject: Subject, offer: Offer, **changes: Any) -> dict[str, Any]:
    """What the form's template shows; `changes` are what was posted and has to be said."""
    number, problem = subject.counted(request.organization.country_code)
    lists = ContactList.objects.in_bulk(subject.wanted.list[:50])
    no_sheet = does_not_fit(number.contacts) if number else ""
    context = {
        "section": "exports",
        "form_key": secrets.token_urlsafe(16),
        "filter": subject.wanted.as_query(),
        "ids": subject.ids,
        "chips": [] if subject.ids else chips(subject.wanted, lists),
        "scope": subject.wanted.scope.value.replace("_", " ") if subject.wanted.scope is not Scope.ALL else "",
        "search": subject.wanted.q,
        "number": number,
        "problem": problem,
        "name": usual_name(subject, lists),
        "longest_name": LONGEST_NAME,
        "formats": [(one, *_NOTES[one], no_sheet if one == "xlsx" else "") for one in formats()],
        "format": "csv",
        "own": [(one.key, one.name or "(without a name)", one.nth + 1) for one in offer.own],
        "found": offer.found,
        "ticked": offer.usual,
        "money": request.may(Right.SEE_MONEY),
    }
    return context | changes


def usual_name(subject: Subject, lists: dict[int, ContactList]) -> str:
    """The name of its one list, or Contacts; then its tab."""
    name = next(iter(lists.values())).name if len(lists) == len(subject.wanted.list) == 1 else "Contacts"
    tab = "selected" if subject.ids else "" if subject.wanted.scope is Scope.ALL else subject.wanted.scope.value
    return clean_name(", ".join(filter(None, [name, tab.replace("_", " ")])))


def clean_name(text: str) -> str:
    """One line without what does something instead of being seen."""
    shown = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(shown.split())[:LONGEST_NAME].strip() or "Contacts"


def read_key(given: QueryDict) -> str:
    """The form's own key; whoever posts without one orders anew each time."""
    return given.get("form_key", "").replace("\0", "")[:_LONGEST_KEY] or secrets.token_urlsafe(16)
