-- Copy what a plan reuses, and what it skips, to the contacts of a range of positions; the facet rollup follows.
with settled as (
    select position, formatted_phone_number as number, state, packages, valid, validation_errors, reason,
        packages #> '{line_type_intelligence,answer}' as line, packages #> '{caller_name,answer}' as caller,
        packages #> '{line_status,answer}' as status_of_line, packages #> '{reassigned_number,answer}' as reassigned,
        (select jsonb_object_agg(key, value -> 'at') from jsonb_each(packages)) as ages,
        (select max((value ->> 'at')::timestamptz) from jsonb_each(packages)) as performed_at
    from lookup
    where organization_id = %(organization_id)s and run_id = %(run_id)s and position between %(first)s and %(last)s
        and (state = 'skipped' or packages <> '{}')
), old_contact as (
    -- With all that the update needs: a join of two CTEs becomes a loop of all rows with all.
    select contact.id, contact.status as old_status, contact.simulated as old_simulated, contact.country_code as old_country_code,
        contact.line_type as old_line_type, contact.carrier_name as old_carrier_name, contact.reason as old_reason, settled.*
    from settled join contact on contact.organization_id = %(organization_id)s
        and contact.formatted_phone_number = settled.number and contact.contact_list_id = %(contact_list_id)s
    order by contact.id
    for update of contact
), new_contact as (
    update contact
    set status = case when contact.status <> 'duplicate' and answer.state = 'reused' then 'completed' else contact.status end,
        valid = coalesce(answer.valid, contact.valid),
        validation_error = case when answer.state = 'skipped' then contact.validation_error
            else coalesce(answer.validation_errors[1], '') end,
        line_type = case when answer.line is not null or answer.packages ? 'line_type_intelligence' then coalesce(answer.line ->> 'type', '')
            when contact.simulated = %(simulated)s then contact.line_type else '' end,
        carrier_name = case when answer.packages ? 'line_type_intelligence' then coalesce(answer.line ->> 'carrier_name', '')
            when contact.simulated = %(simulated)s then contact.carrier_name else '' end,
        mobile_country_code = case when answer.packages ? 'line_type_intelligence' then coalesce(answer.line ->> 'mobile_country_code', '')
            when contact.simulated = %(simulated)s then contact.mobile_country_code else '' end,
        mobile_network_code = case when answer.packages ? 'line_type_intelligence' then coalesce(answer.line ->> 'mobile_network_code', '')
            when contact.simulated = %(simulated)s then contact.mobile_network_code else '' end,
        caller_name = case when answer.packages ? 'caller_name' then coalesce(answer.caller ->> 'caller_name', '')
            when contact.simulated = %(simulated)s then contact.caller_name else '' end,
        caller_type = case when answer.packages ? 'caller_name' then coalesce(answer.caller ->> 'caller_type', '')
            when contact.simulated = %(simulated)s then contact.caller_type else '' end,
        line_status = case when answer.packages ? 'line_status' then coalesce(answer.status_of_line ->> 'status', '')
            when contact.simulated = %(simulated)s then contact.line_status else '' end,
        is_number_reassigned = case when answer.packages ? 'reassigned_number' then coalesce(answer.reassigned ->> 'is_number_reassigned', '')
            when contact.simulated = %(simulated)s then contact.is_number_reassigned else '' end,
        answers = case when contact.simulated = %(simulated)s then contact.answers else '{}' end,
        answered_at = case when contact.simulated = %(simulated)s then contact.answered_at else '{}' end || coalesce(answer.ages, '{}'),
        simulated = case when answer.state = 'skipped' and contact.lookup_performed_at is null then contact.simulated else %(simulated)s end,
        reason = answer.reason,
        error_code = null,
        api_cost_micros = 0,
        api_response_time_ms = null,
        lookup_performed_at = case when answer.state = 'skipped' then contact.lookup_performed_at
            else coalesce(answer.performed_at, contact.lookup_performed_at) end,
        run_id = %(run_id)s,
        updated_at = clock_timestamp()
    from old_contact as answer
    where contact.id = answer.id
    returning contact.status, contact.simulated, contact.country_code, contact.line_type, contact.carrier_name, contact.reason
)
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
