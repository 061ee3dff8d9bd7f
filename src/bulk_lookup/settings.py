"""Django's settings, made from the typed settings of `environment.py`. Import `bulk_lookup.boot` before this."""

from typing import Any
from urllib.parse import urlsplit

from bulk_lookup.database import database_url, django_database
from bulk_lookup.environment import Value, read_environment
from bulk_lookup.secret_key import data_folder, secret_key

VALUES: dict[str, Value] = read_environment()


def _value(name: str) -> Any:
    return VALUES[name].value


_FOLDER = data_folder(_value("BULK_LOOKUP_DATA_DIR"))

DEBUG = _value("BULK_LOOKUP_DEBUG")
SECRET_KEY = secret_key(_value("BULK_LOOKUP_SECRET_KEY"), _value("BULK_LOOKUP_DATA_DIR"))
ROOT_URLCONF = "bulk_lookup.web.urls"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "bulk_lookup.User"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "procrastinate.contrib.django",
    "bulk_lookup.apps.BulkLookupConfig",
    "bulk_lookup.web.apps.WebConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "bulk_lookup.web.frame.frame",
            ],
        },
    },
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

# Addresses. Without BULK_LOOKUP_URL only this machine is served.
ADDRESS = urlsplit(_value("BULK_LOOKUP_URL"))
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *filter(None, [ADDRESS.hostname])]
CSRF_TRUSTED_ORIGINS = [ADDRESS.geturl()] if ADDRESS.hostname else []
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ADDRESS.scheme == "https"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# No script, style, font or picture of another host, and none that stands in a page.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    },
}

# What the front end's build has made, with the hash of its content in each name.
STATIC_URL = "static/"
STATIC_ROOT = _FOLDER / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 60
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": _FOLDER / "files", "file_permissions_mode": 0o600},
    },
    "staticfiles": {"BACKEND": "bulk_lookup.web.static_files.HashedFiles"},
}
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000_000  # of a form without its files: pasted numbers

# People
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "dashboard"

# The jobs are registered from bulk_lookup/jobs.py; queue.py resolves their names when one is deferred.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

# Ours is the worker's and the commands' logging (see boot.py), not Django's.
LOGGING_CONFIG = None
