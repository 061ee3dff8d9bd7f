-- Release the lookups of a dead worker's claim. Nobody knows which of them were sent: the attempt stays in the receipt as unknown,
-- at its price, and the number is asked again once; after the last try the lookup has failed, and its contacts with it.
-- The run's row is locked by the statement before this one in the transaction.
with stuck as (
    select lookup.position, lookup.reserved_micros,
        coalesce((lookup.tries ->> 'unknown')::int, 0) + 1 >= %(unknown_tries)s as lost,
        (select jsonb_object_agg(package, jsonb_build_object('outcome', 'again', 'billing', 'unknown', 'reason', 'connection_lost',
            'cost', coalesce((run.quote #>> array['prices', lookup.country_code, package])::bigint, 0), 'at', lookup.asked_at))
         from unnest(lookup.due) as package) as receipts
    from lookup join run on run.organization_id = lookup.organization_id and run.id = lookup.run_id
    where lookup.organization_id = %(organization_id)s and lookup.run_id = %(run_id)s
        and lookup.position between %(first)s and %(last)s
        and lookup.state = 'asking' and lookup.claim_id = %(claim_id)s
), released as (
    update lookup
    set state = case when stuck.lost then 'failed' else 'pending' end,
        claim_id = null,
        tries = lookup.tries || jsonb_build_object('unknown', coalesce((lookup.tries ->> 'unknown')::int, 0) + 1),
        due = case when stuck.lost then '{}' else lookup.due end,
        reserved_micros = 0,
        unknown_micros = lookup.unknown_micros + stuck.reserved_micros,
        reason = case when stuck.lost then 'no_answer' else 'connection_lost' end,
        packages = lookup.packages || case when stuck.lost
            then (select coalesce(jsonb_object_agg(key, value || '{"outcome": "failed"}'), '{}') from jsonb_each(stuck.receipts))
            else coalesce(stuck.receipts, '{}') end
    from stuck
    where lookup.organization_id = %(organization_id)s and lookup.run_id = %(run_id)s and lookup.position = stuck.position
        and lookup.state = 'asking' and lookup.claim_id = %(claim_id)s
    returning lookup.position, lookup.formatted_phone_number as number, lookup.asked_at, lookup.state,
        lookup.billed_micros + lookup.unknown_micros as cost_micros, stuck.reserved_micros, stuck.receipts
), old_contact as (
    -- With all that the update needs: a join of two CTEs becomes a loop of all rows with all.
    select contact.id, contact.status as old_status, contact.simulated as old_simulated, contact.country_code as old_country_code,
        contact.line_type as old_line_type, contact.carrier_name as old_carrier_name, contact.reason as old_reason,
        released.state, released.cost_micros
    from released join contact on contact.organization_id = %(organization_id)s
        and contact.formatted_phone_number = released.number and contact.contact_list_id = %(contact_list_id)s
    order by contact.id
    for update of contact
), new_contact as (
    update contact
    set status = case when contact.status <> 'duplicate' and attempt.state = 'failed' then 'failed' else contact.status end,
        reason = case when attempt.state = 'failed' then 'no_answer' else 'connection_lost' end,
        error_code = null,
        -- As when an answer is stored: what a simulator said does not stand beside a real attempt, nor the other way round.
        simulated = %(simulated)s,
        valid = case when contact.simulated = %(simulated)s then contact.valid end,
        line_type = case when contact.simulated = %(simulated)s then contact.line_type else '' end,
        carrier_name = case when contact.simulated = %(simulated)s then contact.carrier_name else '' end,
        mobile_country_code = case when contact.simulated = %(simulated)s then contact.mobile_country_code else '' end,
        mobile_network_code = case when contact.simulated = %(simulated)s then contact.mobile_network_code else '' end,
        caller_name = case when contact.simulated = %(simulated)s then contact.caller_name else '' end,
        caller_type = case when contact.simulated = %(simulated)s then contact.caller_type else '' end,
        line_status = case when contact.simulated = %(simulated)s then contact.line_status else '' end,
        is_number_reassigned = case when contact.simulated = %(simulated)s then contact.is_number_reassigned else '' end,
        answers = case when contact.simulated = %(simulated)s then contact.answers else '{}' end,
        answered_at = case when contact.simulated = %(simulated)s then contact.answered_at else '{}' end,
        api_cost_micros = case when contact.status = 'duplicate' then 0 else attempt.cost_micros end,
        lookup_performed_at = case when attempt.state = 'failed' then clock_timestamp() else contact.lookup_performed_at end,
        run_id = %(run_id)s,
        updated_at = clock_timestamp()
    from old_contact as attempt
    where contact.id = attempt.id
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
), statistic as (
    insert into quarter_hour_stat as stat (organization_id, quarter, simulated, package, currency, asked, completed, failed, unknown,
        billed_micros, unknown_micros, latency)
    select %(organization_id)s, date_bin('15 minutes', asked_at, 'epoch'::timestamptz), %(simulated)s, package, %(currency)s,
        count(*), 0, count(*) filter (where state = 'failed'), count(*), 0, sum(cost),
        array_fill(0::bigint, array[%(latency_buckets)s])
    from (
        select asked_at, '' as package, state, 0 as cost from released
        union all
        select released.asked_at, entry.key, released.state, (entry.value ->> 'cost')::bigint
        from released, jsonb_each(released.receipts) as entry
    ) as event
    group by 2, 4
    order by 2, 4
    on conflict (organization_id, quarter, simulated, package, currency) do update set
        asked = stat.asked + excluded.asked, failed = stat.failed + excluded.failed, unknown = stat.unknown + excluded.unknown,
        unknown_micros = stat.unknown_micros + excluded.unknown_micros
), freed as (
    delete from claim where organization_id = %(organization_id)s and id = %(claim_id)s
), sums as (
    select count(*) as released, count(*) filter (where state = 'failed') as failed, coalesce(sum(reserved_micros), 0) as reserved
    from released
)
update run
set failed = run.failed + sums.failed, spent_micros = run.spent_micros + sums.reserved,
    unknown_micros = run.unknown_micros + sums.reserved, reserved_micros = run.reserved_micros - sums.reserved,
    updated_at = clock_timestamp()
from sums
where run.organization_id = %(organization_id)s and run.id = %(run_id)s
returning run.state, sums.released
