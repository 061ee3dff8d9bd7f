-- Mark contacts as pending, so that the next run asks for them again; what is known of them stays. Rejects and duplicates are
-- left alone: nothing is ever asked for these.
with old as (
    select id, contact_list_id, simulated, status, country_code, line_type, carrier_name, reason from contact
    where organization_id = %(organization_id)s and id = any(%(ids)s) and status in ('completed', 'failed')
    order by id
    for update
), changed as (
    update contact set status = 'pending', reason = '', error_code = null, updated_at = clock_timestamp()
    from old where contact.id = old.id
    returning old.*
), facet as (
    insert into facet_count (organization_id, contact_list_id, simulated, status, country_code, line_type, carrier_name, reason, contacts)
    select %(organization_id)s, contact_list_id, simulated, status, country_code, line_type, carrier_name, reason, sum(change)
    from (
        select contact_list_id, simulated, status, country_code, line_type, carrier_name, reason, -1 as change from changed
        union all
        select contact_list_id, simulated, 'pending', country_code, line_type, carrier_name, '', 1 from changed
    ) as changes
    group by 1, 2, 3, 4, 5, 6, 7, 8
    order by 1, 2, 3, 4, 5, 6, 7, 8
    on conflict (organization_id, contact_list_id, simulated, status, country_code, line_type, carrier_name, reason)
        do update set contacts = facet_count.contacts + excluded.contacts
)
select count(*) from changed
