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
    select contact.id, settled.position, contact.status, contact.simulated, contact.country_code, contact.line_type,
        contact.carrier_name, contact.reason
    from settled join contact on contact.organization_id = %(organization_id)s
        and contact.formatted_phone_number = settled.number and contact.contact_list_id = %(contact_list_id)s
    order by contact.id
    for update of contact
), new_contact as (
    update contact
    set status = case when contact.status <> 'duplicate' and settled.state = 'reused' then 'completed' else contact.status end,
        valid = coalesce(settled.valid, contact.valid),
        validation_error = case when settled.state = 'skipped' then contact.validation_error
            else coalesce(settled.validation_errors[1], '') end,
        line_type = case when settled.line is not null or packages ? 'line_type_intelligence' then coalesce(settled.line ->> 'type', '')
            when contact.simulated = %(simulated)s then contact.line_type else '' end,
        carrier_name = case when packages ? 'line_type_intelligence' then coalesce(settled.line ->> 'carrier_name', '')
            when contact.simulated = %(simulated)s then contact.carrier_name else '' end,
        mobile_country_code = case when packages ? 'line_type_intelligence' then coalesce(settled.line ->> 'mobile_country_code', '')
            when contact.simulated = %(simulated)s then contact.mobile_country_code else '' end,
        mobile_network_code = case when packages ? 'line_type_intelligence' then coalesce(settled.line ->> 'mobile_network_code', '')
            when contact.simulated = %(simulated)s then contact.mobile_network_code else '' end,
        caller_name = case when packages ? 'caller_name' then coalesce(settled.caller ->> 'caller_name', '')
            when contact.simulated = %(simulated)s then contact.caller_name else '' end,
        caller_type = case when packages ? 'caller_name' then coalesce(settled.caller ->> 'caller_type', '')
            when contact.simulated = %(simulated)s then contact.caller_type else '' end,
        line_status = case when packages ? 'line_status' then coalesce(settled.status_of_line ->> 'status', '')
            when contact.simulated = %(simulated)s then contact.line_status else '' end,
        is_number_reassigned = case when packages ? 'reassigned_number' then coalesce(settled.reassigned ->> 'is_number_reassigned', '')
            when contact.simulated = %(simulated)s then contact.is_number_reassigned else '' end,
        answers = case when contact.simulated = %(simulated)s then contact.answers else '{}' end,
        answered_at = case when contact.simulated = %(simulated)s then contact.answered_at else '{}' end || coalesce(settled.ages, '{}'),
        simulated = case when settled.state = 'skipped' and contact.lookup_performed_at is null then contact.simulated else %(simulated)s end,
        reason = settled.reason,
        error_code = null,
        api_cost_micros = 0,
        api_response_time_ms = null,
        lookup_performed_at = case when settled.state = 'skipped' then contact.lookup_performed_at
            else coalesce(settled.performed_at, contact.lookup_performed_at) end,
        run_id = %(run_id)s,
        updated_at = clock_timestamp()
    from old_contact join settled using (position)
    where contact.id = old_contact.id
    returning contact.status, contact.simulated, contact.country_code, contact.line_type, contact.carrier_name, contact.reason
)
insert into facet_count (organization_id, contact_list_id, simulated, status, country_code, line_type, carrier_name, reason, contacts)
select %(organization_id)s, %(contact_list_id)s, simulated, status, country_code, line_type, carrier_name, reason, sum(change)
from (
    select simulated, status, country_code, line_type, carrier_name, reason, -1 as change from old_contact
    union all
    select simulated, status, country_code, line_type, carrier_name, reason, 1 from new_contact
) as changes
group by simulated, status, country_code, line_type, carrier_name, reason
having sum(change) <> 0
order by simulated, status, country_code, line_type, carrier_name, reason
on conflict (organization_id, contact_list_id, simulated, status, country_code, line_type, carrier_name, reason)
    do update set contacts = facet_count.contacts + excluded.contacts
