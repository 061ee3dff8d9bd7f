-- Where a run that goes on must begin: its first lookup that is still to be asked (the primary key is read in order).
select min(position) from (
    select position from lookup
    where organization_id = %(organization_id)s and run_id = %(run_id)s and position >= %(start)s and state = 'pending'
    order by position
    limit 1
) as first
