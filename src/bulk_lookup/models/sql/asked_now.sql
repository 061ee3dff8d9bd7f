-- The lookups in flight, each with the list whose contacts its answer is for. The living claims are few and lead to their ranges
-- by the primary key: no index names the state of a lookup. `offset 0` keeps it so: the planner knows of no lookup that is being
-- asked, takes a whole reading of the table for cheap and turns the order around.
select lookup.organization_id, lookup.run_id, lookup.position, run.contact_list_id, lookup.formatted_phone_number
from claim
join run on run.organization_id = claim.organization_id and run.id = claim.run_id
cross join lateral (
    select * from lookup
    where lookup.organization_id = claim.organization_id and lookup.run_id = claim.run_id
        and lookup.position between claim.first and claim.last and lookup.claim_id = claim.id and lookup.state = 'asking'
    offset 0
) as lookup
