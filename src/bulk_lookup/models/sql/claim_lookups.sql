-- Claim the next pending lookups inside a chunk's range and reserve their price, in one statement.
-- The run's row is locked first (the one lock order: run, lookup, contact, rollups), so claims of one run queue up behind each
-- other and the cap holds with any number of workers. One row comes back: the run's state, what is left of its cap (null: no
-- cap), how many pending rows were seen, for how many of these the money does not reach (`beyond`), and what was `taken`, as one
-- JSON array, which a worker reads in a third of the time that as many rows take. The rest of those that were not taken are
-- another chunk's by now: they were seen before the run's row was ours.
with budget as (
    select state, cap_micros - spent_micros - reserved_micros as free_micros, reserved_micros
    from run
    where organization_id = %(organization_id)s and id = %(run_id)s
    for update
), candidate as (
    select lookup.position, lookup.price_micros
    from budget, lookup
    where budget.state = 'running'
        and lookup.organization_id = %(organization_id)s and lookup.run_id = %(run_id)s
        and lookup.position between %(first)s and %(last)s
        and lookup.state = 'pending' and (lookup.ask_at is null or lookup.ask_at <= clock_timestamp())
    order by lookup.position
    limit %(want)s
), affordable as (
    select position, sum(price_micros) over (order by position) as total_micros from candidate
), taken as (
    update lookup
    set state = 'asking',
        claim_id = %(claim_id)s,
        attempts = attempts + 1,
        asked_at = clock_timestamp(),
        ask_at = null,
        reserved_micros = price_micros,
        -- An earlier attempt is kept whole before its columns are written over. Pending with a reason = tried before.
        earlier_attempts = case when reason = '' then earlier_attempts else earlier_attempts || jsonb_build_object(
            'asked_at', asked_at, 'request_id', request_id, 'reason', reason, 'error_code', error_code,
            'response_time_ms', response_time_ms,
            'packages', (select jsonb_object_agg(key, value) from jsonb_each(packages) where key = any(due))) end,
        packages = case when reason = '' then packages else packages - due end,
        reason = '', error_code = null, request_id = '', response_time_ms = null
    from affordable, budget
    where lookup.organization_id = %(organization_id)s and lookup.run_id = %(run_id)s
        and lookup.position = affordable.position and lookup.state = 'pending'
        and (budget.free_micros is null or affordable.total_micros <= budget.free_micros)
    returning lookup.position, lookup.formatted_phone_number, lookup.country_code, lookup.last_verified_date, lookup.due,
        lookup.attempts, lookup.tries, lookup.packages, lookup.reserved_micros
), held as (
    update run set reserved_micros = run.reserved_micros + (select sum(taken.reserved_micros) from taken)
    where organization_id = %(organization_id)s and id = %(run_id)s and exists (select from taken where taken.reserved_micros > 0)
)
select budget.state, budget.free_micros, budget.reserved_micros as held_micros, (select count(*) from candidate) as seen,
    (select count(*) from affordable, budget where affordable.total_micros > budget.free_micros) as beyond,
    (select coalesce(json_agg(taken order by position), '[]') from taken)::text as taken
from budget
