"""The receipt of a run that is over: how many numbers were billed, free, or nobody knows."""

from dataclasses import dataclass
from typing import Final

from django.db.models import Count, Q

from bulk_lookup.models import Lookup, Run

COUNTED_AT_ONCE: Final = 100_000
"""Numbers that are counted with the page; more are counted after it."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Numbers of a run by what they cost: `billed` + `unknown` + `free` + `unasked` are all of them. Money is in micro-units.

    `unknown` are those with at least one request whose bill nobody knows; its price counts as spent until the provider's usage
    says otherwise.
    """

    billed: int
    billed_micros: int
    unknown: int
    unknown_micros: int
    free: int
    unasked: int


def receipt_of(run: Run) -> Receipt:
    """Count a run's receipts; call it inside the scope."""
    waiting = Q(state__in=[Lookup.State.PENDING, Lookup.State.ASKING])
    counts = Lookup.objects.filter(run_id=run.pk).aggregate(
        billed=Count("position", filter=Q(billed_micros__gt=0, unknown_micros=0)),
        unknown=Count("position", filter=Q(unknown_micros__gt=0)),
        free=Count("position", filter=Q(billed_micros=0, unknown_micros=0) & ~waiting),
        unasked=Count("position", filter=Q(billed_micros=0, unknown_micros=0) & waiting),
    )
    return Receipt(
        billed=counts["billed"],
        billed_micros=run.spent_micros - run.unknown_micros,
        unknown=counts["unknown"],
        unknown_micros=run.unknown_micros,
        free=counts["free"],
        unasked=counts["unasked"],
    )
