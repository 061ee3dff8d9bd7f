-- What reopen_failed.sql would make pending again, and what that may cost at the prices in the run's quote.
select count(*), coalesce(sum(failed.price), 0)
from run
join lookup on lookup.organization_id = run.organization_id and lookup.run_id = run.id and lookup.state = 'failed'
    and lookup.formatted_phone_number like '+%%'
cross join lateral (
    select count(*) as packages, sum((run.quote #>> array['prices', lookup.country_code, key])::bigint) as price
    from jsonb_each(lookup.packages) where value ->> 'outcome' in ('failed', 'dropped')
) as failed
where run.organization_id = %(organization_id)s and run.id = %(run_id)s and failed.packages > 0
