"""The search for duplicates probes one index, whatever the planner believes of the table."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from import_world import bring, write_numbers

from bulk_lookup.models import Organization

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def explained_batches() -> Iterator[list[str]]:
    """Collect the plan of each batch's statement, as it is made at that moment."""
    plans: list[str] = []

    def explain(execute: Callable[..., Any], sql: str, parameters: Any, many: bool, context: dict[str, Any]) -> Any:
        if sql.startswith("-- Move the staged rows"):
            execute(f"explain {sql}", parameters, many, context)
            plans.append("\n".join(line for (line,) in context["cursor"].fetchall()))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(explain):
        yield plans


def is_quick(plan: str) -> bool:
    """One probe of the right index for each staged row, and what was found joined by hashing."""
    reads = [line for line in plan.splitlines() if "Scan" in line and " on contact" in line]
    probes = len(reads) == 1 and "Index Scan using contact_number on contact" in reads[0]
    return probes and "Sort" not in plan[: plan.index(reads[0])] and "Hash Left Join" in plan


def test_with_no_figures_of_the_table(organization: Organization, tmp_path: Path) -> None:
    with explained_batches() as plans:
        bring(organization, write_numbers(tmp_path / "list.csv", 45_000))

    assert len(plans) == 5
    assert all(map(is_quick, plans)), plans


def test_with_figures_that_know_nothing_of_the_organization(
    organization: Organization, other_organization: Organization, tmp_path: Path
) -> None:
    path = write_numbers(tmp_path / "list.csv", 25_000)
    bring(other_organization, path, region="US")
    with connection.cursor() as cursor:
        cursor.execute("analyze contact")

    with explained_batches() as plans:
        bring(organization, path)

    assert len(plans) == 3
    assert all(map(is_quick, plans)), plans


def test_with_figures_of_another_list_of_the_organization(organization: Organization, tmp_path: Path) -> None:
    path = write_numbers(tmp_path / "list.csv", 25_000)
    bring(organization, path)

    with explained_batches() as plans:
        bring(organization, path)

    assert len(plans) == 3
    assert all(map(is_quick, plans)), plans
