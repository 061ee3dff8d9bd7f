"""What is worth a look: at most three, each with its figures."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Sum

from bulk_lookup.core.data_package import CATALOGUE
from bulk_lookup.models import Run
from bulk_lookup.web.analytics.charts import package_title

MOST = 3
_FEW_ANSWERS = 0.5
_WORTH_SAYING = 100  # lookups


def hints(packages: Sequence[dict[str, Any]], *, simulated: bool) -> list[dict[str, Any]]:
    """Packages that bring little for their money, money that nobody knows of, and answers that might have been reused."""
    found = [*_little_for_money(packages), *_unknown(packages), *_nothing_reused(simulated)]
    return sorted(found, key=lambda one: -one["micros"])[:MOST]


def _little_for_money(packages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "title": f"{package_title(row['package'])}: {row['completed_sum'] / row['asked_sum']:.0%} answered".replace(
                "%", " %"
            ),
            "words": f"{row['asked_sum']:,} asked, {row['completed_sum']:,} answers",
            "micros": row["micros"],
            "icon": "circle-dollar-sign",
        }
        for row in packages
        if row["asked_sum"] >= _WORTH_SAYING
        and row["completed_sum"] < row["asked_sum"] * _FEW_ANSWERS
        and row["micros"]
    ]


def _unknown(packages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    micros = sum(row["unknown_micros_sum"] for row in packages)
    if not micros:
        return []
    return [
        {
            "title": "Some bills are not known",
            "words": "requests that were cut off, counted as spent",
            "micros": micros,
            "icon": "timer-off",
        }
    ]


def _nothing_reused(simulated: bool) -> list[dict[str, Any]]:
    runs = Run.objects.filter(simulated=simulated, reuse_days=0)
    spent = runs.aggregate(micros=Sum("spent_micros"))["micros"] or 0
    reusable = any(package.reuse_for for package in CATALOGUE.values())
    if not spent or not reusable:
        return []
    return [
        {
            "title": "Runs that reused nothing",
            "words": "reuse was switched off for them",
            "micros": spent,
            "icon": "history",
        }
    ]
