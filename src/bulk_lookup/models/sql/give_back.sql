-- Give back the lookups that a chunk claimed and never got: the connection ended between the commit and its answer. They were not
-- sent, so they are as if they had not been claimed. The run's row is locked by the statement before this one in the transaction.
with back as (
    update lookup
    set state = 'pending', claim_id = null, attempts = attempts - 1, reserved_micros = 0
    from (
        select position, reserved_micros from lookup
        where organization_id = %(organization_id)s and run_id = %(run_id)s and position between %(first)s and %(last)s
            and state = 'asking' and claim_id = %(claim_id)s
    ) as stuck
    where lookup.organization_id = %(organization_id)s and lookup.run_id = %(run_id)s and lookup.position = stuck.position
    returning stuck.reserved_micros
)
update run set reserved_micros = run.reserved_micros - (select sum(reserved_micros) from back)
where organization_id = %(organization_id)s and id = %(run_id)s and exists (select from back)
