-- Make the failed lookups of a run pending again: only the packages that failed, at their price in the run's quote. One whose
-- contacts were deleted has no number any more.
update lookup
set state = 'pending',
    due = array(select key from jsonb_each(lookup.packages) where value ->> 'outcome' in ('failed', 'dropped')),
    price_micros = coalesce((
        select sum((run.quote #>> array['prices', lookup.country_code, failed.key])::bigint)
        from jsonb_each(lookup.packages) as failed where failed.value ->> 'outcome' in ('failed', 'dropped')), 0),
    tries = '{}',
    ask_at = null
from run
where run.organization_id = %(organization_id)s and run.id = %(run_id)s
    and lookup.organization_id = run.organization_id and lookup.run_id = run.id and lookup.state = 'failed'
    and lookup.formatted_phone_number like '+%%'
    and exists (select from jsonb_each(lookup.packages) where value ->> 'outcome' in ('failed', 'dropped'))
