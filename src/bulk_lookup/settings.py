"""Django's settings, made from the typed settings of `environment.py`. Import `bulk_lookup.boot` before this."""

from typing import Any

from bulk_lookup.database import database_url, django_database
from bulk_lookup.environment import Value, read_environment
from bulk_lookup.secret_key import secret_key

VALUES: dict[str, Value] = read_environment()


def _value(name: str) -> Any:
    return VALUES[name].value


DEBUG = _value("BULK_LOOKUP_DEBUG")
SECRET_KEY = secret_key(_value("BULK_LOOKUP_SECRET_KEY"), _value("BULK_LOOKUP_DATA_DIR"))
ALLOWED_HOSTS: list[str] = []
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "bulk_lookup.User"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "procrastinate.contrib.django",
    "bulk_lookup.apps.BulkLookupConfig",
]

DATABASES: dict[str, dict[str, Any]] = {"default": django_database(database_url(_value("DATABASE_URL")))}
DATABASES["default"]["CONN_MAX_AGE"] = 0  # a pool forbids persistent connections
DATABASES["default"]["OPTIONS"] |= {
    "pool": {
        "min_size": 0,
        "max_size": _value("DB_POOL"),
        "timeout": _value("DB_POOL_TIMEOUT"),
        "max_idle": 10.0,  # a connection is looked at at least every 10 s: closed when idle, checked when taken
    },
}
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

# The jobs are registered from bulk_lookup/jobs.py; queue.py resolves their names when one is deferred.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

# Ours is the worker's and the commands' logging (see boot.py), not Django's.
LOGGING_CONFIG = None
