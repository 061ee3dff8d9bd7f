-- The sums of a fresh plan.
select count(*) as numbers, count(*) filter (where state = 'skipped') as skipped, count(*) filter (where state = 'reused') as reused,
    coalesce(sum(price_micros) filter (where state = 'pending'), 0)::bigint as cost_micros,
    count(*) filter (where packages <> '{}') as with_reuse
from lookup
where organization_id = %(organization_id)s and run_id = %(run_id)s
