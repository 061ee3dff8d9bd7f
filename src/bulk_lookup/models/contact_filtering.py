"""A filter applied: which contacts it finds, how many, and what else they could be narrowed by."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from bulk_lookup.core.contact_filter import ContactFilter, Scope
from bulk_lookup.core.line_type import ALIASES
from bulk_lookup.models.contact import Contact, Contacts
from bulk_lookup.models.contact_search import search
from bulk_lookup.models.facet_count import FacetCount

COUNTED_TO = 10_000
"""Where no kept count covers a filter, contacts are counted so far and no further."""

_FIELDS = {"country_code": "country", "line_type": "line_type", "carrier_name": "carrier", "reason": "reason"}
_VOIP = ALIASES["voip"]
_LINE_SCOPES = {Scope.MOBILE: ("mobile",), Scope.LANDLINE: ("landline",), Scope.VOIP: _VOIP}
_STATUS_SCOPES = {
    Scope.PENDING: ("pending",),
    Scope.COMPLETED: ("completed",),
    Scope.FAILED: ("failed",),
    Scope.INVALID: ("invalid",),
    Scope.DUPLICATE: ("duplicate",),
    Scope.NEEDS_LOOKUP: ("pending", "failed"),
}


@dataclass(frozen=True, slots=True)
class Count:
    """How many contacts; with `more` there are more than `contacts`, and nobody has counted further."""

    contacts: int
    more: bool = False


def matching(wanted: ContactFilter, *, region: str = "") -> Contacts:
    """The contacts that a filter finds, in no order; `region` is that of a number typed without its country."""
    found = Contact.objects.processing() if wanted.scope is Scope.PROCESSING else Contact.objects.all()
    found = found.filter(_words(wanted), _reasons(wanted))
    if wanted.run:
        found = found.filter(run_id__in=wanted.run)
    if wanted.valid:
        found = found.filter(valid={"yes": True, "no": False}.get(wanted.valid))
    if wanted.duplicate:
        found = found.filter(duplicate_of__isnull=wanted.duplicate == "no")
    if wanted.cost_from is not None:
        found = found.filter(api_cost_micros__gte=wanted.cost_from)
    if wanted.cost_to is not None:
        found = found.filter(api_cost_micros__lte=wanted.cost_to)
    found = _between(found, "created_at", wanted.created_from, wanted.created_to)
    found = _between(found, "lookup_performed_at", wanted.looked_up_from, wanted.looked_up_to)
    return search(found, wanted.q, region=region) if wanted.q else found


def count(wanted: ContactFilter, *, region: str = "", exact: bool = False) -> Count:
    """How many contacts a filter finds: from the rollup where it covers the filter, else counted to COUNTED_TO or `exact`."""
    if is_covered(wanted):
        return Count(_sum(wanted))
    found = matching(wanted, region=region)
    if exact:
        return Count(found.count())
    counted = found[: COUNTED_TO + 1].count()
    return Count(min(counted, COUNTED_TO), more=counted > COUNTED_TO)


def is_covered(wanted: ContactFilter) -> bool:
    """Whether the kept counts know the answer."""
    beside = (wanted.q, wanted.run, wanted.valid, wanted.duplicate, wanted.created_from, wanted.created_to)
    rest = (wanted.cost_from, wanted.cost_to, wanted.looked_up_from, wanted.looked_up_to)
    return wanted.scope is not Scope.PROCESSING and not any(beside) and all(one is None for one in rest)


def counts_by_scope(wanted: ContactFilter) -> dict[Scope, int]:
    """How many there are under each tab, the rest of the filter left as it is; only where the kept counts know."""
    counts: dict[Scope, int] = {scope: 0 for scope in Scope if scope is not Scope.PROCESSING}
    rows = _kept(replace(_kept_part(wanted), scope=Scope.ALL)).values_list("status", "line_type")
    for status, line_type, contacts in rows.annotate(Sum("contacts")):
        for scope in counts:
            if status in _STATUS_SCOPES.get(scope, (status,)) and line_type in _LINE_SCOPES.get(scope, (line_type,)):
                counts[scope] += contacts
    return counts


def facets(wanted: ContactFilter, field: str, *, like: str = "", most: int = 50) -> list[tuple[str, int]]:
    """The values of a field of the rollup with their counts, the most frequent first, the filter's own values left out.

    `like` is what a value must contain.
    """
    without: dict[str, Any] = {_FIELDS[field]: ()}
    kept = _kept(replace(_kept_part(wanted), **without))
    if like:
        kept = kept.filter(**{f"{field}__icontains": like})
    rows = kept.exclude(**{field: ""}).values_list(field).annotate(contacts=Sum("contacts"))
    return [(value, contacts) for value, contacts in rows.order_by("-contacts", field)[:most] if contacts]


def _kept_part(wanted: ContactFilter) -> ContactFilter:
    """What the kept counts know of a filter."""
    return ContactFilter(
        scope=wanted.scope,
        list=wanted.list,
        country=wanted.country,
        line_type=wanted.line_type,
        carrier=wanted.carrier,
        reason=wanted.reason,
    )


def _sum(wanted: ContactFilter) -> int:
    return int(_kept(wanted).aggregate(contacts=Sum("contacts"))["contacts"] or 0)


def _kept(wanted: ContactFilter) -> QuerySet[FacetCount]:
    kept = FacetCount.objects.filter(_words(wanted))
    return kept.filter(reason__in=wanted.reason) if wanted.reason else kept


def _words(wanted: ContactFilter) -> Q:
    """The conditions that contacts and kept counts are asked for in the same words."""
    found = Q()
    if statuses := _STATUS_SCOPES.get(wanted.scope):
        found &= Q(status__in=statuses)
    if types := _LINE_SCOPES.get(wanted.scope):
        found &= Q(line_type__in=types)
    if wanted.list:
        found &= Q(contact_list_id__in=wanted.list)
    if wanted.country:
        found &= Q(country_code__in=wanted.country)
    if wanted.line_type:
        found &= Q(line_type__in=[word for name in wanted.line_type for word in ALIASES.get(name, (name,))])
    if wanted.carrier:
        found &= Q(carrier_name__in=wanted.carrier)
    return found


def _reasons(wanted: ContactFilter) -> Q:
    """A reject's reason stands in one column, a failure's in another."""
    if not wanted.reason:
        return Q()
    rejected = Q(status=Contact.Status.INVALID)
    return rejected & Q(validation_error__in=wanted.reason) | ~rejected & Q(reason__in=wanted.reason)


def _between(found: Contacts, field: str, first: date | None, last: date | None) -> Contacts:
    if first is not None:
        found = found.filter(**{f"{field}__gte": _midnight(first)})
    if last is not None and last < date.max:
        found = found.filter(**{f"{field}__lt": _midnight(last + timedelta(days=1))})
    return found


def _midnight(day: date) -> datetime:
    """The beginning of a day in the organization's time zone, which is the active one."""
    return timezone.make_aware(datetime.combine(max(day, date(1, 1, 2)), time.min))
