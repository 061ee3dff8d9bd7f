-- When the earliest lookup of a range must be asked again; null where all are settled or in other hands, or the run stands.
select min(greatest(coalesce(lookup.ask_at, clock_timestamp()), clock_timestamp()))
from lookup
where lookup.organization_id = %(organization_id)s and lookup.run_id = %(run_id)s
    and lookup.position between %(first)s and %(last)s and lookup.state = 'pending'
    and (select state from run where organization_id = %(organization_id)s and id = %(run_id)s) = 'running'
