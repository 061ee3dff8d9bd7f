-- Behind due_lookups: write the lookups of a run, numbered by position in the order of the rows.
insert into lookup (organization_id, run_id, position, formatted_phone_number, country_code, last_verified_date, simulated, due,
    price_micros, state, attempts, tries, reserved_micros, packages, earlier_attempts, billed_micros, unknown_micros, valid,
    validation_errors, reason, request_id, answered_at)
select %(organization_id)s, %(run_id)s, row_number() over (order by row_number), formatted_phone_number, country_code,
    last_verified_date, %(simulated)s, due, price_micros,
    case when cardinality(due) > 0 then 'pending' when receipts is not null then 'reused' else 'skipped' end,
    0, '{}', 0, coalesce(receipts, '{}'), '[]', 0, 0, valid,
    array(select jsonb_array_elements_text(coalesce(validation_errors, '[]'))),
    case when cardinality(due) = 0 and receipts is null then 'not_covered' else '' end, '', null
from planned
