"""Whatever happens to a run, in whatever order, its receipts, counters, money, contacts and rollups stay in agreement."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any

import cast
import pytest
import storing

from bulk_lookup.core.answer import Answer, PackageAnswer
from bulk_lookup.core.billing import Billing
from bulk_lookup.core.failure import Failure, FailureReason
from bulk_lookup.core.settlement import Asked, Settlement, settle_answer, settle_failure, settle_unasked
from bulk_lookup.engine.answer_row import answer_row, as_json
from bulk_lookup.engine.claimed import Claimed
from bulk_lookup.models import Contact, FacetCount, Lookup, Organization, QuarterHourStat, Run
from bulk_lookup.models.scope import organization_scope

pytestmark = pytest.mark.django_db

LINE, NAME = "line_type_intelligence", "caller_name"
PRICES = {LINE: 8_000, NAME: 10_000}
NUMBERS, STEPS = 10, 25

# What may come of a request, the first ones more often than the others.
ENDS = ["answer"] * 6 + [
    "partly",
    "again",
    "refused",
    "limit",
    "reset",
    "reset",
    "not_found",
    "paused",
    "left_out",
    "mixed",
]


class Walk:
    """A run in the hands of workers that come, answer late or never, and die."""

    def __init__(self, organization: Organization, seed: int, cap: int | None) -> None:
        self.chance = Random(seed)
        contact_list = cast.make_list(organization)
        imported = cast.make_import(contact_list)
        quote = {"prices": {"US": PRICES}}
        terms: dict[str, Any] = {"state": "running", "numbers": NUMBERS, "cap_micros": cap, "quote": quote}
        self.run = cast.make_run(contact_list, cast.make_account(organization), packages=[LINE, NAME], **terms)
        for position in range(1, NUMBERS + 1):
            cast.make_contact(imported, position)
            cast.make_lookup(self.run, position, due=[LINE, NAME], price_micros=18_000)
        for place in range(3):
            cast.make_contact(
                imported, 100 + place, formatted_phone_number="+14152000001", status="duplicate", duplicate_of=1
            )
        for (simulated, status, *words), contacts in storing.counted_facets(contact_list.pk).items():
            kept = dict(zip(storing.FACET[2:], words, strict=True))
            FacetCount.objects.create(
                organization=organization,
                contact_list_id=contact_list.pk,
                simulated=simulated,
                status=status,
                contacts=contacts,
                **kept,
            )
        self.claims = 0
        self.out: list[tuple[int, dict[str, Any]]] = []  # answers on their way, by claim

    def step(self) -> None:
        """Something happens."""
        self.chance.choice([self.claim, self.claim, self.store, self.store, self.die, self.wait, self.again])()

    def claim(self) -> None:
        """A worker claims some, asks, and has the answers in hand."""
        self.claims += 1
        for row in storing.claim(self.run, self.claims, want=self.chance.randint(1, 5)):
            if row["position"] is not None:
                self.out.append((self.claims, self.answered(row)))

    def answered(self, row: dict[str, Any]) -> dict[str, Any]:
        asked = Asked(tuple(row["due"]), PRICES, row["tries"], row["packages"])
        claimed = Claimed(
            position=row["position"],
            number=row["formatted_phone_number"],
            country_code="US",
            last_verified_date="",
            claim_id=self.claims,
            reserved_micros=row["reserved_micros"],
            asked=asked,
        )
        return dict(json.loads(as_json([answer_row(claimed, self.settled(asked))]))[0])

    def settled(self, asked: Asked) -> Settlement:
        now, jitter = datetime.now(UTC), self.chance.random()
        end = self.chance.choice(ENDS)
        if end == "left_out":
            return settle_unasked(asked, dict.fromkeys(asked.due, "quota_reached"), now=now)
        failures = {
            "refused": Failure(reason=FailureReason.RATE_LIMITED, billing=Billing.NOT_PROCESSED),
            "reset": Failure(reason=FailureReason.CONNECTION_LOST, billing=Billing.UNKNOWN),
            "not_found": Failure(reason=FailureReason.NOT_FOUND, billing=Billing.NOT_PROCESSED, code=20404),
            "paused": Failure(reason=FailureReason.ACCOUNT_SUSPENDED, billing=Billing.NOT_PROCESSED, code=20005),
            "mixed": Failure(reason=FailureReason.SIMULATION_MIXED, billing=Billing.UNKNOWN),
        }
        if end in failures:
            return settle_failure(asked, failures[end], now=now, jitter=jitter)
        parts = {package: self.part(package, end) for package in asked.due}
        answer = Answer("+1", self.chance.random() < 0.9, ("TOO_SHORT",), "US", parts, "RQ", 90, None, True)
        return settle_answer(asked, answer, now=now, jitter=jitter)

    def part(self, package: str, end: str) -> PackageAnswer:
        reasons = {
            "partly": FailureReason.PARTIAL_DATA,
            "again": FailureReason.SOURCE_FAILED,
            "limit": FailureReason.PACKAGE_RATE_LIMITED,
        }
        if end == "answer" or self.chance.random() < 0.4:
            fields = {"type": "mobile", "carrier_name": self.chance.choice(["Acme", "Zeta"]), "caller_name": "ANN"}
            return PackageAnswer(package, fields, None, self.chance.choice([Billing.BILLED, Billing.UNKNOWN]))
        billing = Billing.NOT_PROCESSED if end == "limit" else Billing.UNKNOWN
        failure = Failure(reason=reasons[end], billing=billing, package=package, code=60000)
        return PackageAnswer(package, {"type": "landline"}, 60000, billing, failure)

    def store(self) -> None:
        """Some of the answers on their way arrive, in any order, from any claim."""
        self.chance.shuffle(self.out)
        arrived, self.out = self.out[:4], self.out[4:]
        storing.store(self.run, *(row for _, row in arrived))

    def die(self) -> None:
        """The worker of some claim is taken for dead; its answers may still come, and must change nothing."""
        if self.claims:
            storing.release(self.run, self.chance.randint(1, self.claims), unknown_tries=2)

    def wait(self) -> None:
        """The time of what waits has come."""
        Lookup.objects.filter(run_id=self.run.pk).update(ask_at=None)

    def end(self) -> None:
        """Everything is asked until it is settled."""
        while self.run.settled < NUMBERS:
            self.wait()
            self.claim()
            while self.out:
                self.store()
            self.run.refresh_from_db()

    def again(self) -> None:
        """What has failed is asked again, when all is through."""
        self.run.refresh_from_db()
        if self.run.settled == NUMBERS:
            Run.objects.filter(pk=self.run.pk).update(state="finished")
            self.run.retry_failed()
            Run.objects.filter(pk=self.run.pk).update(state="running")


def check(walk: Walk) -> None:
    run = walk.run
    run.refresh_from_db()
    lookups = list(Lookup.objects.filter(run_id=run.pk))
    states = [lookup.state for lookup in lookups]
    counted = tuple(states.count(state) for state in ("done", "failed", "skipped", "reused"))
    assert (run.done, run.failed, run.skipped, run.reused) == counted
    assert run.reserved_micros == sum(lookup.reserved_micros for lookup in lookups)
    assert all(bool(lookup.claim_id) == (lookup.state == "asking") for lookup in lookups)
    assert all(not lookup.reserved_micros for lookup in lookups if lookup.state != "asking")
    assert run.unknown_micros == sum(lookup.unknown_micros for lookup in lookups)
    assert run.spent_micros == run.unknown_micros + sum(lookup.billed_micros for lookup in lookups)
    if run.cap_micros is not None:
        assert run.spent_micros + run.reserved_micros <= run.cap_micros
    for lookup in lookups:
        assert (storing.money(lookup, "billed"), storing.money(lookup, "unknown")) == (
            lookup.billed_micros,
            lookup.unknown_micros,
        )
        assert bool(lookup.due) == (lookup.state in ("pending", "asking"))
    assert storing.kept_facets(run.contact_list_id) == storing.counted_facets(run.contact_list_id)
    statistics = QuarterHourStat.objects.exclude(package="")
    assert sum(one.unknown_micros for one in statistics) == run.unknown_micros
    assert sum(one.billed_micros for one in statistics) == run.spent_micros - run.unknown_micros
    costs = Contact.objects.of_list(run.contact_list_id).filter(duplicate_of=None)
    assert sum(contact.api_cost_micros for contact in costs) == run.spent_micros


@pytest.fixture(autouse=True)
def _scope(organization: Organization) -> Iterator[None]:
    with organization_scope(organization.pk):
        yield


@pytest.mark.parametrize("seed", range(3))
def test_everything_agrees_after_every_step(organization: Organization, seed: int) -> None:
    walk = Walk(organization, seed, cap=None)
    for _ in range(STEPS):
        walk.step()
        check(walk)
    walk.end()
    check(walk)
    assert walk.run.settled == NUMBERS
    failed = walk.run.failed

    walk.again()

    check(walk)
    assert walk.run.settled == NUMBERS - failed
    for _ in range(STEPS):
        walk.step()
        check(walk)
    assert any(len(lookup.earlier_attempts) > 1 for lookup in Lookup.objects.all())


@pytest.mark.parametrize("seed", range(3))
def test_everything_agrees_under_a_cap_too(organization: Organization, seed: int) -> None:
    walk = Walk(organization, seed, cap=100_000)
    for _ in range(STEPS):
        walk.step()
        check(walk)

    assert 0 < walk.run.spent_micros <= 100_000
