"""The list of runs and one run: what they say, and what may be done with a run by whom."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from web_types import ClientOf

from bulk_lookup.core.allowance import Allowance
from bulk_lookup.core.failure import RetryClass
from bulk_lookup.core.progress import Band, Slowdown
from bulk_lookup.core.renewal import ACCOUNT, AccountRow, Share, WorkerRow
from bulk_lookup.core.retry import PauseReason
from bulk_lookup.models import (
    AccountAllowance,
    AllowanceShare,
    Contact,
    ContactList,
    Import,
    Lookup,
    Organization,
    ProviderAccount,
    Run,
    Worker,
)
from bulk_lookup.models.scope import organization_scope
from bulk_lookup.web.runs import words
from bulk_lookup.web.runs.views import RUNS_AT_ONCE

pytestmark = pytest.mark.django_db

SPACE = "\N{NO-BREAK SPACE}"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def client(client_of: ClientOf) -> Client:
    return client_of("admin")


def make_run(organization: Organization, *, list_name: str = "CRM export", **fields: Any) -> Run:
    """A run of 1,000 numbers, 606 of them settled, that has spent 4.83 of 8.00 USD."""
    with organization_scope(organization.pk):
        account, _ = ProviderAccount.objects.get_or_create(
            organization=organization, account_sid="AC1", defaults={"name": "A", "secret": b"x", "account_key": "key"}
        )
        one, _ = ContactList.objects.get_or_create(organization=organization, name=list_name)
        values = {
            "packages": ["line_type_intelligence"],
            "simulated": False,
            "state": "running",
            "numbers": 1_000,
            "reused": 60,
            "done": 542,
            "failed": 4,
            "spent_micros": 4_830_000,
            "reserved_micros": 16_000,
            "unknown_micros": 8_000,
            "quoted_micros": 7_520_000,
            "cap_micros": 8_000_000,
            "next_position": 609,
            "started_at": timezone.now() - timedelta(minutes=4),
            "quote": {
                "packages": [
                    {
                        "package": "line_type_intelligence",
                        "to_buy": 940,
                        "reused": 60,
                        "skipped": 0,
                        "cost_micros": 7_520_000,
                        "origin": "list",
                    }
                ]
            },
        }
        return Run.objects.create(
            organization=organization,
            contact_list_id=one.pk,
            provider_account_id=account.pk,
            **values | fields,
        )


def paused(organization: Organization, reason: str = "user", **fields: Any) -> Run:
    values: dict[str, Any] = {"reserved_micros": 0} | fields
    return make_run(organization, state="paused", reason=reason, **values)


def finished(organization: Organization, **fields: Any) -> Run:
    values: dict[str, Any] = {"numbers": 606, "reserved_micros": 0, "finished_at": timezone.now()}
    return make_run(organization, state="finished", **values | fields)


def add_failure(organization: Organization, run: Run, position: int = 1, **fields: Any) -> Contact:
    """A number that failed, with its receipt and its contact."""
    number = f"+1202555{position:04d}"
    with organization_scope(organization.pk):
        Lookup.objects.create(
            organization_id=organization.pk,
            run_id=run.pk,
            position=position,
            formatted_phone_number=number,
            country_code="US",
            simulated=False,
            state="failed",
            packages={"line_type_intelligence": {"outcome": "failed", "billing": "unknown", "cost": 8000}},
            reason="no_answer",
            request_id="RQ0123456789abcdef",
            unknown_micros=8_000,
            response_time_ms=300,
        )
        values = {"reason": "no_answer", "error_code": 60608} | fields
        file, _ = Import.objects.get_or_create(organization=organization, contact_list_id=run.contact_list_id)
        return Contact.objects.create(
            organization_id=organization.pk,
            contact_list_id=run.contact_list_id,
            row_number=position,
            import_id=file.pk,
            raw_phone_number=number,
            formatted_phone_number=number,
            country_code="US",
            status="failed",
            run_id=run.pk,
            lookup_performed_at=timezone.now(),
            **values,
        )


def at_work(slowed_by: str = "account_limit", *, ours: int = 38, others: int = 14, limit: int = 52) -> None:
    """A worker with a share of the account's allowance."""
    now, worker = timezone.now(), uuid4()
    Worker.objects.create(id=worker, kind="lookups", host="here", pid=1, seen_at=now)
    allowance = Allowance(limit=limit, ceiling=60, moved_at=now.timestamp())
    AccountAllowance.objects.create(
        account_key="key", state=AccountRow({ACCOUNT: allowance}).as_json(), foreign_in_flight=others
    )
    row = WorkerRow(str(worker), now.timestamp(), shares={ACCOUNT: Share(share=ours, held=ours, peak=ours)})
    AllowanceShare.objects.create(
        account_key="key", worker_id=worker, state=row.as_json(), slowed_by=slowed_by, seen_at=now
    )


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def jobs() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from procrastinate_jobs")
        return int((cursor.fetchone() or (0,))[0])


def state_of(organization: Organization, run: Run) -> str:
    with organization_scope(organization.pk):
        return Run.objects.get(pk=run.pk).state


class TestRuns:
    def test_without_a_run_it_says_how_one_begins(self, client: Client) -> None:
        assert "No run yet" in text_of(client.get("/runs"))

    def test_each_run_says_how_far_it_is_and_what_it_has_cost(self, client: Client, organization: Organization) -> None:
        run = make_run(organization, list_name=SCRIPT)
        paused(organization, "cap")
        page = text_of(client.get("/runs"))

        assert f'href="/runs/{run.pk}"' in page
        assert f"60.6{SPACE}%" in page
        assert "4.83" in page
        assert "Cap reached" in page
        assert SCRIPT not in page

    def test_money_is_not_for_viewers(self, client_of: ClientOf, organization: Organization) -> None:
        make_run(organization)
        page = text_of(client_of("viewer").get("/runs"))

        assert "CRM export" in page
        assert "4.83" not in page

    def test_older_runs_are_on_the_next_page(self, client: Client, organization: Organization) -> None:
        made = [make_run(organization, state="finished") for _ in range(RUNS_AT_ONCE + 2)]
        first = text_of(client.get("/runs"))
        second = text_of(client.get(f"/runs?before={made[2].pk}"))

        assert f'href="?before={made[2].pk}"' in first
        assert f'href="/runs/{made[1].pk}"' not in first
        assert f'href="/runs/{made[1].pk}"' in second
        assert f'href="/runs/{made[2].pk}"' not in second

    @pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "%00"])
    def test_nonsense_in_the_address_is_the_first_page(
        self, client: Client, organization: Organization, before: str
    ) -> None:
        make_run(organization)

        assert "CRM export" in text_of(client.get(f"/runs?before={before}"))

    def test_its_fragment_is_the_table_alone(self, client: Client, organization: Organization) -> None:
        make_run(organization)
        page = text_of(client.get("/runs", headers={"HX-Request": "true"}))

        assert 'id="runs-table"' in page
        assert "<html" not in page

    def test_it_asks_the_database_little_however_many_runs(
        self, client: Client, organization: Organization, django_assert_max_num_queries: Any
    ) -> None:
        for _ in range(30):
            make_run(organization)
        with django_assert_max_num_queries(12):
            client.get("/runs")


class TestRun:
    def test_it_says_how_far_and_at_what_cost(self, client: Client, organization: Organization) -> None:
        run = make_run(organization, simulated=True)
        page = text_of(client.get(f"/runs/{run.pk}"))

        for said in (
            "60.6 <small>%</small>",
            "<strong>606</strong> of 1,000 numbers",
            "4.83",
            "of 8.00 cap, quote 7.52",
            f"{share(606, 1000)}, 4.83 USD",  # the bar's own text
            f"<title>61{SPACE}% · CRM export · Bulk Lookup</title>",
            "Simulated",
            f'action="/runs/{run.pk}/pause"',
            f'href="/contacts?scope=failed&amp;run={run.pk}"',
            f'href="/contacts?scope=completed&amp;run={run.pk}"',
            f'sse-connect="/events?run={run.pk}"',
            "No worker",
            "Line type and carrier",
        ):
            assert said in page, said

    def test_the_parts_of_the_bar_add_up(self, organization: Organization) -> None:
        from bulk_lookup.web.runs.figures import segments

        run = make_run(organization, skipped=10, done=532)
        found = {one.word: one.value for one in segments(run, 38)}

        assert sum(found.values()) == run.numbers
        assert found == {
            "Reused": 60,
            "Completed": 532,
            "Failed": 4,
            "In flight": 38,
            "Not covered": 10,
            "Pending": 356,
        }

    def test_what_is_in_flight_is_told_apart(self, client: Client, organization: Organization) -> None:
        run = make_run(organization)
        at_work()
        page = text_of(client.get(f"/runs/{run.pk}"))

        for said in ('<span class="figure">38</span>', "ours + 14 by others", "limit 52", "own ceiling 60"):
            assert said in page, said

    @pytest.mark.parametrize(
        "slowed_by", ["own_ceiling", "account_limit", "package_limit", "provider_slow", "provider_down", "nothing"]
    )
    def test_what_slows_it_is_said(self, client: Client, organization: Organization, slowed_by: str) -> None:
        run = make_run(organization)
        at_work(slowed_by)
        page = text_of(client.get(f"/runs/{run.pk}"))

        assert f'data-cause="{slowed_by}"' in page
        assert words.CAUSES[Slowdown(slowed_by)].title in page

    @pytest.mark.parametrize("reason", ["cap", "budget"])
    def test_money_that_is_out_is_said(self, client: Client, organization: Organization, reason: str) -> None:
        page = text_of(client.get(f"/runs/{paused(organization, reason).pk}"))

        assert f'data-cause="{reason}"' in page

    def test_no_worker_is_said(self, client: Client, organization: Organization) -> None:
        page = text_of(client.get(f"/runs/{make_run(organization).pk}"))

        assert 'data-cause="no_worker"' in page
        assert "Stands still" in page

    @pytest.mark.parametrize("reason", list(PauseReason))
    def test_a_paused_run_says_why_and_what_to_do(
        self, client: Client, organization: Organization, reason: PauseReason
    ) -> None:
        page = text_of(client.get(f"/runs/{paused(organization, reason.value, detail=SCRIPT).pk}"))

        assert f"Paused: {words.PAUSES[reason]}".replace("'", "&#x27;") in page
        assert SCRIPT not in page

    def test_the_latest_failures_say_why_and_what_to_do(self, client: Client, organization: Organization) -> None:
        run = make_run(organization)
        contact = add_failure(organization, run)
        page = text_of(client.get(f"/runs/{run.pk}"))

        for said in (
            f'href="/contacts/{contact.pk}"',
            "No answer",
            "Billing unknown, its price counts as spent. Retry",
            'href="https://www.twilio.com/docs/api/errors/60608"',
            "Twilio-Request-Id RQ0123456789abcdef",
        ):
            assert said in page, said

    def test_packages_that_are_left_out_say_why(self, client: Client, organization: Organization) -> None:
        run = make_run(organization, dropped_packages={"line_type_intelligence/CA": "needs_approval"})

        assert "CA: needs approval" in text_of(client.get(f"/runs/{run.pk}"))

    def test_a_run_that_is_over_has_its_receipt(self, client: Client, organization: Organization) -> None:
        run = finished(organization)
        add_failure(organization, run)
        page = text_of(client.get(f"/runs/{run.pk}"))

        for said in ("Billed, 0 numbers", "Unknown, 1 numbers", "Free, 0 numbers", "Export", "Retry 4"):
            assert said in page, said
        assert f"/runs/{run.pk}/pause" not in page

    def test_a_receipt_tells_what_was_not_asked_from_what_was_free(
        self, client: Client, organization: Organization
    ) -> None:
        run = make_run(organization, state="cancelled", reserved_micros=0, finished_at=timezone.now())
        with organization_scope(organization.pk):
            for position, state in enumerate(("pending", "pending", "skipped"), start=1):
                Lookup.objects.create(
                    organization_id=organization.pk,
                    run_id=run.pk,
                    position=position,
                    formatted_phone_number=f"+1202555{position:04d}",
                    simulated=False,
                    state=state,
                )
        page = text_of(client.get(f"/runs/{run.pk}"))

        assert "Free, 1 numbers" in page
        assert "Not asked, 2 numbers" in page

    def test_the_receipt_of_many_numbers_is_counted_after_the_page(
        self, client: Client, organization: Organization
    ) -> None:
        run = finished(organization, numbers=200_000)
        page = text_of(client.get(f"/runs/{run.pk}"))
        fragment = text_of(client.get(f"/runs/{run.pk}/receipt", headers={"HX-Request": "true"}))

        assert f'hx-get="/runs/{run.pk}/receipt"' in page
        assert "Billed, 0 numbers" in fragment
        assert "<html" not in fragment
        assert "Billed, 0 numbers" in text_of(client.get(f"/runs/{run.pk}/receipt"))

    def test_viewers_see_no_money_and_no_buttons(self, client_of: ClientOf, organization: Organization) -> None:
        run = make_run(organization)
        page = text_of(client_of("viewer").get(f"/runs/{run.pk}"))

        assert "606" in page
        for hidden in ("4.83", "8.00", "7.52", f"/runs/{run.pk}/"):
            assert hidden not in page, hidden

    @pytest.mark.parametrize(
        ("state", "fields"), [("draft", {}), ("planning", {}), ("cancelled", {}), ("failed", {"numbers": 0})]
    )
    def test_every_state_has_its_page(
        self, client: Client, organization: Organization, state: str, fields: dict[str, Any]
    ) -> None:
        run = make_run(organization, state=state, **fields)

        assert client.get(f"/runs/{run.pk}").status_code == 200

    def test_an_empty_run_is_no_error(self, client: Client, organization: Organization) -> None:
        run = make_run(organization, numbers=0, done=0, failed=0, reused=0, cap_micros=None, quote={}, next_position=1)

        assert client.get(f"/runs/{run.pk}").status_code == 200

    def test_it_asks_the_database_little(
        self, client: Client, organization: Organization, django_assert_max_num_queries: Any
    ) -> None:
        run = make_run(organization)
        for position in range(1, 10):
            add_failure(organization, run, position)
        at_work()
        with django_assert_max_num_queries(24):
            client.get(f"/runs/{run.pk}")


class TestFragment:
    def test_it_has_what_changes_and_no_more(self, client: Client, organization: Organization) -> None:
        run = make_run(organization)
        known = {"head": "running ", "failures": "4 running"}
        page = text_of(client.get(f"/runs/{run.pk}", known, headers={"HX-Request": "true"}))

        assert 'id="run-figures"' in page
        assert f'data-tab-title="61{SPACE}% · CRM export"' in page
        for left_alone in ("<html", 'id="run-actions"', 'id="run-failures"'):
            assert left_alone not in page

    def test_a_run_that_has_paused_gets_its_buttons(self, client: Client, organization: Organization) -> None:
        run = paused(organization, "cap")
        known = {"head": "running ", "failures": "4 running"}
        page = text_of(client.get(f"/runs/{run.pk}", known, headers={"HX-Request": "true"}))

        assert 'id="run-actions" class="contents" hx-swap-oob="true"' in page
        assert f'href="/runs/{run.pk}/cap"' in page
        assert "data-announce-now" in page


class TestActions:
    def test_pause_and_resume(self, client: Client, organization: Organization) -> None:
        run = make_run(organization)
        answer = client.post(f"/runs/{run.pk}/pause")
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/runs/{run.pk}")
        assert state_of(organization, run) == "paused"
        with organization_scope(organization.pk):
            Lookup.objects.create(
                organization_id=organization.pk,
                run_id=run.pk,
                position=1,
                formatted_phone_number="+12025550143",
                simulated=False,
            )
        assert client.post(f"/runs/{run.pk}/resume").status_code == 302
        assert state_of(organization, run) == "running"
        assert jobs() == 1

    def test_whoever_comes_second_is_told_so(self, client: Client, organization: Organization) -> None:
        run = paused(organization)
        answer = client.post(f"/runs/{run.pk}/pause")

        assert answer.status_code == 409
        assert "This run is paused already; nothing was changed." in text_of(answer)

    def test_a_halted_account_is_said(self, client: Client, organization: Organization) -> None:
        run = paused(organization, "account_credentials")
        with organization_scope(organization.pk):
            ProviderAccount.objects.update(state="halted", reason="account_credentials")
        answer = client.post(f"/runs/{run.pk}/resume")

        assert answer.status_code == 409
        assert "The account is halted" in text_of(answer)
        assert state_of(organization, run) == "paused"

    def test_cancelling_says_what_is_kept_and_dropped(self, client: Client, organization: Organization) -> None:
        run = make_run(organization)
        address = f"/runs/{run.pk}/cancellation"
        assert "Keep 602 answers, drop 394 not asked yet?" in text_of(client.get(address))
        assert state_of(organization, run) == "running"

        assert client.post(address).status_code == 302
        assert state_of(organization, run) == "cancelled"
        assert client.post(address).status_code == client.get(address).status_code == 409

    def test_a_retry_says_what_it_costs(self, client: Client, organization: Organization) -> None:
        prices = {"prices": {"US": {"line_type_intelligence": 8_000}}}
        run = finished(organization, quote=prices, cap_micros=4_831_000)
        add_failure(organization, run)
        address = f"/runs/{run.pk}/retry"
        page = text_of(client.get(address))
        assert "Ask again for 1 number, at most 0.01" in page
        assert "The cap has no room for all of them." in page
        assert state_of(organization, run) == "finished"

        assert client.post(address).status_code == 302
        assert state_of(organization, run) == "running"
        assert client.post(address).status_code == 409

    def test_the_cap_is_raised_and_the_run_goes_on(self, client: Client, organization: Organization) -> None:
        run = paused(organization, "cap")
        address = f"/runs/{run.pk}/cap"
        assert "Raise cap and resume" in text_of(client.get(address))
        assert client.post(address, {"cap": "1,012.50", "then": "resume"}).status_code == 302
        with organization_scope(organization.pk):
            now = Run.objects.get(pk=run.pk)
        assert now.cap_micros == 1_012_500_000
        assert now.state != "paused"

    def test_the_cap_of_a_running_run_is_raised_while_it_runs(self, client: Client, organization: Organization) -> None:
        run = make_run(organization)
        assert client.post(f"/runs/{run.pk}/cap", {"cap": "9"}).status_code == 302
        with organization_scope(organization.pk):
            now = Run.objects.get(pk=run.pk)
        assert (now.cap_micros, now.state) == (9_000_000, "running")

    @pytest.mark.parametrize("typed", ["", "x", "-1", "4.84", "1e400", "NaN", "0.0000001", "\0"])
    def test_a_cap_that_cannot_be_is_refused(self, client: Client, organization: Organization, typed: str) -> None:
        run = make_run(organization)
        answer = client.post(f"/runs/{run.pk}/cap", {"cap": typed})

        assert answer.status_code == 422
        assert 'id="cap-error"' in text_of(answer)
        with organization_scope(organization.pk):
            assert Run.objects.get(pk=run.pk).cap_micros == 8_000_000

    def test_a_cap_is_not_raised_where_the_run_cannot_go_on(self, client: Client, organization: Organization) -> None:
        run = paused(organization, "account_suspended")
        with organization_scope(organization.pk):
            ProviderAccount.objects.update(state="halted", reason="account_suspended")
        answer = client.post(f"/runs/{run.pk}/cap", {"cap": "20", "then": "resume"})

        assert answer.status_code == 409
        with organization_scope(organization.pk):
            assert Run.objects.get(pk=run.pk).cap_micros == 8_000_000


ACTIONS = ("pause", "resume", "cancellation", "retry", "cap")


class TestDoors:
    @pytest.mark.parametrize("action", ACTIONS)
    def test_viewers_may_look_only(self, client_of: ClientOf, organization: Organization, action: str) -> None:
        run = make_run(organization)
        viewer = client_of("viewer")

        assert viewer.get(f"/runs/{run.pk}").status_code == 200
        assert viewer.post(f"/runs/{run.pk}/{action}").status_code == 403
        assert state_of(organization, run) == "running"

    def test_operators_raise_no_cap(self, client_of: ClientOf, organization: Organization) -> None:
        run = paused(organization, "cap")
        operator = client_of("operator")

        assert operator.post(f"/runs/{run.pk}/cap", {"cap": "9"}).status_code == 403
        assert "Ask an admin to raise the cap" in text_of(operator.get(f"/runs/{run.pk}"))

    def test_another_organizations_run_is_not_there(
        self, client_of: ClientOf, organization: Organization, other_organization: Organization
    ) -> None:
        run = make_run(organization)
        outsider = client_of("owner", at=other_organization)

        assert "CRM export" not in text_of(outsider.get("/runs"))
        assert outsider.get(f"/runs/{run.pk}").status_code == 404
        assert outsider.get(f"/runs/{run.pk}/receipt").status_code == 404
        for action in ACTIONS:
            assert outsider.post(f"/runs/{run.pk}/{action}", {"cap": "9"}).status_code == 404
        assert state_of(organization, run) == "running"

    def test_strangers_sign_in_first(self, organization: Organization) -> None:
        run = make_run(organization)
        for address in ("/runs", f"/runs/{run.pk}", *(f"/runs/{run.pk}/{one}" for one in ("cancellation", "cap"))):
            assert Client().get(address).headers["Location"].startswith("/sign-in?next=")

    def test_what_changes_something_is_no_get(self, client: Client, organization: Organization) -> None:
        run = make_run(organization)
        for action in ("pause", "resume"):
            assert client.get(f"/runs/{run.pk}/{action}").status_code == 405
        for action in ("cancellation", "retry", "cap"):
            client.get(f"/runs/{run.pk}/{action}")
        assert state_of(organization, run) == "running"
        assert client.post("/runs").status_code == client.post(f"/runs/{run.pk}").status_code == 405


class TestWords:
    def test_every_cause_pause_and_way_of_failing_has_its_words(self) -> None:
        assert set(words.CAUSES) == set(Slowdown)
        assert set(words.PAUSES) == set(words.PAUSE_ADVICE) == set(PauseReason)
        assert set(words.ADVICE) == set(RetryClass)

    @pytest.mark.parametrize(
        ("low", "high", "said"),
        [
            (0, 12, "Ends within a minute"),
            (20, 100, "Ends within 2 min"),
            (121, 239, "Ends in 2–4 min"),
            (3600, 5399, "Ends in 60–90 min"),
            (3700, 9000, "Ends in 1–3 h"),
        ],
    )
    def test_the_end_is_a_band_rounded_outwards(self, low: float, high: float, said: str) -> None:
        assert words.ends_in(Band(low, high)).replace(SPACE, " ") == said

    def test_the_end_stands_between_two_minutes(self) -> None:
        now = timezone.now().replace(year=2026, month=11, day=23, hour=14, minute=36, second=10, microsecond=0)

        assert words.ends_between(Band(110, 230), now) == "between 14:38 and 14:40"
        assert words.ends_between(Band(110, 36_000), now) == "between 14:38 and 24 Nov 2026, 00:37"


def share(part: int, whole: int) -> str:
    from bulk_lookup.web.templatetags.figures import share_text

    return share_text(part, whole)
