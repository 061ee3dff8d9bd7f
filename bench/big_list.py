"""The large list that exports and queries share; it is made once, and again where another line has emptied the tables."""

from bench.context import Context
from bench.population import Population, populate


def big_list(bench: Context) -> Population:
    """A mixed list of the size that is to be measured, all looked up, beside a small one of another organization."""
    from bulk_lookup.models import Organization

    if isinstance(bench.stage.kept, Population):
        return bench.stage.kept
    organization = bench.stage.empty()
    rows = bench.sizes.contacts
    with bench.stage.simulator() as simulator:
        other = Organization.objects.create(name="Somebody else", country_code="US")
        populate(bench, other.pk, simulator, rows // 20, mixed=True)
        population = populate(bench, organization.pk, simulator, rows, mixed=True)
    bench.stage.kept = population
    return population
