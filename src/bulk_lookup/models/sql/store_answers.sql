-- Store a batch of answers of one run: receipts, contacts, counters and rollups, in one statement and one lock order.
-- Only lookups that still carry the claim under which they were asked are written (a worker that was taken for dead writes
-- nothing). Money, counters and contacts follow from the rows that were written, never from the batch itself.
-- The run's row is locked by the statement before this one in the transaction.
with batch as materialized (
    select * from json_to_recordset(%(batch)s::json) as answer(
        position bigint, claim_id bigint, state text, attempts int, tries jsonb, due text[], price_micros bigint,
        ask_at timestamptz, answered_at timestamptz, packages jsonb, billed_micros bigint, unknown_micros bigint,
        valid boolean, validation_errors text[], reason text, error_code int, response_time_ms int, request_id text,
        reserved_micros bigint, shown boolean,
        line_type text, carrier_name text, mobile_country_code text, mobile_network_code text, caller_name text,
        caller_type text, line_status text, is_number_reassigned text, answers jsonb, ages jsonb)
), settled as (
    update lookup
    set state = batch.state,
        claim_id = null,
        attempts = lookup.attempts + batch.attempts,
        tries = coalesce(batch.tries, lookup.tries),
        due = batch.due,
        price_micros = batch.price_micros,
        reserved_micros = 0,
        ask_at = batch.ask_at,
        answered_at = coalesce(batch.answered_at, lookup.answered_at),
        packages = lookup.packages || batch.packages,
        billed_micros = lookup.billed_micros + batch.billed_micros,
        unknown_micros = lookup.unknown_micros + batch.unknown_micros,
        valid = coalesce(batch.valid, lookup.valid),
        validation_errors = coalesce(batch.validation_errors, lookup.validation_errors),
        reason = batch.reason,
        error_code = batch.error_code,
        response_time_ms = batch.response_time_ms,
        request_id = batch.request_id
    from batch
    where lookup.organization_id = %(organization_id)s and lookup.run_id = %(run_id)s
        and lookup.position = batch.position and lookup.state = 'asking' and lookup.claim_id = batch.claim_id
    returning batch.*, lookup.formatted_phone_number as number, lookup.asked_at,
        lookup.billed_micros + lookup.unknown_micros as cost_micros, lookup.valid as is_valid,
        lookup.validation_errors as errors
), old_contact as (
    -- With all that the update needs: nothing is known of how many rows a CTE has, so that a join of two becomes a loop of a
    -- thousand times a thousand (1.5 s a batch).
    select contact.id, contact.status as old_status, contact.simulated as old_simulated, contact.country_code as old_country_code,
        contact.line_type as old_line_type, contact.carrier_name as old_carrier_name, contact.reason as old_reason, settled.*
    from settled join contact on contact.organization_id = %(organization_id)s
        and contact.formatted_phone_number = settled.number and contact.contact_list_id = %(contact_list_id)s
    where settled.shown
    order by contact.id
    for update of contact
), new_contact as (
    update contact
    set status = case when contact.status = 'duplicate' then 'duplicate'
            when answer.state in ('done', 'reused') then 'completed' when answer.state = 'failed' then 'failed'
            else contact.status end,
        valid = coalesce(answer.is_valid, case when contact.simulated = %(simulated)s then contact.valid end),
        validation_error = case when answer.is_valid is null then contact.validation_error else coalesce(answer.errors[1], '') end,
        line_type = coalesce(answer.line_type, case when contact.simulated = %(simulated)s then contact.line_type else '' end),
        carrier_name = coalesce(answer.carrier_name, case when contact.simulated = %(simulated)s then contact.carrier_name else '' end),
        mobile_country_code = coalesce(answer.mobile_country_code, case when contact.simulated = %(simulated)s then contact.mobile_country_code else '' end),
        mobile_network_code = coalesce(answer.mobile_network_code, case when contact.simulated = %(simulated)s then contact.mobile_network_code else '' end),
        caller_name = coalesce(answer.caller_name, case when contact.simulated = %(simulated)s then contact.caller_name else '' end),
        caller_type = coalesce(answer.caller_type, case when contact.simulated = %(simulated)s then contact.caller_type else '' end),
        line_status = coalesce(answer.line_status, case when contact.simulated = %(simulated)s then contact.line_status else '' end),
        is_number_reassigned = coalesce(answer.is_number_reassigned, case when contact.simulated = %(simulated)s then contact.is_number_reassigned else '' end),
        answers = case when contact.simulated = %(simulated)s then contact.answers || answer.answers else answer.answers end,
        answered_at = case when contact.simulated = %(simulated)s then contact.answered_at || answer.ages else answer.ages end,
        simulated = %(simulated)s,
        reason = answer.reason,
        error_code = answer.error_code,
        api_cost_micros = case when contact.status = 'duplicate' then 0 else answer.cost_micros end,
        api_response_time_ms = answer.response_time_ms,
        lookup_performed_at = case when answer.answered_at is null and answer.state in ('pending', 'skipped')
            then contact.lookup_performed_at
            when answer.state = 'reused' then coalesce(contact.lookup_performed_at, clock_timestamp())
            else coalesce(answer.answered_at, clock_timestamp()) end,
        run_id = %(run_id)s,
        updated_at = clock_timestamp()
    from old_contact as answer
    where contact.id = answer.id
    returning contact.status, contact.simulated, contact.country_code, contact.line_type, contact.carrier_name, contact.reason
), facet as (
    insert into facet_count (organization_id, contact_list_id, simulated, status, country_code, line_type, carrier_name, reason, contacts)
    select %(organization_id)s, %(contact_list_id)s, simulated, status, country_code, line_type, carrier_name, reason, sum(change)
    from (
        select old_simulated as simulated, old_status as status, old_country_code as country_code, old_line_type as line_type,
            old_carrier_name as carrier_name, old_reason as reason, -1 as change
        from old_contact
        union all
        select simulated, status, country_code, line_type, carrier_name, reason, 1 from new_contact
    ) as changes
    group by simulated, status, country_code, line_type, carrier_name, reason
    having sum(change) <> 0
    order by simulated, status, country_code, line_type, carrier_name, reason
    on conflict (organization_id, contact_list_id, simulated, status, country_code, line_type, carrier_name, reason)
        do update set contacts = facet_count.contacts + excluded.contacts
), sums as (
    select count(*) filter (where state = 'done') as done, count(*) filter (where state = 'failed') as failed,
        count(*) filter (where state = 'skipped') as skipped, count(*) filter (where state = 'reused') as reused,
        coalesce(sum(billed_micros + unknown_micros), 0) as spent, coalesce(sum(unknown_micros), 0) as unknown,
        coalesce(sum(reserved_micros), 0) as reserved, count(*) as stored
    from settled
), statistic as (
    insert into quarter_hour_stat as stat (organization_id, quarter, simulated, package, currency, asked, completed, failed, unknown,
        billed_micros, unknown_micros, latency)
    select %(organization_id)s, date_bin('15 minutes', asked_at, 'epoch'::timestamptz), %(simulated)s, package, %(currency)s,
        count(*) filter (where was_asked), count(*) filter (where completed), count(*) filter (where failed),
        count(*) filter (where unknown),
        coalesce(sum(billed), 0), coalesce(sum(unknown_bill), 0),
        array(select count(*) filter (where width_bucket(ms, %(latency_buckets)s::int[]) = bucket)
              from unnest(array_agg(response_time_ms)) as ms, generate_series(0, cardinality(%(latency_buckets)s::int[])) as bucket
              group by bucket order by bucket)
    from (
        -- The lookups themselves, but for those that only wait (attempts = -1: it does not count).
        select asked_at, '' as package, attempts = 0 as was_asked, state = 'done' as completed, state = 'failed' as failed,
            unknown_micros > 0 as unknown, null::bigint as billed, null::bigint as unknown_bill, response_time_ms
        from settled where attempts = 0 or state in ('done', 'failed')
        union all
        select asked_at, entry.key, true, entry.value ->> 'outcome' = 'done', entry.value ->> 'outcome' = 'failed',
            entry.value ->> 'billing' = 'unknown',
            case when entry.value ->> 'billing' = 'billed' then (entry.value ->> 'cost')::bigint end,
            case when entry.value ->> 'billing' = 'unknown' then (entry.value ->> 'cost')::bigint end, null
        from settled, jsonb_each(settled.packages) as entry
        where entry.value ->> 'outcome' <> 'skipped'
    ) as event
    group by 2, 4
    order by 2, 4
    on conflict (organization_id, quarter, simulated, package, currency) do update set
        asked = stat.asked + excluded.asked, completed = stat.completed + excluded.completed, failed = stat.failed + excluded.failed,
        unknown = stat.unknown + excluded.unknown, billed_micros = stat.billed_micros + excluded.billed_micros,
        unknown_micros = stat.unknown_micros + excluded.unknown_micros,
        latency = array(select a + b from unnest(stat.latency, excluded.latency) as pair(a, b))
)
update run
set done = run.done + sums.done, failed = run.failed + sums.failed, skipped = run.skipped + sums.skipped,
    reused = run.reused + sums.reused, spent_micros = run.spent_micros + sums.spent,
    unknown_micros = run.unknown_micros + sums.unknown, reserved_micros = run.reserved_micros - sums.reserved,
    updated_at = clock_timestamp()
from sums
where run.organization_id = %(organization_id)s and run.id = %(run_id)s
returning run.state, run.numbers - run.done - run.failed - run.skipped - run.reused as pending, sums.stored
