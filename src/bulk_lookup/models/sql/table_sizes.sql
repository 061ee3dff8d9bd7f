-- The largest tables with their indexes; rows as the planner estimates them.
select relname, pg_total_relation_size(oid) as bytes, greatest(reltuples, 0)::bigint as rows
from pg_class where relkind in ('r', 'm') and relnamespace = current_schema()::regnamespace
order by bytes desc limit %(most)s
