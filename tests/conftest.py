"""The test database: one for the session, made only when a test asks for a database.

With DATABASE_URL in the environment it is made on that server (the role needs CREATEDB), else on an embedded server of
the session's own. Tests without a database need neither.
"""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import psycopg
import pytest

if TYPE_CHECKING:
    from bulk_lookup.models import Organization

os.environ["DJANGO_SETTINGS_MODULE"] = "bulk_lookup.settings"
os.environ.setdefault("BULK_LOOKUP_SECRET_KEY", "a key for tests alone")


def pytest_configure(config: pytest.Config) -> None:
    """Set Django up, unless its plugin was left out (`-p no:django`) for tests that need none of it.

    A shell lets what it starts in the background ignore Ctrl-C, and so would everything that the tests start from here.
    """
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if config.pluginmanager.hasplugin("django"):
        import django

        django.setup()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of the server of this session, by a role that may create databases."""
    if configured := os.environ.get("DATABASE_URL"):
        yield configured
        return
    from bulk_lookup.lib.embedded_postgres import EmbeddedPostgres

    # A short path (the socket's has a limit), open to the system user that runs the server for root.
    folder = Path(tempfile.mkdtemp(prefix="bulk-lookup-tests-", dir="/tmp"))
    folder.chmod(0o711)
    server = EmbeddedPostgres(folder, createdb=True)
    try:
        server.join()
        with psycopg.connect(server.admin_url, autocommit=True) as admin:
            # What is lost with the machine's power is a test's; a killed server loses nothing by this.
            admin.execute("alter system set fsync = off")
            admin.execute("select pg_reload_conf()")
        yield server.url
        server.leave()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(postgres_url: str) -> None:
    """Point Django at the session's server, before its plugin makes the test database there."""
    from django.db import connections

    from bulk_lookup.database import django_database

    found = django_database(postgres_url)
    configured = connections.settings["default"]
    options = found.pop("OPTIONS")
    configured.update(found)
    configured["OPTIONS"].update(options)


@pytest.fixture
def database_url(transactional_db: None) -> str:
    """The test database's address, for processes that a test starts (DATABASE_URL); their work is really committed."""
    from django.conf import settings

    configured: dict[str, Any] = settings.DATABASES["default"]
    options = {name: value for name, value in configured["OPTIONS"].items() if name != "pool"}
    host, port = str(configured["HOST"]), str(configured["PORT"])
    query = urlencode({name: value for name, value in (options | {"host": host, "port": port}).items() if value})
    account = f"{quote(configured['USER'], safe='')}:{quote(configured['PASSWORD'], safe='')}"
    return f"postgresql://{account}@/{quote(configured['NAME'], safe='')}?{query}"


@pytest.fixture(autouse=True)
def _no_jobs_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Empty the queue after a test that commits: its tables are a library's, which Django's flush leaves alone."""
    marker = request.node.get_closest_marker("django_db")
    commits = "transactional_db" in request.fixturenames or (marker is not None and marker.kwargs.get("transaction"))
    if not commits:
        yield
        return
    # Asked for first, so that the database is still open when the lines behind the yield run.
    request.getfixturevalue("transactional_db")
    yield
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("truncate procrastinate_jobs, procrastinate_workers, procrastinate_periodic_defers cascade")


@pytest.fixture
def organization(db: None) -> "Organization":
    """Alice's."""
    from bulk_lookup.models import Organization

    return Organization.objects.create(name="Alice & Co", country_code="US")


@pytest.fixture
def other_organization(db: None) -> "Organization":
    """Charlie's, who has no business with Alice."""
    from bulk_lookup.models import Organization

    return Organization.objects.create(name="Charlie Ltd", country_code="GB")
