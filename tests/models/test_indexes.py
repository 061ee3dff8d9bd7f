"""Each index is used by the query it was made for, as the runtime role, under the policies, on tables that are large."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import catalogue
import crowd
import pytest
from django.db import connection, models, transaction
from django.db.models import Sum
from django.utils import timezone

from bulk_lookup.core.contact_filter import ContactFilter
from bulk_lookup.engine.database import BY_KEY
from bulk_lookup.models import (
    Claim,
    Contact,
    ContactList,
    Export,
    FacetCount,
    Import,
    Organization,
    Price,
    ProviderAccount,
    QuarterHourStat,
    Run,
    Upload,
)
from bulk_lookup.models.contact_filtering import matching
from bulk_lookup.models.quarter_hour_stat import LATENCY_BUCKETS_MS
from bulk_lookup.models.queries import query
from bulk_lookup.models.scope import organization_scope

pytestmark = pytest.mark.django_db

PAGE = 50
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the queries look: the large organization's largest list, and the run over it."""

    organization: Organization
    contact_list: ContactList
    run: Run

    @property
    def parameters(self) -> dict[str, Any]:
        return {
            "organization_id": self.organization.pk,
            "run_id": self.run.pk,
            "contact_list_id": self.contact_list.pk,
            "simulated": True,
            "currency": "USD",
            "claim_id": 7,
            "first": 12_001,
            "last": 13_000,
            "want": 64,
            "start": 1,
        }


@pytest.fixture(scope="module")
def place(django_db_setup: None, django_db_blocker: Any) -> Iterator[Place]:
    """Made once for all the tests here, in a transaction that is taken back."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = crowd.gather()
        with organization_scope(made[0].pk):
            yield Place(*made)
        transaction.set_rollback(True)


# --- the pages and commands, with PostgreSQL's own settings ---


def pending_tab(place: Place) -> models.QuerySet[Any]:
    """Oldest first."""
    return Contact.objects.pending().order_by("created_at")[:PAGE]


def failed_tab(place: Place) -> models.QuerySet[Any]:
    """The newest failure first."""
    return Contact.objects.failed().order_by("-updated_at")[:PAGE]


def completed_today(place: Place) -> models.QuerySet[Any]:
    since = timezone.now() - DAY
    return Contact.objects.completed().filter(lookup_performed_at__gte=since).order_by("-lookup_performed_at")[:PAGE]


def number_by_its_beginning(place: Place) -> models.QuerySet[Any]:
    """By range: under a policy no LIKE is ever looked up in an index."""
    found = Contact.objects.filter(formatted_phone_number__gte="+1415000123", formatted_phone_number__lt="+1415000124")
    return found.order_by("formatted_phone_number")[:PAGE]


def number_by_its_last_digits(place: Place) -> models.QuerySet[Any]:
    return matching(ContactFilter(q="5000123"))[:PAGE]


def name_by_its_beginning(place: Place) -> models.QuerySet[Any]:
    return matching(ContactFilter(q="Smith"))[:PAGE]


def newest_contacts(place: Place) -> models.QuerySet[Any]:
    return matching(ContactFilter()).order_by("-created_at", "-id")[:PAGE]


def newest_looked_up(place: Place) -> models.QuerySet[Any]:
    return (
        matching(ContactFilter())
        .filter(lookup_performed_at__isnull=False)
        .order_by("-lookup_performed_at", "-id")[:PAGE]
    )


def of_a_rare_carrier(place: Place) -> models.QuerySet[Any]:
    return matching(ContactFilter(carrier=("Acme",), line_type=("mobile",), country=("US",)))[:PAGE]


def rows_of_an_export(place: Place) -> models.QuerySet[Any]:
    return (
        Contact.objects.of_list(place.contact_list.pk).filter(row_number__range=(5_000, 6_000)).order_by("row_number")
    )


def newest_runs(place: Place) -> models.QuerySet[Any]:
    return Run.objects.order_by("-created_at", "-id")[:PAGE]


def newest_lists(place: Place) -> models.QuerySet[Any]:
    return ContactList.objects.order_by("-created_at")[:PAGE]


def imports_of_a_list(place: Place) -> models.QuerySet[Any]:
    return Import.objects.filter(contact_list_id=place.contact_list.pk + 5).order_by("-created_at")


def exports_of_a_run(place: Place) -> models.QuerySet[Any]:
    return Export.objects.filter(run_id=place.run.pk + 5)


def claims_of_a_run(place: Place) -> models.QuerySet[Any]:
    return Claim.objects.filter(run_id=place.run.pk + 5)


def counts_of_a_list(place: Place) -> models.QuerySet[Any]:
    facets = FacetCount.objects.filter(contact_list_id=place.contact_list.pk, simulated=True)
    return facets.values("status").annotate(Sum("contacts"))


def statistics_of_a_day(place: Place) -> models.QuerySet[Any]:
    return QuarterHourStat.objects.filter(quarter__gte=timezone.now() - DAY)


def prices_of_a_package(place: Place) -> models.QuerySet[Any]:
    return Price.objects.filter(package="package 7")


def account_of_these_credentials(place: Place) -> models.QuerySet[Any]:
    return ProviderAccount.objects.filter(provider="", account_sid="AC77", key_sid="", base_url="")


def uploads_of_a_file(place: Place) -> models.QuerySet[Any]:
    return Upload.objects.with_file(["file 7"])


def uploads_left_behind(place: Place) -> models.QuerySet[Any]:
    return Upload.objects.filter(created_at__lt=timezone.now() - DAY * 1.95)


def upload_of_an_import(place: Place) -> models.QuerySet[Any]:
    return Upload.objects.filter(import_id=77)


def export_of_a_form(place: Place) -> models.QuerySet[Any]:
    return Export.objects.filter(form_key="form 7")


Query = Callable[[Place], models.QuerySet[Any]]

PAGES: list[tuple[str, Query]] = [
    ("contact_pending", pending_tab),
    ("contact_failed", failed_tab),
    ("contact_looked_up", completed_today),
    ("contact_number", number_by_its_beginning),
    ("contact_last_digits", number_by_its_last_digits),
    *((f"contact_search_{place}", name_by_its_beginning) for place in (1, 2, 3)),
    ("contact_created", newest_contacts),
    ("contact_performed", newest_looked_up),
    ("contact_carrier", of_a_rare_carrier),
    ("contact_row", rows_of_an_export),
    ("upload_once", uploads_of_a_file),
    ("upload_oldest", uploads_left_behind),
    ("upload_of_import", upload_of_an_import),
    ("run_newest", newest_runs),
    ("contact_list_newest", newest_lists),
    ("import_of_list", imports_of_a_list),
    ("export_of_run", exports_of_a_run),
    ("export_once", export_of_a_form),
    ("claim_of_run", claims_of_a_run),
    ("facet_count_key", counts_of_a_list),
    ("quarter_hour_stat_key", statistics_of_a_day),
    ("price_once", prices_of_a_package),
    ("provider_account_once", account_of_these_credentials),
]

# --- the engine's statements, with the settings of its connections ---

BATCH = json.dumps(
    [{"position": position, "claim_id": 7, "state": "done", "packages": {}} for position in (12_001, 12_002)]
)
NEVER = json.dumps(
    [
        {
            "country_code": "US",
            "package": "line_type_intelligence",
            "rank": 1,
            "price_micros": 8000,
            "fresh_after": "2026-01-01T00:00:00Z",
            "needs_date": False,
        }
    ]
)
STATEMENTS: list[tuple[str, str, dict[str, Any]]] = [
    ("lookup_pkey", "claim_lookups", {}),
    ("lookup_pkey", "first_pending", {}),
    ("lookup_pkey", "due_later", {}),
    ("lookup_pkey", "store_answers", {"batch": BATCH, "latency_buckets": list(LATENCY_BUCKETS_MS)}),
    ("contact_number", "store_answers", {"batch": BATCH, "latency_buckets": list(LATENCY_BUCKETS_MS)}),
    ("contact_pkey", "store_answers", {"batch": BATCH, "latency_buckets": list(LATENCY_BUCKETS_MS)}),
    ("facet_count_key", "store_answers", {"batch": BATCH, "latency_buckets": list(LATENCY_BUCKETS_MS)}),
    ("quarter_hour_stat_key", "store_answers", {"batch": BATCH, "latency_buckets": list(LATENCY_BUCKETS_MS)}),
    ("lookup_pkey", "release_claim", {"unknown_tries": 2, "latency_buckets": 12}),
    ("contact_number", "release_claim", {"unknown_tries": 2, "latency_buckets": 12}),
]


@pytest.mark.parametrize(("index", "page"), PAGES)
def test_a_page_uses_the_index_made_for_it(place: Place, index: str, page: Query) -> None:
    statement, parameters = page(place).query.sql_with_params()

    found = plan(statement, parameters)

    assert index in found.indexes, found
    assert index.split("_")[0] not in found.read_whole, found


@pytest.mark.parametrize(("index", "name", "more"), STATEMENTS)
def test_a_statement_of_the_engine_uses_the_index_made_for_it(
    place: Place, index: str, name: str, more: dict[str, Any]
) -> None:
    found = plan(query(name), place.parameters | more, settings=BY_KEY)

    assert index in found.indexes, found
    assert not {"contact", "lookup"} & found.read_whole, found


def test_what_is_processing_is_found_through_the_claims(place: Place) -> None:
    """There are as many claims as workers have chunks in hand: a few dozens."""
    with connection.cursor() as cursor:
        cursor.execute("delete from claim where first > 30")
        cursor.execute("analyze claim")
    processing = Contact.objects.of_list(place.contact_list.pk).processing()[:PAGE]

    found = plan(*processing.query.sql_with_params())

    assert {"contact_number", "lookup_pkey"} <= found.indexes, found
    assert not {"contact", "lookup"} & found.read_whole, found


def test_what_may_be_used_again_is_found_by_its_number(place: Place) -> None:
    parameters = place.parameters | {"offers": NEVER, "reusable": True}

    found = plan(query("due_lookups") + query("quote_run"), parameters)

    assert "lookup_of_number" in found.indexes, found
    assert "lookup" not in found.read_whole, found


def test_a_duplicate_is_found_by_its_number(place: Place) -> None:
    from bulk_lookup.engine.import_batch import _PROBE_THE_INDEX

    with connection.cursor() as cursor:
        cursor.execute(query("import_staging"))
    nothing = {"import_id": 1, "last_row": 1, "bytes_read": 1, "reasons": "{}", "row_problems": "{}", "header": "[]"}
    nothing |= {"search_1": 1, "search_2": None, "search_3": None}

    found = plan(
        query("import_batch"), place.parameters | nothing, settings=_PROBE_THE_INDEX.replace("set local", "-c")
    )

    assert "contact_number" in found.indexes, found
    assert "contact" not in found.read_whole, found


def test_the_first_claim_of_a_run_reads_what_it_claims_and_no_more(place: Place) -> None:
    """Not "the next N pending": ten thousand rows before the range are done, and none of them is looked at."""
    with transaction.atomic():
        found = plan(query("claim_lookups"), place.parameters, settings=BY_KEY, really=True)
        transaction.set_rollback(True)

    assert found.rows_read["lookup_pkey"] <= 64, found


def test_every_index_has_its_query(place: Place) -> None:
    """An index that no query here uses is one that nobody needs; keys that others refer to are needed for that."""
    ours = catalogue.organization_tables()
    surrogate = {index.name for index in catalogue.indexes() if index.primary and index.columns == ["id"]}
    made = {index.name for index in catalogue.indexes() if index.table in ours} - surrogate - catalogue.referred_keys()
    used = {index for index, *_ in PAGES} | {index for index, *_ in STATEMENTS} | {"lookup_of_number"}

    assert made == used - surrogate - catalogue.referred_keys()


def test_contact_has_at_most_fourteen_indexes(place: Place) -> None:
    assert len([index for index in catalogue.indexes() if index.table == "contact"]) <= 14


@dataclass(slots=True)
class Plan:
    """The indexes a plan uses, the tables that it reads whole, and, where it was really run, rows read by index."""

    indexes: set[str]
    read_whole: set[str]
    rows_read: dict[str, float]
    text: str


def plan(statement: str, parameters: Any, *, settings: str = "", really: bool = False) -> Plan:
    """Ask for the plan of a statement, with `-c name=value` settings as a connection would have them."""
    how = "analyze, format json" if really else "format json"
    with transaction.atomic(), connection.cursor() as cursor:
        for setting in filter(None, settings.replace(";", " ").split("-c ")):
            cursor.execute(f"set local {setting.strip()}")
        cursor.execute(f"explain ({how}) {statement}", parameters)
        (told,) = cursor.fetchone()
        transaction.set_rollback(True)
    read = json.loads(told) if isinstance(told, str) else told
    found = Plan(set(), set(), {}, "")
    _walk(read[0]["Plan"], found)
    found.text = json.dumps(read, indent=1)
    return found


def _walk(node: dict[str, Any], found: Plan) -> None:
    if name := node.get("Index Name"):
        found.indexes.add(name)
        rows = node.get("Actual Rows", 0) * node.get("Actual Loops", 0) + node.get("Rows Removed by Filter", 0)
        found.rows_read[name] = max(found.rows_read.get(name, 0), rows)
    found.indexes.update(node.get("Conflict Arbiter Indexes", []))
    if node["Node Type"] == "Seq Scan":
        found.read_whole.add(node["Relation Name"])
    for child in node.get("Plans", []):
        _walk(child, found)
