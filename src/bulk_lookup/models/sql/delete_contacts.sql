-- Delete contacts and take them out of the kept counts. Receipts and statistics stay: what was paid was paid.
with old as (
    select id from contact where organization_id = %(organization_id)s and id = any(%(ids)s) order by id for update
), gone as (
    delete from contact using old where contact.id = old.id
    returning contact.contact_list_id, simulated, status, country_code, line_type, carrier_name,
        case when status = 'invalid' then validation_error else reason end as reason
), facet as (
    insert into facet_count (organization_id, contact_list_id, simulated, status, country_code, line_type, carrier_name, reason, contacts)
    select %(organization_id)s, contact_list_id, simulated, status, country_code, line_type, carrier_name, reason, -count(*)
    from gone
    group by 1, 2, 3, 4, 5, 6, 7, 8
    order by 1, 2, 3, 4, 5, 6, 7, 8
    on conflict (organization_id, contact_list_id, simulated, status, country_code, line_type, carrier_name, reason)
        do update set contacts = facet_count.contacts + excluded.contacts
)
select count(*) from gone
