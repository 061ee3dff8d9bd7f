"""What the acceptance tests share: a real simulator, real worker processes, and a run to give them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from acceptance_stage import Workers
from simulator_control import Simulator

if TYPE_CHECKING:
    from bulk_lookup.models import Organization, Run


@pytest.fixture
def simulator() -> Iterator[Callable[..., Simulator]]:
    """Start a simulator with these settings (`error_rate="1%"` …); it ends with the test."""
    started: list[Simulator] = []

    def start(**settings: str) -> Simulator:
        started.append(Simulator.start(**settings))
        return started[-1]

    yield start
    for one in started:
        one.stop()


@pytest.fixture
def workers(database_url: str, tmp_path: Path) -> Iterator[Workers]:
    """Start and kill worker processes; all end with the test."""
    one = Workers(database_url, tmp_path)
    yield one
    one.stop()


@pytest.fixture
def order(organization: "Organization", tmp_path: Path) -> Callable[..., "Run"]:
    """Import numbers into a list and make a run over it, in draft, at this simulator."""

    def make(numbers: list[str], simulator: Simulator, **terms: Any) -> "Run":
        from bulk_lookup.engine.credentials import keep_account
        from bulk_lookup.engine.import_file import import_file, start_import
        from bulk_lookup.engine.import_reading import inspect_file
        from bulk_lookup.engine.quote_run import quote_run
        from bulk_lookup.models import Run
        from bulk_lookup.models.scope import organization_scope

        path = tmp_path / "list.csv"
        path.write_text("phone\n" + "\n".join(numbers) + "\n")
        mapping = inspect_file(path, region="US").mapping
        imported = start_import(organization.pk, list_name="list", file_name="list.csv", path=path, mapping=mapping)
        import_file(organization.pk, imported.pk)
        packages = terms.pop("packages", ["line_type_intelligence"])
        with organization_scope(organization.pk):
            account = keep_account(organization.pk, simulator.environment(), simulated=True, name="Simulator")
            quote = quote_run(organization.pk, imported.contact_list_id, packages, simulated=True, reuse_days=None)
            return Run.objects.create(
                organization=organization,
                contact_list_id=imported.contact_list_id,
                provider_account_id=account.pk,
                packages=packages,
                simulated=True,
                quote=quote.as_json(),
                quoted_micros=quote.cost_micros,
                saved_micros=quote.saved_micros,
                **terms,
            )

    return make
