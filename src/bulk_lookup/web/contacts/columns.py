"""The columns of the contacts' table: those that are always there, those that may be chosen, and the upload's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from bulk_lookup.models import Contact, Import

_SESSION = "contact_columns"
MOST_OWN = 40


@dataclass(frozen=True, slots=True)
class Column:
    """A column by the name that addresses use; `kind` names the cell's template, `place` is that of an original column."""

    name: str
    title: str
    kind: str = "text"
    place: int | None = None
    figure: bool = False

    def value(self, contact: Contact) -> Any:
        """What stands in this column of a row."""
        if self.place is None:
            return getattr(contact, self.name)
        return contact.cells[self.place] if self.place < len(contact.cells) else ""


CHOOSABLE = (
    Column("line_type", "Line type", "line_type"),
    Column("carrier_name", "Carrier"),
    Column("country_code", "Country"),
    Column("caller_name", "Caller name"),
    Column("line_status", "Line status"),
    Column("api_cost_micros", "Cost", "money", figure=True),
    Column("lookup_performed_at", "Looked up", "age"),
    Column("created_at", "Created", "age"),
    Column("raw_phone_number", "As in the file", "raw"),
    Column("mobile_country_code", "MCC"),
    Column("mobile_network_code", "MNC"),
    Column("validation_error", "Reject reason"),
    Column("reason", "Failure reason"),
)
_USUAL = ("line_type", "carrier_name", "country_code", "api_cost_micros", "lookup_performed_at")


def own_columns(imports: Sequence[Import]) -> list[Column]:
    """The original columns of a list, by the header of its widest upload."""
    header: list[str] = max((one.header for one in imports), key=len, default=[])
    return [Column(f"own_{place}", name, place=place) for place, name in enumerate(header[:MOST_OWN])]


def chosen(request: HttpRequest, own: Sequence[Column]) -> list[Column]:
    """The columns to show: those of the address, which are remembered, else those remembered, else the usual ones."""
    asked = request.GET.getlist("column")
    if asked:
        request.session[_SESSION] = asked[:60]
    wanted = request.session.get(_SESSION) or [*_USUAL, *(column.name for column in _named(own))]
    return [column for column in (*CHOOSABLE, *own) if column.name in wanted]


def _named(own: Sequence[Column]) -> list[Column]:
    """The first original column that looks like a person's or a firm's name."""
    words = ("name", "company", "firma", "kunde", "customer", "contact")
    return [column for column in own if any(word in column.title.lower() for word in words)][:1]
