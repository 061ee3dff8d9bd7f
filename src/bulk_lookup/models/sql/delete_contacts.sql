-- Delete contacts and take them out of the kept counts. Receipts and statistics stay: what was paid was paid. A receipt whose
-- number stands in no contact any more loses the number and what was answered about it, and keeps its place, money and times;
-- one that is still to be asked is left until it has been. Whoever calls lets the planner have the index by number only.
with old as (
    select id from contact where organization_id = %(organization_id)s and id = any(%(ids)s) order by id for update
), gone as (
    delete from contact using old where contact.id = old.id
    returning contact.contact_list_id, contact.formatted_phone_number, simulated, status, country_code, line_type, carrier_name,
        case when status = 'invalid' then validation_error else reason end as reason
), orphan as (
    select distinct gone.formatted_phone_number from gone
    where gone.formatted_phone_number is not null and not exists (
        -- This statement still sees what it deletes.
        select from contact as other
        where other.organization_id = %(organization_id)s and other.formatted_phone_number = gone.formatted_phone_number
            and other.id <> all(%(ids)s))
), nameless as (
    update lookup
    set formatted_phone_number = '#' || lookup.position, validation_errors = '{}',
        packages = (select coalesce(jsonb_object_agg(key, value - 'answer'), '{}') from jsonb_each(lookup.packages))
    from orphan
    where lookup.organization_id = %(organization_id)s and lookup.formatted_phone_number = orphan.formatted_phone_number
        and lookup.state not in ('pending', 'asking')
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
