"""Storing a batch: receipts, contacts, counters and both rollups, together and only for the claim that asked."""

from collections.abc import Callable, Iterator
from typing import Any

import cast
import pytest
import storing

from bulk_lookup.models import Contact, Lookup, Organization, QuarterHourStat, Run
from bulk_lookup.models.quarter_hour_stat import LATENCY_BUCKETS_MS
from bulk_lookup.models.scope import organization_scope

pytestmark = pytest.mark.django_db

LINE, NAME = "line_type_intelligence", "caller_name"
AT = cast.NOON.isoformat()
Make = Callable[..., Run]


@pytest.fixture(autouse=True)
def _scope(organization: Organization) -> Iterator[None]:
    with organization_scope(organization.pk):
        yield


@pytest.fixture
def make(organization: Organization) -> Make:
    """A running run over so many contacts, a lookup for each; the facet rollup as an import leaves it."""

    def make(rows: int, *, duplicates: int = 0, **fields: Any) -> Run:
        from bulk_lookup.models import FacetCount

        contact_list = cast.make_list(organization)
        imported = cast.make_import(contact_list)
        terms = {"state": "running", "numbers": rows, "quote": {"prices": {"US": {LINE: 8_000}}}} | fields
        run = cast.make_run(contact_list, cast.make_account(organization), **terms)
        for position in range(1, rows + 1):
            cast.make_contact(imported, position)
            cast.make_lookup(run, position)
        for number in range(1, duplicates + 1):
            first = f"+1415200{1:04d}"
            cast.make_contact(imported, rows + number, formatted_phone_number=first, status="duplicate", duplicate_of=1)
        for (simulated, status, *words), contacts in storing.counted_facets(contact_list.pk).items():
            FacetCount.objects.create(
                organization=organization,
                contact_list_id=contact_list.pk,
                simulated=simulated,
                status=status,
                **dict(zip(storing.FACET[2:], words, strict=True)),
                contacts=contacts,
            )
        return run

    return make


def contacts() -> list[Contact]:
    return list(Contact.objects.order_by("row_number"))


def test_an_answer_reaches_every_row_with_its_number(make: Make) -> None:
    run = make(1, duplicates=2)
    storing.claim(run, 7)

    storing.store(run, storing.answer(1, 7))

    first, *others = contacts()
    assert (first.status, first.api_cost_micros) == ("completed", 8_000)
    assert [(one.status, one.api_cost_micros) for one in others] == [("duplicate", 0)] * 2
    for one in (first, *others):
        assert (one.line_type, one.carrier_name, one.valid, one.run_id) == ("mobile", "Acme", True, run.pk)
        assert (one.lookup_performed_at, one.answered_at, one.simulated) == (cast.NOON, {LINE: AT}, True)


def test_the_facet_rollup_follows_the_contacts(make: Make) -> None:
    run = make(4, duplicates=1)
    storing.claim(run, 7)

    storing.store(run, storing.answer(1, 7), storing.answer(2, 7, line_type="landline"), storing.failure(3, 7))

    kept = storing.kept_facets(run.contact_list_id)
    assert kept == storing.counted_facets(run.contact_list_id)
    assert kept[True, "completed", "US", "landline", "Acme", ""] == 1
    assert kept[True, "failed", "US", "", "", "not_found"] == 1
    assert sum(kept.values()) == 5


def test_a_batch_of_which_the_claim_was_released_writes_nothing(make: Make) -> None:
    run = make(2)
    storing.claim(run, 7)
    assert storing.release(run, 7) == 2

    assert storing.store(run, storing.answer(1, 7), storing.answer(2, 7))[2] == 0

    run.refresh_from_db()
    assert (run.done, run.spent_micros, run.unknown_micros, run.reserved_micros) == (0, 16_000, 16_000, 0)
    assert [one.status for one in contacts()] == ["pending", "pending"]


def test_storing_twice_is_storing_once(make: Make) -> None:
    run = make(1)
    storing.claim(run, 7)

    for stored in (1, 0):
        assert storing.store(run, storing.answer(1, 7)) == ("running", 0, stored)

    run.refresh_from_db()
    assert (run.done, run.spent_micros, run.reserved_micros) == (1, 8_000, 0)
    assert QuarterHourStat.objects.get(package=LINE).asked == 1


def test_every_attempt_stays_in_the_receipt(make: Make) -> None:
    run = make(1)
    for number, reason in enumerate(("connection_lost", "time_out"), 1):
        storing.claim(run, number)
        receipt = {"outcome": "again", "billing": "unknown", "cost": 8_000, "at": AT, "reason": reason}
        unknown = {"state": "pending", "due": [LINE], "reason": reason, "unknown_micros": 8_000, "price_micros": 8_000}
        storing.store(run, storing.failure(1, number, **unknown, packages={LINE: receipt}, request_id=f"RQ{number}"))
    storing.claim(run, 3)

    storing.store(run, storing.answer(1, 3))

    lookup = Lookup.objects.get()
    assert [(one["reason"], one["request_id"]) for one in lookup.earlier_attempts] == [
        ("connection_lost", "RQ1"),
        ("time_out", "RQ2"),
    ]
    assert (lookup.state, lookup.attempts, lookup.billed_micros, lookup.unknown_micros) == ("done", 3, 8_000, 16_000)
    assert (storing.money(lookup, "billed"), storing.money(lookup, "unknown")) == (8_000, 16_000)
    assert contacts()[0].api_cost_micros == 24_000


def test_what_was_released_twice_has_failed_with_both_attempts_unknown(make: Make) -> None:
    run = make(1)
    for claim_id in (1, 2):
        storing.claim(run, claim_id)
        assert storing.release(run, claim_id) == 1

    lookup = Lookup.objects.get()
    assert (lookup.state, lookup.reason, lookup.due, lookup.claim_id) == ("failed", "no_answer", [], None)
    assert (lookup.unknown_micros, storing.money(lookup, "unknown")) == (16_000, 16_000)
    assert lookup.packages[LINE]["outcome"] == "failed"
    run.refresh_from_db()
    assert (run.failed, run.spent_micros, run.unknown_micros, run.reserved_micros) == (1, 16_000, 16_000, 0)
    [contact] = contacts()
    assert (contact.status, contact.reason, contact.api_cost_micros) == ("failed", "no_answer", 16_000)
    assert contact.lookup_performed_at is not None
    assert contact.simulated, "it failed at a simulator"
    assert storing.kept_facets(run.contact_list_id) == storing.counted_facets(run.contact_list_id)


def test_a_release_leaves_other_claims_and_other_positions_alone(make: Make) -> None:
    run = make(4)
    storing.claim(run, 7, last=3)
    storing.claim(run, 8)
    storing.store(run, storing.answer(1, 7))

    assert storing.release(run, 7, first=1, last=2) == 1

    states = [(one.state, one.claim_id) for one in Lookup.objects.order_by("position")]
    assert states == [("done", None), ("pending", None), ("asking", 7), ("asking", 8)]


def test_what_waits_is_shown_nowhere_and_counts_nowhere(make: Make) -> None:
    run = make(1)
    before = contacts()[0].updated_at
    storing.claim(run, 7)
    waits = {"state": "pending", "due": [LINE], "attempts": -1, "reason": "", "shown": False, "price_micros": 8_000}

    assert storing.store(run, storing.failure(1, 7, **waits)) == ("running", 1, 1)

    lookup = Lookup.objects.get()
    assert (lookup.state, lookup.attempts, lookup.reserved_micros, lookup.earlier_attempts) == ("pending", 0, 0, [])
    assert contacts()[0].updated_at == before
    assert not QuarterHourStat.objects.exists()
    run.refresh_from_db()
    assert (run.settled, run.spent_micros, run.reserved_micros) == (0, 0, 0)


def test_a_number_whose_only_answer_is_an_older_one_ends_as_reused(make: Make) -> None:
    """One package was reused by the plan, the other one is left out on the way."""
    run = make(1)
    Contact.objects.update(lookup_performed_at=cast.NOON)  # as the plan leaves it
    storing.claim(run, 7)
    left_out = {"outcome": "skipped", "billing": "not_processed", "cost": 0, "at": AT, "reason": "quota_reached"}

    row = storing.failure(1, 7, state="reused", attempts=-1, reason="quota_reached", packages={NAME: left_out})
    assert storing.store(run, row) == ("running", 0, 1)

    run.refresh_from_db()
    assert (run.reused, run.done, run.settled, run.spent_micros) == (1, 0, 1, 0)
    [contact] = contacts()
    assert (contact.status, contact.reason, contact.lookup_performed_at) == ("completed", "quota_reached", cast.NOON)


def test_answers_of_a_simulator_and_of_the_provider_do_not_mix_on_a_contact(make: Make) -> None:
    run = make(1, simulated=False)
    simulated = {"simulated": True, "line_type": "landline", "caller_name": "SIMULATED", "answers": {"x": 1}}
    Contact.objects.update(**simulated, valid=True, answered_at={NAME: AT})
    storing.claim(run, 7)

    storing.store(run, storing.answer(1, 7))

    [contact] = contacts()
    assert (contact.simulated, contact.line_type, contact.caller_name, contact.answers) == (False, "mobile", "", {})
    assert contact.answered_at == {LINE: AT}


@pytest.mark.parametrize("end", ["failure", "release"])
def test_nor_do_they_where_no_answer_comes(make: Make, end: str) -> None:
    run = make(1, simulated=False)
    simulated = {"simulated": True, "line_type": "landline", "caller_name": "SIMULATED", "answers": {"x": 1}}
    Contact.objects.update(**simulated, valid=True, answered_at={NAME: AT})
    storing.claim(run, 7)

    if end == "failure":
        storing.store(run, storing.failure(1, 7))
    else:
        storing.release(run, 7, unknown_tries=1)

    [contact] = contacts()
    assert (contact.status, contact.simulated, contact.valid) == ("failed", False, None)
    assert (contact.line_type, contact.caller_name, contact.answers, contact.answered_at) == ("", "", {}, {})


def test_a_failure_leaves_the_older_answers_of_a_contact(make: Make) -> None:
    run = make(1)
    Contact.objects.update(simulated=True, line_type="landline", caller_name="ANN", status="failed")
    storing.claim(run, 7)

    storing.store(run, storing.failure(1, 7))

    [contact] = contacts()
    assert (contact.status, contact.line_type, contact.caller_name) == ("failed", "landline", "ANN")


def test_each_quarter_hour_knows_what_its_requests_came_to(make: Make) -> None:
    run = make(4)
    storing.claim(run, 7)
    lost = {LINE: {"outcome": "failed", "billing": "unknown", "cost": 8_000, "at": AT}}

    storing.store(
        run,
        storing.answer(1, 7, response_time_ms=24),
        storing.answer(2, 7, response_time_ms=25),
        storing.answer(3, 7, response_time_ms=60_000),
        # No answer came, so it has no time; it has failed all the same.
        storing.failure(4, 7, reason="no_answer", packages=lost, unknown_micros=8_000),
    )

    lookups, line = QuarterHourStat.objects.order_by("package")
    assert (lookups.package, lookups.asked, lookups.completed, lookups.failed, lookups.unknown) == ("", 4, 3, 1, 1)
    assert lookups.latency == [1, 1, *[0] * (len(LATENCY_BUCKETS_MS) - 2), 1]
    assert (line.package, line.asked, line.completed, line.failed, line.unknown) == (LINE, 4, 3, 1, 1)
    assert (line.billed_micros, line.unknown_micros) == (24_000, 8_000)
    assert (line.quarter.minute % 15, line.quarter.second, line.quarter.microsecond) == (0, 0, 0)
    assert {lookups.simulated, line.simulated} == {True}
    assert {lookups.currency, line.currency} == {"USD"}


def test_what_a_dead_worker_left_is_in_the_statistics_too(make: Make) -> None:
    run = make(2)
    for claim_id in (1, 2):
        storing.claim(run, claim_id, last=1)
        storing.release(run, claim_id)

    lookups, line = QuarterHourStat.objects.order_by("package")
    for stat in (lookups, line):
        assert (stat.asked, stat.completed, stat.failed, stat.unknown) == (2, 0, 1, 2)
        assert stat.latency == [0] * (len(LATENCY_BUCKETS_MS) + 1)
    assert (lookups.unknown_micros, line.unknown_micros) == (0, 16_000)


def test_what_was_left_out_was_not_asked(make: Make) -> None:
    run = make(1)
    storing.claim(run, 7)
    left_out = {"outcome": "skipped", "billing": "not_processed", "cost": 0, "at": AT, "reason": "quota_reached"}

    storing.store(run, storing.failure(1, 7, state="skipped", attempts=-1, packages={LINE: left_out}))

    assert not QuarterHourStat.objects.exists()


def test_quarters_packages_and_worlds_have_rows_of_their_own(make: Make) -> None:
    run = make(2)
    storing.claim(run, 7)
    Lookup.objects.filter(position=2).update(asked_at=cast.NOON)
    two = {
        package: {"outcome": "done", "billing": "billed", "cost": cost, "at": AT}
        for package, cost in ((LINE, 8_000), (NAME, 10_000))
    }

    storing.store(run, storing.answer(1, 7, packages=two, billed_micros=18_000), storing.answer(2, 7))

    found = {(one.quarter == cast.NOON, one.package): one.billed_micros for one in QuarterHourStat.objects.all()}
    assert found == {
        (False, ""): 0,
        (False, LINE): 8_000,
        (False, NAME): 10_000,
        (True, ""): 0,
        (True, LINE): 8_000,
    }
