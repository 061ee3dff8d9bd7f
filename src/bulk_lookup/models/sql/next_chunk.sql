-- Hand out the next range of positions of a running run; no row when all have been handed out.
update run
set next_position = least(run.next_position + %(size)s, run.numbers + 1)
from (select id, next_position as first from run where organization_id = %(organization_id)s and id = %(run_id)s for update) as before
where run.organization_id = %(organization_id)s and run.id = before.id
    and run.state = 'running' and before.first <= run.numbers
returning before.first, run.next_position - 1 as last
