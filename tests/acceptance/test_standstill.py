"""Pause, resume, cancel, retry, and what the account's own troubles do: waiting is not failing."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from acceptance_stage import Workers, wait_until
from receipts import assert_receipts_cover
from simulator_control import Simulator

if TYPE_CHECKING:
    from bulk_lookup.models import Run

CALIFORNIA = [f"+1415{3_000_000 + place:07d}" for place in range(3000)]


def test_a_paused_run_stands_still_and_goes_on_where_it_was(
    simulator: Callable[..., Simulator], workers: Workers, order: Callable[..., "Run"]
) -> None:
    from bulk_lookup.models.scope import organization_scope

    provider = simulator(latency="100ms")
    run = order(CALIFORNIA[:1500], provider)
    begin(run, workers)
    wait_for(lambda: provider.ledger()["requests"] > 100)
    with organization_scope(run.organization_id):
        run.refresh_from_db()
        run.pause()
    wait_until(run, "paused")
    asked = provider.ledger()["requests"]
    time.sleep(1)

    assert run.reason == "user"
    assert provider.ledger()["requests"] == asked

    with organization_scope(run.organization_id):
        run.resume()
    provider.set(latency="0ms")
    wait_until(run, "finished")
    assert run.done == 1500
    assert_receipts_cover(run, provider.ledger())
    assert {entry["asked"] for entry in provider.ledger()["numbers"].values()} == {1}


def test_a_cancelled_run_keeps_what_was_answered(
    simulator: Callable[..., Simulator], workers: Workers, order: Callable[..., "Run"]
) -> None:
    from bulk_lookup.models import Contact
    from bulk_lookup.models.scope import organization_scope

    provider = simulator(latency="100ms")
    run = order(CALIFORNIA[:1500], provider)
    begin(run, workers)
    wait_for(lambda: provider.ledger()["requests"] > 50)
    with organization_scope(run.organization_id):
        run.refresh_from_db()
        run.cancel()
    wait_until(run, "cancelled")
    time.sleep(1)

    ledger = provider.ledger()
    with organization_scope(run.organization_id):
        run.refresh_from_db()
        assert Contact.objects.completed().count() == run.done == len(ledger["numbers"])
        assert Contact.objects.pending().count() == 1500 - run.done
    assert_receipts_cover(run, ledger)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("20003", "account_credentials"),
        ("20005", "account_suspended"),
        ("60699", "lookup_disabled"),
        ("60624", "trial_limit"),
    ],
)
def test_trouble_of_the_account_pauses_the_run_and_touches_no_contact(
    simulator: Callable[..., Simulator], workers: Workers, order: Callable[..., "Run"], fault: str, reason: str
) -> None:
    from bulk_lookup.engine.release_account import release_account
    from bulk_lookup.models import Contact, Lookup
    from bulk_lookup.models.run import AccountHalted
    from bulk_lookup.models.scope import organization_scope

    provider = simulator(account_fault=fault)
    run = order(CALIFORNIA[:300], provider)
    begin(run, workers)
    wait_until(run, "paused")

    assert run.reason == reason
    assert (run.done, run.failed, run.spent_micros) == (0, 0, 0)
    with organization_scope(run.organization_id):
        assert Contact.objects.pending().count() == 300
        assert not Lookup.objects.filter(run_id=run.pk).exclude(state="pending", attempts=0).exists()

        with pytest.raises(AccountHalted):
            run.resume()

    provider.set(account_fault="")
    release_account(run.organization_id, run.provider_account_id)
    with organization_scope(run.organization_id):
        run.resume()
    wait_until(run, "finished")
    assert run.done == 300
    assert_receipts_cover(run, provider.ledger())


def test_retry_failed_asks_only_what_failed_again(
    simulator: Callable[..., Simulator], workers: Workers, order: Callable[..., "Run"]
) -> None:
    from bulk_lookup.models import Contact, Lookup
    from bulk_lookup.models.scope import organization_scope

    provider = simulator(package_error_rate="20%", bill_invalid="on")
    run = order(CALIFORNIA[:300], provider, packages=["line_type_intelligence", "caller_name"])
    begin(run, workers)
    wait_until(run, "finished", seconds=180)
    assert 0 < run.failed < 300
    with organization_scope(run.organization_id):
        failed = {
            one.formatted_phone_number: [
                name for name, receipt in one.packages.items() if receipt["outcome"] == "failed"
            ]
            for one in Lookup.objects.filter(run_id=run.pk, state="failed")
        }
    before = provider.ledger()["numbers"]

    provider.set(package_error_rate="0%")
    with organization_scope(run.organization_id):
        again = run.retry_failed()
    assert again == len(failed)
    wait_until(run, "finished")

    assert (run.done, run.failed) == (300, 0)
    with organization_scope(run.organization_id):
        assert Contact.objects.completed().count() == 300
        again_asked = Lookup.objects.filter(run_id=run.pk, formatted_phone_number__in=failed)
        assert all(one.earlier_attempts and one.state == "done" for one in again_asked)
    after = provider.ledger()["numbers"]
    assert {number for number in after if after[number]["asked"] != before[number]["asked"]} == set(failed)


def test_a_rate_limit_is_asked_again_and_fails_nobody(
    simulator: Callable[..., Simulator], workers: Workers, order: Callable[..., "Run"]
) -> None:
    from bulk_lookup.models import Lookup
    from bulk_lookup.models.scope import organization_scope

    provider = simulator(latency="50ms", max_in_flight="5")
    run = order(CALIFORNIA[:400], provider)
    begin(run, workers)
    wait_until(run, "finished")

    stats = provider.stats()
    assert stats["refused"] > 0
    assert (run.done, run.failed) == (400, 0)
    with organization_scope(run.organization_id):
        assert set(Lookup.objects.filter(run_id=run.pk).values_list("attempts", flat=True)) == {1}
    assert_receipts_cover(run, provider.ledger())


def test_a_provider_that_cannot_be_reached_is_waited_for(
    simulator: Callable[..., Simulator], workers: Workers, order: Callable[..., "Run"]
) -> None:
    from bulk_lookup.models import Contact, ProviderAccount
    from bulk_lookup.models.scope import organization_scope

    provider = simulator()
    run = order(CALIFORNIA[:100], provider)
    port = provider.url.rsplit(":", 1)[1]
    provider.stop()
    begin(run, workers)
    wait_for(lambda: state_of(run) == "running")
    time.sleep(2)
    with organization_scope(run.organization_id):
        run.refresh_from_db()
        assert (run.state, run.done, run.failed, run.spent_micros) == ("running", 0, 0, 0)
        assert Contact.objects.pending().count() == 100
        assert ProviderAccount.objects.get().state == "ok"

    again = simulator(port=port)
    wait_until(run, "finished")
    assert run.done == 100
    assert_receipts_cover(run, again.ledger())


def begin(run: "Run", workers: Workers) -> None:
    from bulk_lookup.models.scope import organization_scope

    with organization_scope(run.organization_id):
        run.start()
    workers.start("--queue", "files")
    workers.start("--queue", "lookups")


def state_of(run: "Run") -> str:
    from bulk_lookup.models.scope import organization_scope

    with organization_scope(run.organization_id):
        run.refresh_from_db()
    return run.state


def wait_for(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not true():
        assert time.monotonic() < until
        time.sleep(0.1)
