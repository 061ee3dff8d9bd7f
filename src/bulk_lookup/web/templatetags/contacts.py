"""Tags of the contacts' table."""

from functools import cache

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bulk_lookup.core.contact_filter import ContactFilter, Sort
from bulk_lookup.core.country_names import names_of_countries
from bulk_lookup.models import Contact
from bulk_lookup.web.contacts.columns import Column
from bulk_lookup.web.templatetags.figures import price_text
from bulk_lookup.web.templatetags.ui import age, icon

register = template.Library()

_SORTED = {
    "created_at": (Sort.CREATED, Sort.CREATED_BACK),
    "lookup_performed_at": (Sort.LOOKED_UP, Sort.LOOKED_UP_BACK),
}
_LINE_ICONS = {
    "mobile": "smartphone",
    "landline": "phone",
    "fixedVoip": "cloud",
    "nonFixedVoip": "cloud",
    "voicemail": "voicemail",
    "tollFree": "phone-call",
}
_LINE_WORDS = {"fixedVoip": "VoIP, fixed", "nonFixedVoip": "VoIP, non-fixed", "tollFree": "Toll-free", "uan": "UAN"}
_NOTHING = "–"


@register.simple_tag
def sorted_query(wanted: ContactFilter, name: str, order: Sort) -> str:
    """The filter in this order, or the other way round where it is in it already."""
    return wanted.as_query(sort=f"-{name}" if order == name else name)


@register.simple_tag
def sort_attribute(column: str, order: Sort) -> str:
    """What a table's head says of the order, for those who hear it."""
    rising, falling = _SORTED[column]
    if order not in (rising, falling):
        return ""
    return format_html(' aria-sort="{}"', "ascending" if order is rising else "descending")


@register.simple_tag
def cell(column: Column, contact: Contact) -> str | SafeString:
    """What stands in a cell; a dash where nothing is known."""
    value = column.value(contact)
    if value is None or value == "":
        return _NOTHING
    match column.kind:
        case "money":
            return price_text(value) if contact.run_id is not None else _NOTHING
        case "age":
            return str(age(value))
        case "raw":
            return format_html('<span class="mono">{}</span>', value)
        case "line_type":
            return format_html(
                '<span class="verdict">{} {}</span>', icon(_LINE_ICONS.get(value, "circle-help")), line_words(value)
            )
    return str(value)


@register.filter
def line_words(line_type: str) -> str:
    """A line type in words; one that nobody has told us of as it is."""
    return _LINE_WORDS.get(line_type) or line_type.capitalize()


@register.filter
def country_name(code: str | None) -> str:
    """A country in English, by its ISO code; a code that is none as it is."""
    return _countries().get(code or "", code or "")


@register.filter
def duplicate_words(row_number: int | None) -> str:
    """Of which row a contact is the duplicate."""
    return "" if row_number is None else f"Duplicate of row {row_number:,}"


@register.filter
def reason_words(reason: str) -> str:
    """A reason word in words."""
    return reason.replace("_", " ").capitalize() if reason else ""


@cache
def _countries() -> dict[str, str]:
    return {code: names[0] for code, _, names in names_of_countries()}
