"""Caps hold with any number of workers, and nothing is bought that was bought before."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from acceptance_stage import Workers, wait_until
from receipts import assert_receipts_cover
from simulator_control import Simulator

if TYPE_CHECKING:
    from bulk_lookup.models import Run

CALIFORNIA = [f"+1415{2_000_000 + place:07d}" for place in range(1000)]


def test_a_cap_holds_with_four_workers_and_a_higher_one_buys_the_rest_once(
    simulator: Callable[..., Simulator], workers: Workers, order: Callable[..., "Run"]
) -> None:
    from bulk_lookup.models.scope import organization_scope

    provider = simulator(latency="30ms", bill_invalid="on")
    run = order(CALIFORNIA, provider, cap_micros=2_000_000)
    with organization_scope(run.organization_id):
        run.start()
    workers.start("--queue", "files")
    for _ in range(4):
        workers.start("--queue", "lookups")
    wait_until(run, "paused")

    assert run.reason == "cap"
    bought = {number for number, entry in provider.ledger()["numbers"].items() if entry["billed"]}
    assert len(bought) <= 250
    assert run.spent_micros <= 2_000_000
    assert run.done == 250

    with organization_scope(run.organization_id):
        run.resume(cap_micros=20_000_000)
    wait_until(run, "finished")

    assert run.done == 1000
    assert_receipts_cover(run, provider.ledger())


def test_requests_that_turn_out_free_give_their_money_back(
    simulator: Callable[..., Simulator], workers: Workers, order: Callable[..., "Run"]
) -> None:
    from bulk_lookup.models.scope import organization_scope

    provider = simulator(latency="10ms", refuse_rate="30%")
    run = order(CALIFORNIA[:200], provider, cap_micros=200 * 8_000)
    with organization_scope(run.organization_id):
        run.start()
    workers.start("--queue", "files")
    workers.start("--queue", "lookups")
    wait_until(run, "finished")

    assert run.done == 200
    assert_receipts_cover(run, provider.ledger())


def test_a_second_run_reuses_and_a_run_that_must_not_buys_again(
    simulator: Callable[..., Simulator], workers: Workers, order: Callable[..., "Run"]
) -> None:
    from bulk_lookup.models import Contact
    from bulk_lookup.models.scope import organization_scope

    provider = simulator(bill_invalid="on")
    first, second, third = (order(CALIFORNIA[:100], provider, **terms) for terms in ({}, {}, {"reuse_days": 0}))
    workers.start("--queue", "files")
    workers.start("--queue", "lookups")
    for run in (first, second, third):
        with organization_scope(run.organization_id):
            run.start()
        wait_until(run, "finished")

    assert (first.done, first.reused) == (100, 0)
    assert (second.done, second.reused, second.spent_micros) == (0, 100, 0)
    assert (third.done, third.reused) == (100, 0)
    assert {entry["asked"] for entry in provider.ledger()["numbers"].values()} == {2}
    with organization_scope(first.organization_id):
        answers = {
            run.pk: list(
                Contact.objects.of_list(run.contact_list_id)
                .order_by("row_number")
                .values_list("status", "line_type", "carrier_name", "mobile_country_code", "valid")
            )
            for run in (first, second)
        }
    assert answers[first.pk] == answers[second.pk]
    assert {status for status, *_ in answers[second.pk]} == {"completed"}


def test_duplicates_are_bought_once_and_all_get_the_answer(
    simulator: Callable[..., Simulator], workers: Workers, order: Callable[..., "Run"]
) -> None:
    from bulk_lookup.models import Contact
    from bulk_lookup.models.scope import organization_scope

    provider = simulator()
    run = order([*CALIFORNIA[:10], *CALIFORNIA[:10], "(415) 200-0003"], provider)
    with organization_scope(run.organization_id):
        run.start()
    workers.start("--queue", "files")
    workers.start("--queue", "lookups")
    wait_until(run, "finished")

    assert run.done == 10
    assert {entry["asked"] for entry in provider.ledger()["numbers"].values()} == {1}
    with organization_scope(run.organization_id):
        contacts = list(Contact.objects.of_list(run.contact_list_id).order_by("row_number"))
    assert [contact.status for contact in contacts] == ["completed"] * 10 + ["duplicate"] * 11
    assert [contact.duplicate_of for contact in contacts[10:]] == [*range(2, 12), 5]
    assert [contact.line_type for contact in contacts[10:20]] == [contact.line_type for contact in contacts[:10]]
    assert all(contact.api_cost_micros == 0 for contact in contacts[10:])


def test_a_simulated_answer_is_never_reused_by_a_real_run(
    simulator: Callable[..., Simulator], workers: Workers, order: Callable[..., "Run"]
) -> None:
    """A real account is one whose check says so; here its quote shows that nothing simulated counts for it."""
    from bulk_lookup.engine.quote_run import quote_run
    from bulk_lookup.models.scope import organization_scope

    provider = simulator()
    run = order(CALIFORNIA[:50], provider)
    with organization_scope(run.organization_id):
        run.start()
    workers.start("--queue", "files")
    workers.start("--queue", "lookups")
    wait_until(run, "finished")

    with organization_scope(run.organization_id):
        simulated, real = (
            quote_run(run.organization_id, run.contact_list_id, run.packages, simulated=kind, reuse_days=None)
            for kind in (True, False)
        )
    assert (simulated.to_buy, simulated.reused) == (0, 50)
    assert (real.to_buy, real.reused) == (50, 0)
