-- What a run over a list would ask for: each valid number once, with the packages that are still due and their price, and the
-- receipts of answers that are fresh enough to be used again. The quote sums it up, the plan inserts it.
-- Reuse is looked for only where there can be any (`reusable`): for a first run the lateral join costs nothing.
with offer as materialized (
    select * from json_to_recordset(%(offers)s::json)
        as offer(country_code text, package text, rank int, price_micros bigint, fresh_after timestamptz, needs_date boolean)
), bundle as materialized (
    select country_code, has_date, array_agg(package order by rank) as due, sum(coalesce(price_micros, 0))::bigint as price_micros
    from offer, (values (true), (false)) as date(has_date)
    where has_date or not needs_date
    group by country_code, has_date
), number as (
    select contact.row_number, contact.formatted_phone_number, contact.country_code, contact.last_verified_date,
        bundle.due, bundle.price_micros, found.receipts, found.valid, found.validation_errors, found.answered_at,
        found.saved_micros
    from contact
    left join bundle on bundle.country_code = contact.country_code
        and bundle.has_date = (contact.last_verified_date is not null)
    left join lateral (
        select jsonb_object_agg(package, receipt || '{"outcome": "reused", "billing": "free", "cost": 0}') as receipts,
            (array_agg(valid order by answered_at desc))[1] as valid,
            (array_agg(errors order by answered_at desc))[1] as validation_errors,
            max(answered_at) as answered_at, sum(price_micros) as saved_micros
        from (
            select distinct on (offer.package) offer.package, offer.price_micros, lookup.packages -> offer.package as receipt,
                lookup.valid, to_jsonb(lookup.validation_errors) as errors, lookup.answered_at
            from lookup join offer on offer.country_code = contact.country_code and offer.fresh_after is not null
            where lookup.organization_id = %(organization_id)s
                and lookup.formatted_phone_number = contact.formatted_phone_number
                and lookup.simulated = %(simulated)s
                and lookup.answered_at >= offer.fresh_after
                and lookup.packages -> offer.package ->> 'outcome' = 'done'
                and (lookup.packages -> offer.package ->> 'at')::timestamptz >= offer.fresh_after
                and (not offer.needs_date or lookup.last_verified_date = contact.last_verified_date)
            order by offer.package, lookup.answered_at desc
        ) as newest
    ) as found on %(reusable)s
    where contact.organization_id = %(organization_id)s and contact.contact_list_id = %(contact_list_id)s
        and contact.status not in ('invalid', 'duplicate')
), planned as (
    select row_number, formatted_phone_number, country_code, last_verified_date, receipts, valid, validation_errors, answered_at,
        coalesce(saved_micros, 0)::bigint as saved_micros,
        case when due is null then '{}'
            when receipts is null then due
            else array(select package from unnest(due) with ordinality as one(package, rank)
                       where not receipts ? package order by rank) end as due,
        coalesce(price_micros, 0) - coalesce(saved_micros, 0)::bigint as price_micros
    from number
)
