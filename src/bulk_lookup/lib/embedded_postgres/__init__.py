"""A PostgreSQL that needs no administrator: the binaries of a wheel, run by this package."""

from bulk_lookup.lib.embedded_postgres.data_directory import default_data_dir
from bulk_lookup.lib.embedded_postgres.error import EmbeddedPostgresError
from bulk_lookup.lib.embedded_postgres.server import EmbeddedPostgres

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError", "default_data_dir"]
