-- Jobs that have failed for good, stand in the hands of a worker without a sign of life, or wait to be tried again; the newest
-- first.
select job.id, job.task_name, job.queue_name, job.args, job.attempts, job.scheduled_at,
    case job.status when 'todo' then 'retrying' when 'doing' then 'stalled' else 'failed' end as trouble,
    (select max(at) from procrastinate_events where job_id = job.id) as at, failure.error
from procrastinate_jobs job
left join procrastinate_workers worker on worker.id = job.worker_id
left join job_failure failure on failure.job_id = job.id
where job.status = 'failed'
    or (job.status = 'doing' and coalesce(worker.last_heartbeat, '-infinity') < now() - make_interval(secs => %(dead_after)s))
    or (job.status = 'todo' and failure.job_id is not null)
order by (job.status = 'failed') desc, job.id desc
limit %(most)s
