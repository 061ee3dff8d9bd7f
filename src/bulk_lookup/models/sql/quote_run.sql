-- Behind due_lookups: the numbers of a quote by country, by what would be bought and by what is reused.
select country_code, due, array(select jsonb_object_keys(coalesce(receipts, '{}')) order by 1) as reused, count(*) as numbers,
    sum(price_micros)::bigint as cost_micros, sum(saved_micros)::bigint as saved_micros
from planned
group by 1, 2, 3
order by 1, 2, 3
