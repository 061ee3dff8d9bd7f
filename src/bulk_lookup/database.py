"""Which PostgreSQL this process uses: the one that DATABASE_URL names, or the embedded server that it has joined."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from bulk_lookup.lib.embedded_postgres import EmbeddedPostgres

# Used before a server is joined: commands that need no database (help, type checks) import the settings all the same.
NOWHERE = "postgresql:///bulk_lookup"

_embedded: EmbeddedPostgres | None = None


def join_embedded(data_dir: Path, *, say: Callable[[str], None]) -> EmbeddedPostgres:
    """Join the embedded server of `data_dir`, starting it where needed, for as long as this process lives."""
    global _embedded
    if _embedded is None:
        server = EmbeddedPostgres(data_dir, say=say)
        server.join()
        _embedded = server
    return _embedded


def leave_embedded() -> None:
    """Leave the embedded server; the last to leave stops it."""
    global _embedded
    if _embedded is not None:
        _embedded.leave()
        _embedded = None


def embedded() -> EmbeddedPostgres | None:
    """The embedded server that this process has joined, if any."""
    return _embedded


def heal() -> None:
    """Start the embedded server again if it has died; a server named by DATABASE_URL is not ours to start."""
    if _embedded is not None:
        _embedded.heal()


def database_url(configured: str) -> str:
    """The URL to connect to: the configured one, else that of the embedded server."""
    if configured:
        return configured
    return _embedded.url if _embedded is not None else NOWHERE


def django_database(url: str) -> dict[str, Any]:
    """`url` as Django's connection parameters; query parameters (`host`, `sslmode` …) become options of libpq."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    host = query.pop("host", "") or unquote(parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "bulk_lookup",
        "USER": unquote(parts.username or query.pop("user", "")),
        "PASSWORD": unquote(parts.password or query.pop("password", "")),
        "HOST": host,
        "PORT": str(parts.port or query.pop("port", "")),
        "OPTIONS": query,
    }
