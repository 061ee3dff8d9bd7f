-- How much waits in each queue and for how long, and what is being done; the last status is read from the events, whose index
-- begins with the job. Only jobs that are not over are looked at: their number is small.
select queue_name,
    count(*) filter (where status = 'todo' and coalesce(scheduled_at, now()) <= now()) as waiting,
    count(*) filter (where status = 'todo' and scheduled_at > now()) as later,
    count(*) filter (where status = 'doing') as doing,
    extract(epoch from now() - min(greatest(scheduled_at, since.at))
        filter (where status = 'todo' and coalesce(scheduled_at, now()) <= now()))::float8 as oldest_wait
from procrastinate_jobs
left join lateral (
    select max(at) as at from procrastinate_events
    where job_id = procrastinate_jobs.id and type in ('deferred', 'deferred_for_retry')
) since on true
where status in ('todo', 'doing')
group by queue_name
