"""Named queries: one file each in `models/sql/`, with the reason for its shape at the top."""

from functools import cache
from importlib import resources
from typing import LiteralString


@cache
def query(name: str) -> LiteralString:
    """The text of the named query, with psycopg's `%(name)s` for its parameters."""
    return resources.files("bulk_lookup.models").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
