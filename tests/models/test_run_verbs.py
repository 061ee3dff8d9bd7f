"""What a run does when told: from which states, with which jobs, all in one transaction."""

from collections.abc import Callable, Iterator
from typing import Any

import cast
import pytest
import storing
from django.db import IntegrityError, connection, transaction

from bulk_lookup.core.retry import PauseReason
from bulk_lookup.models import Lookup, Organization, ProviderAccount, Run, RunMoved
from bulk_lookup.models.run import CHUNK_SIZE, WINDOW, AccountHalted
from bulk_lookup.models.scope import organization_scope

pytestmark = pytest.mark.django_db

Make = Callable[..., Run]
LINE = "line_type_intelligence"
PRICES = {"prices": {"US": {LINE: 8_000, "caller_name": 10_000}}}


@pytest.fixture(autouse=True)
def _scope(organization: Organization) -> Iterator[None]:
    with organization_scope(organization.pk):
        yield


@pytest.fixture
def make(organization: Organization) -> Make:
    """A run in this state, with lookups in these states, its counters as they must be."""

    def make(state: str, lookups: str = "", **fields: Any) -> Run:
        contact_list = cast.make_list(organization)
        imported = cast.make_import(contact_list)
        words = lookups.split()
        counted = {name: words.count(name) for name in ("done", "failed", "skipped", "reused")}
        reason = {"reason": "user"} if state == "paused" else {}
        terms = {"state": state, "numbers": len(words), "quote": PRICES} | counted | reason | fields
        run = cast.make_run(contact_list, cast.make_account(organization), **terms)
        for position, word in enumerate(words, 1):
            cast.make_contact(imported, position)
            packages = {LINE: {"outcome": word, "billing": "unknown", "cost": 8_000}} if word == "failed" else {}
            cast.make_lookup(run, position, state=word, packages=packages, reason="no_answer" if packages else "")
        return run

    return make


def jobs() -> list[tuple[str, dict[str, Any]]]:
    """Every job enqueued, in order: its name and its arguments but the organization and the run."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select task_name, queue_name, args - 'organization_id' - 'run_id' from procrastinate_jobs order by id"
        )
        rows = cursor.fetchall()
    return [(name, storing.read_value(args)) for name, _, args in rows]


def test_start_plans(make: Make) -> None:
    run = make("draft")

    run.start()

    assert run.state == "planning"
    assert jobs() == [("plan_run", {})]


def test_begin_hands_out_the_first_chunks(make: Make) -> None:
    run = make("planning", "pending pending pending")

    run.begin()

    assert (run.state, run.next_position) == ("running", 4)
    assert run.started_at is not None
    assert jobs() == [("process_lookups", {"first": 1, "last": 3})]


def test_no_more_chunks_are_handed_out_at_once_than_the_window_holds(make: Make) -> None:
    run = make("planning", "pending", numbers=CHUNK_SIZE * 50)

    run.begin()

    found = [arguments for _, arguments in jobs()]
    assert len(found) == WINDOW
    assert found[0] == {"first": 1, "last": CHUNK_SIZE}
    assert found[-1] == {"first": (WINDOW - 1) * CHUNK_SIZE + 1, "last": WINDOW * CHUNK_SIZE}
    assert run.next_position == WINDOW * CHUNK_SIZE + 1


def test_a_run_of_which_nothing_is_to_be_asked_is_finished_as_it_begins(make: Make) -> None:
    run = make("planning", "reused skipped")

    run.begin()

    assert run.state == "finished"
    assert run.finished_at is not None
    assert jobs() == [("finish_run", {})]


def test_an_empty_run_is_finished_as_it_begins(make: Make) -> None:
    run = make("planning")

    run.begin()

    assert run.state == "finished"


@pytest.mark.parametrize("reason", list(PauseReason))
def test_pause_says_why(make: Make, reason: PauseReason) -> None:
    run = make("running", "pending")

    run.pause(reason)

    assert (run.state, run.reason) == ("paused", reason.value)
    assert jobs() == []


def test_pause_without_a_reason_is_the_users(make: Make) -> None:
    run = make("running")

    run.pause()

    assert run.reason == "user"


def test_resume_goes_on_at_the_first_that_is_pending(make: Make) -> None:
    run = make("paused", "done failed pending done pending", detail="Twilio said no", dropped_packages={LINE: "quota"})

    run.resume()

    assert (run.state, run.reason, run.detail, run.dropped_packages) == ("running", "", "", {})
    assert jobs() == [("process_lookups", {"first": 3, "last": 5})]
    assert run.next_position == 6


def test_resume_takes_another_cap_or_keeps_the_old_one(make: Make) -> None:
    run = make("paused", "pending", cap_micros=1_000)
    run.resume()
    assert run.cap_micros == 1_000
    run.pause()

    run.resume(cap_micros=2_000)

    assert run.cap_micros == 2_000


def test_resume_where_everything_was_answered_meanwhile_finishes(make: Make) -> None:
    run = make("paused", "done done")

    run.resume()

    assert run.state == "finished"
    assert jobs() == [("finish_run", {})]


def test_resume_while_the_last_answers_are_still_out_waits_for_them(make: Make) -> None:
    run = make("paused", "done asking")

    run.resume()

    assert (run.state, run.next_position) == ("running", 3)
    assert jobs() == []


@pytest.mark.parametrize("state", ["draft", "planning", "running", "paused"])
def test_cancel_ends_every_run_that_has_not_ended(make: Make, state: str) -> None:
    run = make(state, "done pending")

    run.cancel()

    assert (run.state, run.reason) == ("cancelled", "")
    assert run.finished_at is not None
    assert jobs() == [("finish_run", {})]
    assert [lookup.state for lookup in Lookup.objects.order_by("position")] == ["done", "pending"]


def test_retry_failed_asks_again_for_what_failed_only(make: Make) -> None:
    run = make("finished", "done failed skipped failed reused", finished_at=cast.NOON)

    assert run.retry_failed() == 2

    assert (run.state, run.failed, run.done, run.finished_at) == ("running", 0, 1, None)
    assert jobs() == [("process_lookups", {"first": 2, "last": 5})]
    again = Lookup.objects.get(position=2)
    assert (again.state, again.due, again.price_micros, again.tries) == ("pending", [LINE], 8_000, {})
    assert again.packages[LINE]["outcome"] == "failed", "the earlier attempt stays in the receipt"
    assert [one.state for one in Lookup.objects.order_by("position")] == [
        "done",
        "pending",
        "skipped",
        "pending",
        "reused",
    ]


def test_retry_failed_asks_for_the_packages_that_failed_only(make: Make) -> None:
    run = make("finished", "failed")
    receipts = {
        LINE: {"outcome": "done", "billing": "billed", "cost": 8_000},
        "caller_name": {"outcome": "dropped", "billing": "not_processed", "cost": 0},
    }
    Lookup.objects.update(packages=receipts)

    run.retry_failed()

    again = Lookup.objects.get()
    assert (again.due, again.price_micros) == (["caller_name"], 10_000)


def test_retry_failed_counts_on_and_its_cap_is_over_everything(make: Make) -> None:
    run = make("finished", "done failed", spent_micros=16_000, unknown_micros=8_000, cap_micros=16_000)

    run.retry_failed(cap_micros=24_000)

    assert (run.spent_micros, run.unknown_micros, run.cap_micros) == (16_000, 8_000, 24_000)
    assert [row["position"] for row in storing.claim(run, 7)] == [2]


def test_retry_failed_where_nothing_failed_does_nothing(make: Make) -> None:
    run = make("finished", "done skipped")

    assert run.retry_failed() == 0

    assert run.state == "finished"
    assert jobs() == []


@pytest.mark.parametrize(("verb", "state"), [(Run.resume, "paused"), (Run.retry_failed, "finished")])
def test_no_run_goes_on_at_an_account_that_is_halted(make: Make, verb: Callable[[Run], object], state: str) -> None:
    run = make(state, "done failed pending" if state == "paused" else "done failed")
    ProviderAccount.objects.update(state="halted", reason="account_suspended")

    with pytest.raises(AccountHalted, match="account_suspended") as refused:
        verb(run)

    run.refresh_from_db()
    assert (refused.value.reason, run.state, jobs()) == ("account_suspended", state, [])
    assert Lookup.objects.get(position=2).state == "failed"
    ProviderAccount.objects.update(state="ok", reason="")
    verb(run)
    assert run.state == "running"


def test_a_run_that_has_moved_is_told_of_before_its_account(make: Make) -> None:
    run = make("running", "pending")
    ProviderAccount.objects.update(state="halted", reason="account_suspended")

    with pytest.raises(RunMoved):
        run.resume()


VERBS: dict[str, tuple[Callable[[Run], object], set[str]]] = {
    "start": (Run.start, {"draft"}),
    "begin": (Run.begin, {"planning"}),
    "pause": (Run.pause, {"running"}),
    "resume": (Run.resume, {"paused"}),
    "cancel": (Run.cancel, {"draft", "planning", "running", "paused"}),
    "retry_failed": (Run.retry_failed, {"finished"}),
}
WRONG = [(verb, state) for verb, (_, states) in VERBS.items() for state in Run.State.values if state not in states]


@pytest.mark.parametrize(("verb", "state"), WRONG)
@pytest.mark.parametrize("lookups", ["done failed", "done"])
def test_a_verb_in_the_wrong_state_raises_and_changes_nothing(make: Make, verb: str, state: str, lookups: str) -> None:
    run = make(state, lookups)

    with pytest.raises(RunMoved, match=state):
        VERBS[verb][0](run)

    run.refresh_from_db()
    assert (run.state, run.failed) == (state, lookups.count("failed"))
    assert [lookup.state for lookup in Lookup.objects.order_by("position")] == lookups.split()
    assert jobs() == []


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "pause"])
def test_a_verb_and_its_jobs_are_one_transaction(make: Make, verb: str) -> None:
    move, states = VERBS[verb]
    state = min(states)
    run = make(state, "failed pending")

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        move(run)
        assert jobs()
        raise ZeroDivisionError

    run.refresh_from_db()
    assert run.state == state
    assert jobs() == []


def test_whoever_comes_second_learns_that_the_run_has_moved(make: Make) -> None:
    run = make("running", "pending")
    mine, yours = Run.objects.get(pk=run.pk), Run.objects.get(pk=run.pk)
    mine.pause()

    with pytest.raises(RunMoved, match=r"paused.*running"):
        yours.pause()

    assert yours.state == "paused", "and what it is now"


def test_the_counters_of_a_run_are_its_lookups(make: Make) -> None:
    run = make("running", "pending pending pending pending pending")
    storing.claim(run, 7, want=4)
    run.refresh_from_db()
    assert (run.settled, run.reserved_micros, run.spent_micros) == (0, 4 * 8_000, 0)

    unknown = storing.failure(3, 7, reason="no_answer", billed_micros=0, unknown_micros=8_000)
    storing.store(run, storing.answer(1, 7), storing.failure(2, 7), unknown, storing.failure(4, 7, state="skipped"))

    run.refresh_from_db()
    assert (run.done, run.failed, run.skipped, run.reused, run.settled) == (1, 2, 1, 0, 4)
    assert (run.spent_micros, run.unknown_micros, run.reserved_micros) == (16_000, 8_000, 0)
    assert not run.over


def test_a_claim_takes_as_many_as_the_cap_allows(make: Make) -> None:
    run = make("running", "pending " * 5, cap_micros=8_000 * 3 + 1)

    rows = storing.claim(run, 7)

    assert [row["position"] for row in rows] == [1, 2, 3]
    run.refresh_from_db()
    assert run.reserved_micros == 24_000
    nothing, *more = storing.claim(run, 7)
    assert more == []
    assert (nothing["position"], nothing["seen"], nothing["held_micros"], nothing["free_micros"]) == (
        None,
        2,
        24_000,
        1,
    )


def test_what_turned_out_free_can_be_spent_again(make: Make) -> None:
    run = make("running", "pending " * 3, cap_micros=8_000)
    storing.claim(run, 7)
    storing.store(run, storing.failure(1, 7))

    assert [row["position"] for row in storing.claim(run, 8)] == [2]


@pytest.mark.parametrize("state", [state for state in Run.State.values if state != "running"])
def test_nothing_is_claimed_of_a_run_that_does_not_run(make: Make, state: str) -> None:
    run = make(state, "pending")

    [row] = storing.claim(run, 7)

    assert (row["state"], row["position"]) == (state, None)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"state": "paused", "reason": ""}, "run_pause_reason"),
        ({"state": "paused", "reason": "tired"}, "run_pause_reason"),
        ({"cap_micros": 999, "spent_micros": 1_000}, "run_within_cap"),
        ({"cap_micros": 1_000, "spent_micros": 600, "reserved_micros": 401}, "run_within_cap"),
        ({"spent_micros": -1}, "run_money_not_negative"),
        ({"reserved_micros": -1}, "run_money_not_negative"),
        ({"unknown_micros": -1}, "run_money_not_negative"),
    ],
)
def test_the_database_refuses_what_cannot_be(make: Make, changes: dict[str, Any], constraint: str) -> None:
    run = make("running")

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Run.objects.filter(pk=run.pk).update(**changes)


def test_the_database_takes_a_cap_that_is_reached_to_the_last_millionth(make: Make) -> None:
    run = make("running", cap_micros=1_000)

    assert Run.objects.filter(pk=run.pk).update(spent_micros=600, reserved_micros=400) == 1


@pytest.mark.parametrize("state", Run.State.values)
def test_three_states_are_an_end(make: Make, state: str) -> None:
    assert make(state).over == (state in {"finished", "cancelled", "failed"})
