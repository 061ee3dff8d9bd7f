"""Django's settings, made from the typed settings of `environment.py`. Import `bulk_lookup.boot` before this."""

from ipaddress import ip_network
from typing import Any
from urllib.parse import unquote, urlsplit

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
    "bulk_lookup.web.apps.WebConfig",  # before allauth: its templates win over those of the same name
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "procrastinate.contrib.django",
    "bulk_lookup.apps.BulkLookupConfig",
]

MIDDLEWARE = [
    "bulk_lookup.web.rate_limit.TrustForwarded",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "bulk_lookup.web.rate_limit.LimitRates",
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
UPLOAD_LIMIT = _value("BULK_LOOKUP_UPLOAD_LIMIT")
EXPORT_DAYS = _value("BULK_LOOKUP_EXPORT_DAYS")
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000  # a form has a box for each column of a list, and a sheet has up to 16,384
DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000_000  # of a form without its files: pasted numbers

# People
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "dashboard"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "bulk_lookup.web.people.adapter.Accounts"
ACCOUNT_FORMS = {
    "login": "bulk_lookup.web.people.account_forms.SignInForm",
    "signup": "bulk_lookup.web.people.account_forms.SignUpForm",
    "reset_password": "bulk_lookup.web.people.account_forms.ResetForm",
    "reset_password_from_key": "bulk_lookup.web.people.account_forms.NewPasswordForm",
    "change_password": "bulk_lookup.web.people.account_forms.ChangePasswordForm",
    "reauthenticate": "bulk_lookup.web.people.account_forms.PasswordAgainForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # whoever got an invitation's link may come in, with or without a mail server
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # nobody who is a stranger here gets mail from us
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = ADDRESS.scheme or "http"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_RATE_LIMITS = False  # ours are exact and shared by all processes (web/rate_limit.py)
MFA_ADAPTER = "bulk_lookup.web.people.adapter.SecondFactors"
MFA_FORMS = {
    "authenticate": "bulk_lookup.web.people.account_forms.CodeForm",
    "reauthenticate": "bulk_lookup.web.people.account_forms.CodeAgainForm",
    "activate_totp": "bulk_lookup.web.people.account_forms.ActivateForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Bulk Lookup"
SESSION_COOKIE_AGE = 14 * 24 * 3600
TRUSTED_PROXIES = [ip_network(one) for one in _value("BULK_LOOKUP_TRUSTED_PROXIES").split(",") if one]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # only a trusted proxy's is left in a request
CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": _value("REDIS_URL")}
    if _value("REDIS_URL")
    else {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache_entry",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}
_MAIL = urlsplit(_value("BULK_LOOKUP_MAIL_URL"))
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if _MAIL.scheme else 'console'}.EmailBackend"
EMAIL_HOST = _MAIL.hostname or "localhost"
EMAIL_PORT = _MAIL.port or (465 if _MAIL.scheme == "smtps" else 587)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_MAIL.username or ""), unquote(_MAIL.password or "")
EMAIL_USE_SSL = _MAIL.scheme == "smtps"
EMAIL_USE_TLS = _MAIL.scheme == "smtp" and EMAIL_HOST not in ("localhost", "127.0.0.1")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = _value("BULK_LOOKUP_MAIL_FROM")

# The jobs are registered from bulk_lookup/jobs.py; queue.py resolves their names when one is deferred.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

# Ours is the worker's and the commands' logging (see boot.py), not Django's.
LOGGING_CONFIG = None
