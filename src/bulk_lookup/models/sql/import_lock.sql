-- Lock an import and its list for a batch, list first. Two imports into one list take turns, so that neither misses a number
-- that the other is about to store; the import's own row tells whether it still runs and how far it is.
with list as materialized (
    select id from contact_list
    where organization_id = %(organization_id)s and id = %(contact_list_id)s
    for no key update
)
select import.state, import.rows, import.reasons, import.row_problems
from list join import on import.contact_list_id = list.id
where import.organization_id = %(organization_id)s and import.id = %(import_id)s
for no key update of import
