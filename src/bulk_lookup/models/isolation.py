"""Migration operations that isolate organizations: row-level security, composite foreign keys, storage settings.

Foreign keys ignore policies, so one that names only an id would let an organization point at another's row: every key between
two tables of organizations therefore carries organization_id as well.
"""

from django.db import migrations


def isolate(table: str) -> migrations.RunSQL:
    """Force row-level security on `table`, for its owner too: rows of the transaction's organization only."""
    return migrations.RunSQL(
        f"""
        alter table {table} enable row level security;
        alter table {table} force row level security;
        create policy {table}_of_organization on {table}
            using (organization_id = current_setting('app.organization_id')::bigint)
            with check (organization_id = current_setting('app.organization_id')::bigint);
        """,
        f"""
        drop policy {table}_of_organization on {table};
        alter table {table} no force row level security;
        alter table {table} disable row level security;
        """,
    )


def refer(table: str, columns: str, target: str, target_columns: str = "id") -> migrations.RunSQL:
    """A composite foreign key `(organization_id, columns)` → `target (organization_id, target_columns)`.

    Several columns are written with commas; they are what the target's unique key has behind organization_id.
    """
    name = f"{table}_{columns.split(',')[-1].strip()}_fk"
    return migrations.RunSQL(
        f"""
        alter table {table} add constraint {name} foreign key (organization_id, {columns})
            references {target} (organization_id, {target_columns});
        """,
        f"alter table {table} drop constraint {name};",
    )


def store(table: str, *, fillfactor: int, vacuum_scale: float = 0.02, insert_scale: float = 0.05) -> migrations.RunSQL:
    """Storage settings of a busy table: room in its pages for updates, and a vacuum that comes early."""
    return migrations.RunSQL(
        f"""
        alter table {table} set (fillfactor = {fillfactor}, autovacuum_vacuum_scale_factor = {vacuum_scale},
            autovacuum_vacuum_insert_scale_factor = {insert_scale});
        """,
        f"""
        alter table {table} reset (fillfactor, autovacuum_vacuum_scale_factor, autovacuum_vacuum_insert_scale_factor);
        """,
    )
