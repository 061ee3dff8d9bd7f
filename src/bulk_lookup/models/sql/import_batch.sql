-- Move the staged rows into contact, with duplicates marked, and count them in the import and in the facet rollup.
-- The rows of the import and of its list are locked by the statement before this one in the transaction; that it is another
-- statement matters: this one's snapshot must show what an import before it in the queue for the lock has stored.
with known as materialized (
    select staged.formatted_phone_number, earlier.first_row
    from import_row as staged cross join lateral (
        -- Any contact with the number says which was the first, itself or by duplicate_of: one probe of contact_number,
        -- also for a switchboard's number that stands in a million rows. An equality written as two bounds, and the order:
        -- no other index can give it without sorting, which is switched off for this statement (engine/import_batch.py).
        select coalesce(contact.duplicate_of, contact.row_number) as first_row
        from contact
        where contact.organization_id = %(organization_id)s and contact.formatted_phone_number is not null
            and (contact.formatted_phone_number, contact.contact_list_id)
                >= (staged.formatted_phone_number, %(contact_list_id)s::bigint)
            and (contact.formatted_phone_number, contact.contact_list_id)
                <= (staged.formatted_phone_number, %(contact_list_id)s::bigint)
        order by contact.formatted_phone_number, contact.contact_list_id
        limit 1
    ) as earlier
    where staged.formatted_phone_number is not null and staged.first_in_batch is null
), stored as (
    insert into contact (
        organization_id, contact_list_id, import_id, row_number, raw_phone_number, cells, formatted_phone_number, country_code,
        kind, repairs, other_phone_numbers, duplicate_of, last_verified_date, search_1, search_2, search_3, status, validation_error,
        line_type, carrier_name, mobile_country_code, mobile_network_code, caller_name, caller_type, line_status,
        is_number_reassigned, answers, answered_at, simulated, reason, api_cost_micros, created_at, updated_at
    )
    select %(organization_id)s, %(contact_list_id)s, %(import_id)s, row_number, raw_phone_number, cells, formatted_phone_number,
        country_code, kind, repairs, other_phone_numbers, coalesce(known.first_row, first_in_batch), last_verified_date,
        nullif(lower(left(cells ->> %(search_1)s, 80)), ''), nullif(lower(left(cells ->> %(search_2)s, 80)), ''),
        nullif(lower(left(cells ->> %(search_3)s, 80)), ''),
        case when reason <> '' then 'invalid' when coalesce(known.first_row, first_in_batch) is null then 'pending'
            else 'duplicate' end, reason,
        '', '', '', '', '', '', '', '', '{}', '{}', false, '', 0, now(), now()
    from import_row left join known using (formatted_phone_number)
    returning status, country_code, validation_error
), facet as materialized (
    select status, country_code, validation_error, count(*) as contacts from stored group by status, country_code, validation_error
), counted as (
    insert into facet_count (organization_id, contact_list_id, simulated, status, country_code, line_type, carrier_name, reason, contacts)
    select %(organization_id)s, %(contact_list_id)s, false, status, country_code, '', '', validation_error, contacts
    from facet
    order by status, country_code, validation_error -- two writers take the rows in the same order
    on conflict (organization_id, contact_list_id, simulated, status, country_code, line_type, carrier_name, reason)
        do update set contacts = facet_count.contacts + excluded.contacts
), sums as (
    select coalesce(sum(contacts), 0) as rows, coalesce(sum(contacts) filter (where status = 'pending'), 0) as valid,
        coalesce(sum(contacts) filter (where status = 'invalid'), 0) as invalid,
        coalesce(sum(contacts) filter (where status = 'duplicate'), 0) as duplicates
    from facet
)
update import
set rows = import.rows + sums.rows, valid = import.valid + sums.valid, invalid = import.invalid + sums.invalid,
    duplicates = import.duplicates + sums.duplicates, last_row = %(last_row)s, bytes_read = %(bytes_read)s,
    reasons = %(reasons)s, row_problems = %(row_problems)s, header = %(header)s
from sums
where import.organization_id = %(organization_id)s and import.id = %(import_id)s
returning import.rows
