"""Lists with what one wants to know of each: how many contacts, what is being done, what it has cost."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Q, Sum

from bulk_lookup.models.contact_list import ContactList
from bulk_lookup.models.facet_count import FacetCount
from bulk_lookup.models.imports import Import
from bulk_lookup.models.run import Run


@dataclass(frozen=True, slots=True)
class Spend:
    """What the runs of a list have cost, in micro-units; simulated money is kept apart from real."""

    currency: str
    simulated: bool
    micros: int


@dataclass(slots=True)
class ListSummary:
    """`rows` are the contacts that are there now: valid + invalid + duplicates. `importing` is an import that is not over."""

    of: ContactList
    rows: int = 0
    valid: int = 0
    invalid: int = 0
    duplicates: int = 0
    completed: int = 0
    last_run: Run | None = None
    importing: Import | None = None
    spends: list[Spend] = field(default_factory=list)


def summaries(lists: Sequence[ContactList]) -> list[ListSummary]:
    """The summaries of some lists, in their order: four queries however many lists, all from kept counts."""
    found = {one.pk: ListSummary(one) for one in lists}
    _count(found)
    runs = Run.objects.filter(contact_list_id__in=found)
    for run in runs.order_by("contact_list_id", "-created_at", "-id").distinct("contact_list_id"):
        found[run.contact_list_id].last_run = run
    spends = runs.values_list("contact_list_id", "currency", "simulated").annotate(Sum("spent_micros"))
    for list_id, currency, simulated, micros in spends.order_by("contact_list_id", "simulated", "currency"):
        if micros:
            found[list_id].spends.append(Spend(currency, simulated, micros))
    living = Q(state=Import.State.WAITING) | Q(state=Import.State.RUNNING)
    for one in Import.objects.filter(living, contact_list_id__in=found).order_by("-id"):
        found[one.contact_list_id].importing = one
    return list(found.values())


def _count(found: dict[int, ListSummary]) -> None:
    counts = FacetCount.objects.filter(contact_list_id__in=found).values_list("contact_list_id", "status")
    for list_id, status, contacts in counts.annotate(Sum("contacts")):
        summary = found[list_id]
        summary.rows += contacts
        if status == "invalid":
            summary.invalid += contacts
        elif status == "duplicate":
            summary.duplicates += contacts
        else:
            summary.valid += contacts
        if status == "completed":
            summary.completed += contacts
