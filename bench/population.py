"""A large list that is made by the database itself, in seconds instead of hours, with the look of a real one."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bench import orders
from bench.borrowed import Simulator
from bench.context import Context
from bench.orders import PACKAGE

if TYPE_CHECKING:
    from bulk_lookup.models import Run

AT_ONCE = 250_000  # rows of one statement
PRICE_MICROS = 8_000  # of the package, as published
HEADER = ["Record ID", "First Name", "Company", "E-Mail", "Phone", "Country", "Last Contact"]
_CARRIERS = "array['Example Wireless US', 'Sample Mobile US', 'Placeholder Cellular US', 'Fictional Mobile US']"
_LINE_TYPES = "array['mobile', 'mobile', 'landline', 'nonFixedVoip', 'fixedVoip']"

# As `orders.numbers` counts, so that both name the same lines; the area codes are the same.
_NUMBER = """'+1' || (array['415','213','310','408','510','619','650','707','714','818','916','925'])[1 + {0} / 7900000]
    || lpad((2000000 + {0} %% 7900000)::text, 7, '0')"""

# Of a hundred rows 88 are looked up, five wait, one has failed, three are rejects and three are duplicates of a row before.
_CONTACTS = """
    with row as (
        select row_number, row_number %% 100 as kind,
            case when not %(mixed)s or row_number %% 100 not in (97, 98, 99) then null else row_number - 50 end as duplicate_of
        from generate_series(%(first)s::bigint, %(last)s::bigint) as row_number
    ), told as (
        select *, case when duplicate_of is not null then 'duplicate'
                when %(mixed)s and kind in (94, 95, 96) then 'invalid'
                when %(mixed)s and kind = 93 then 'failed'
                when (%(mixed)s and kind >= 88) or row_number > %(looked_up)s then 'pending' else 'completed' end as status,
            case when not %(mixed)s or kind not in (94, 95, 96) then {number} end as number,
            %(now)s::timestamptz - (%(rows)s - row_number) * interval '100 milliseconds' as at
        from row
    )
    insert into contact (organization_id, contact_list_id, import_id, row_number, raw_phone_number, cells,
        formatted_phone_number, country_code, kind, repairs, other_phone_numbers, duplicate_of, status, valid, validation_error,
        line_type, carrier_name, mobile_country_code, mobile_network_code, caller_name, caller_type, line_status,
        is_number_reassigned, answers, answered_at, simulated, reason, error_code, api_cost_micros, api_response_time_ms,
        lookup_performed_at, run_id, created_at, updated_at)
    select %(organization_id)s, %(contact_list_id)s, %(import_id)s, row_number, coalesce(number, 'n/a'),
        jsonb_build_array(lpad(row_number::text, 7, '0'), 'Alex', 'Example Trading ' || row_number %% 1000 || ' LLC',
            'alex.example' || row_number || '@crm.example', coalesce(number, 'n/a'), 'United States', '2026-03-14'),
        number, case when number is null then '' else 'US' end, case when number is null then '' else 'fixed_or_mobile' end,
        '{{}}', '{{}}', duplicate_of, status, status = 'completed' or null,
        case when status = 'invalid' then 'not_a_number' else '' end,
        case when has_answer then ({line_types})[1 + row_number %% 5] else '' end,
        case when has_answer then ({carriers})[1 + row_number %% 4] || ' (simulated)' else '' end,
        case when has_answer then '001' else '' end, case when has_answer then '01' else '' end, '', '', '', '',
        '{{}}', case when has_answer then jsonb_build_object(%(package)s::text, at) else '{{}}' end, has_answer,
        case status when 'failed' then 'no_answer' else '' end, null,
        case when status = 'completed' then 8000 else 0 end, case when has_answer then 200 + row_number %% 100 end,
        case when has_answer then at end, %(run_id)s, at, at
    from (select *, status = 'completed' or (status = 'duplicate') or status = 'failed' as has_answer from told) as complete
    order by row_number
""".format(
    number=_NUMBER.format("(coalesce(duplicate_of, row_number) - 1)"), carriers=_CARRIERS, line_types=_LINE_TYPES
)

_FACETS = """
    insert into facet_count (organization_id, contact_list_id, simulated, status, country_code, line_type, carrier_name, reason,
        contacts)
    select organization_id, contact_list_id, simulated, status, country_code, line_type, carrier_name,
        case status when 'invalid' then validation_error else reason end, count(*)
    from contact where contact_list_id = %s group by 1, 2, 3, 4, 5, 6, 7, 8
"""

_RECEIPTS = """
    update lookup
    set state = 'done', attempts = 1, asked_at = %(now)s, answered_at = %(now)s, billed_micros = price_micros, due = '{}',
        valid = true, response_time_ms = 200, request_id = 'RQ' || md5(position::text),
        packages = jsonb_build_object(%(package)s::text, jsonb_build_object(
            'outcome', 'done', 'billing', 'billed', 'cost', price_micros, 'at', %(now)s::timestamptz))
    where run_id = %(run_id)s and position between %(first)s and %(last)s and state = 'pending'
"""


@dataclass(frozen=True, slots=True)
class Population:
    """A list of so many rows with a run over it, and the seconds that the run's plan took."""

    organization_id: int
    contact_list_id: int
    rows: int
    run: "Run"
    plan_seconds: float


def populate(
    bench: Context, organization_id: int, simulator: Simulator, rows: int, *, mixed: bool, to_ask: int = 0
) -> Population:
    """Make a list and a run over it, planned by the product, all but the last `to_ask` of whose lookups are answered.

    `mixed` lists have rejects, duplicates and failures; the others hold one valid number in each row.
    """
    from django.db import connection

    from bulk_lookup.models import ContactList, Import
    from bulk_lookup.models.scope import organization_scope

    with organization_scope(organization_id):
        contact_list = ContactList.objects.create(organization_id=organization_id, name=f"{rows:,} rows")
        one = Import.objects.create(
            organization_id=organization_id,
            contact_list_id=contact_list.pk,
            file_name="list.csv",
            path="list.csv",
            header=HEADER,
            state=Import.State.FINISHED,
        )
        with connection.cursor() as cursor:  # the run that is made below
            cursor.execute("select nextval(pg_get_serial_sequence('run', 'id')) + 1")
            (run_id,) = cursor.fetchone()
    terms = {
        "organization_id": organization_id,
        "contact_list_id": contact_list.pk,
        "import_id": one.pk,
        "run_id": run_id,
        "mixed": mixed,
        "rows": rows,
        "looked_up": rows - to_ask,
        "now": datetime.now(UTC),
        "package": PACKAGE,
    }
    _in_pieces(organization_id, _CONTACTS, terms, rows)
    with organization_scope(organization_id), connection.cursor() as cursor:
        cursor.execute(_FACETS, [contact_list.pk])
    bench.stage.administer("vacuum (analyze) contact", "checkpoint")
    bench.say(f"{rows:,} contacts are made")
    run = orders.draft(organization_id, contact_list.pk, simulator)
    assert run.pk == run_id
    seconds = orders.begin(run)
    bench.say(f"and planned in {seconds:.1f} s")
    _answer(run, to_ask, terms)
    bench.stage.administer("vacuum (analyze) lookup", "checkpoint")
    return Population(organization_id, contact_list.pk, rows, run, seconds)


def _answer(run: "Run", to_ask: int, terms: dict[str, Any]) -> None:
    """Pause a run just begun, and let all but its last lookups have been asked."""
    from django.db import connection

    from bulk_lookup.models import Run
    from bulk_lookup.models.scope import organization_scope

    with organization_scope(run.organization_id):
        run.refresh_from_db()
        run.pause()
        with connection.cursor() as cursor:
            cursor.execute("delete from procrastinate_jobs")
    upto = run.numbers - to_ask
    _in_pieces(run.organization_id, _RECEIPTS, terms, upto)
    with organization_scope(run.organization_id):
        Run.objects.filter(pk=run.pk).update(done=upto, spent_micros=upto * PRICE_MICROS)
        run.refresh_from_db()


def _in_pieces(organization_id: int, statement: str, terms: dict[str, Any], rows: int) -> None:
    """Run a statement over 1 … rows, range by range, each in a transaction of its own."""
    from django.db import connection

    from bulk_lookup.models.scope import organization_scope

    for first in range(1, rows + 1, AT_ONCE):
        with organization_scope(organization_id), connection.cursor() as cursor:
            cursor.execute("set local synchronous_commit = off")
            cursor.execute(statement, terms | {"first": first, "last": min(first + AT_ONCE - 1, rows)})
