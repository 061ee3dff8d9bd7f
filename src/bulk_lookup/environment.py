"""Every setting of the product: its name, type, default and meaning, read once from the environment.

`NAME_FILE` names a file that holds the value (for secrets); a `.env` file in the working directory is read too, and the
environment wins over it. A value that cannot be understood is an `EnvironmentProblem`: one sentence that names the setting.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dotenv import dotenv_values


class EnvironmentProblem(Exception):
    """A setting has a value that cannot be used; the message is a sentence for the person who set it."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: `parse` turns its text into a value or raises ValueError with what was expected."""

    name: str
    parse: Callable[[str], Any]
    default: Any
    meaning: str
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Value:
    """A setting's value and where it came from: `default`, `environment`, `.env` or the name of a file."""

    setting: Setting
    value: Any
    origin: str

    def shown(self) -> str:
        """The value as it may be printed: secrets are masked."""
        if self.value is None or self.value == "":
            return "(not set)"
        return "********" if self.setting.secret else str(self.value)


def _text(text: str) -> str:
    return text


def _whole_number(least: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isascii() or not text.isdigit() or int(text) < least:
            raise ValueError(f"a whole number of at least {least}")
        return int(text)

    return parse


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e9:
        raise ValueError("a number of seconds, such as 5 or 0.5")
    return value


def _seconds_list(text: str) -> tuple[float, ...]:
    return tuple(_seconds(part.strip()) for part in text.split(","))


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/") or parts.query:
        raise ValueError("an address such as https://lookup.example.com, without a path")
    return f"{parts.scheme}://{parts.netloc}"


def _mail_url(text: str) -> str:
    parts = urlsplit(text)
    try:
        fits = parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        fits = False
    if not fits:
        raise ValueError("an address such as smtp://user:password@mail.example.com:587")
    return text


def _redis_url(text: str) -> str:
    if urlsplit(text).scheme not in ("redis", "rediss", "unix"):
        raise ValueError("an address such as redis://localhost:6379/0")
    return text


def _networks(text: str) -> str:
    try:
        return ",".join(str(ip_network(part.strip())) for part in text.split(",") if part.strip())
    except ValueError:
        raise ValueError("addresses or networks with commas, such as 10.0.0.5,172.16.0.0/12") from None


def _one_of(*words: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.strip().lower() not in words:
            raise ValueError(" or ".join(words))
        return text.strip().lower()

    return parse


def _yes_or_no(text: str) -> bool:
    lowered = text.strip().lower()
    if lowered in ("1", "true", "yes", "on"):
        return True
    if lowered in ("0", "false", "no", "off", ""):
        return False
    raise ValueError("yes or no")


SETTINGS: tuple[Setting, ...] = (
    Setting("DATABASE_URL", _text, "", "PostgreSQL (15 or newer) to use; empty: an embedded server of our own", True),
    Setting("BULK_LOOKUP_DATA_DIR", _text, "", "folder of the embedded server, spooled files and keys"),
    Setting(
        "BULK_LOOKUP_SECRET_KEY",
        _text,
        "",
        "key that encrypts stored credentials; empty: made in the data folder",
        True,
    ),
    Setting("DB_POOL", _whole_number(1), 25, "largest number of database connections of the web process"),
    Setting("DB_POOL_TIMEOUT", _seconds, 5.0, "seconds to wait for a free database connection"),
    Setting("BULK_LOOKUP_LOOKUPS_CONCURRENCY", _whole_number(1), 50, "jobs at once in a worker's lookups process"),
    Setting("BULK_LOOKUP_QUICK_CONCURRENCY", _whole_number(1), 10, "jobs at once in a worker's quick process"),
    Setting("BULK_LOOKUP_FILES_CONCURRENCY", _whole_number(1), 1, "jobs at once in a worker's files process"),
    Setting("BULK_LOOKUP_DRAIN", _seconds, 20.0, "seconds a stopping worker waits for the requests in flight"),
    Setting(
        "BULK_LOOKUP_MAX_IN_FLIGHT", _whole_number(1), 100, "ceiling of requests in flight on one provider account"
    ),
    Setting(
        "BULK_LOOKUP_REQUESTS_PER_SECOND", _whole_number(0), 0, "ceiling of requests a second on one account; 0: none"
    ),
    Setting("TWILIO_ACCOUNT_SID", _text, "", "Twilio account (AC…)"),
    Setting("TWILIO_AUTH_TOKEN", _text, "", "its auth token", True),
    Setting("TWILIO_API_KEY", _text, "", "API key (SK…), instead of the auth token"),
    Setting("TWILIO_API_SECRET", _text, "", "the API key's secret", True),
    Setting("TWILIO_REGION", _text, "", "Twilio region, such as ie1"),
    Setting("TWILIO_EDGE", _text, "", "Twilio edge, such as dublin"),
    Setting("BULK_LOOKUP_TWILIO_URL", _text, "", "base URL to use instead of Twilio's (a proxy, a simulator)"),
    Setting("BULK_LOOKUP_CONNECT_TIMEOUT", _seconds, 5.0, "seconds to connect to the provider"),
    Setting("BULK_LOOKUP_READ_TIMEOUT", _seconds, 15.0, "seconds to wait for an answer"),
    Setting(
        "BULK_LOOKUP_SLOW_READ_TIMEOUT", _seconds, 30.0, "the same where a slow package (line_status) is asked for"
    ),
    Setting(
        "BULK_LOOKUP_WAITS_NETWORK",
        _seconds_list,
        (1.0, 2.0, 4.0, 30.0, 60.0, 120.0, 240.0, 480.0),
        "seconds between tries when the provider cannot be reached; the last repeats",
    ),
    Setting("BULK_LOOKUP_WAIT_TRANSIENT", _seconds, 2.0, "seconds times the number of tries after a passing fault"),
    Setting("BULK_LOOKUP_WAIT_UNKNOWN", _seconds, 60.0, "seconds before a request that was cut off is asked again"),
    Setting(
        "BULK_LOOKUP_ASK_UNKNOWN_AGAIN",
        _yes_or_no,
        True,
        "ask a number again, once, whose bill is unknown (it may be billed twice)",
    ),
    Setting(
        "BULK_LOOKUP_URL",
        _web_address,
        "",
        "address people open, such as https://lookup.example.com; empty: this machine",
    ),
    Setting("BULK_LOOKUP_BIND", _text, "127.0.0.1", "address that the web process listens at; 0.0.0.0: all"),
    Setting(
        "BULK_LOOKUP_SIMULATOR_URL",
        _text,
        "",
        "simulator for simulated runs in the browser, http://SID:TOKEN@host:port; `up` starts one of its own",
        True,
    ),
    Setting("PORT", _whole_number(1), 8000, "port that the web process listens at"),
    Setting("BULK_LOOKUP_UPLOAD_LIMIT", _whole_number(1), 2_000_000_000, "largest upload in the browser, in bytes"),
    Setting("BULK_LOOKUP_EXPORT_DAYS", _whole_number(1), 14, "days that exports made in the browser are kept"),
    Setting(
        "BULK_LOOKUP_TRUSTED_PROXIES",
        _networks,
        "",
        "reverse proxies whose forwarded headers are believed, as addresses or networks with commas",
    ),
    Setting(
        "BULK_LOOKUP_ORGANIZATIONS",
        _one_of("operator", "invited", "open"),
        "operator",
        "who may make organizations: the operator, everybody who was invited, or anybody (open)",
    ),
    Setting(
        "BULK_LOOKUP_MAIL_URL",
        _mail_url,
        "",
        "mail server, such as smtp://user:password@mail.example.com:587; empty: mail is printed in the log",
        True,
    ),
    Setting("BULK_LOOKUP_MAIL_FROM", _text, "Bulk Lookup <bulk-lookup@localhost>", "sender of mail"),
    Setting("REDIS_URL", _redis_url, "", "Redis for rate limits and cache; empty: they are kept in PostgreSQL", True),
    Setting("BULK_LOOKUP_LOG_LEVEL", _text, "WARNING", "DEBUG, INFO, WARNING or ERROR"),
    Setting("BULK_LOOKUP_DEBUG", _yes_or_no, False, "Django's debug mode; never in production"),
)


def read_environment(
    environ: Mapping[str, str] | None = None, *, dotenv: Path | None = Path(".env")
) -> dict[str, Value]:
    """All settings by name.

    Raises `EnvironmentProblem` for a value of the wrong type, an unreadable `NAME_FILE`, or a name set both ways.
    """
    environ = os.environ if environ is None else environ
    from_file = _dotenv(dotenv)
    return {setting.name: _read(setting, environ, from_file) for setting in SETTINGS}


def _dotenv(path: Path | None) -> dict[str, str]:
    if path is None:
        return {}
    try:
        return {name: text for name, text in dotenv_values(path).items() if text is not None}
    except (OSError, UnicodeDecodeError):
        return {}


def _read(setting: Setting, environ: Mapping[str, str], from_file: Mapping[str, str]) -> Value:
    for source, origin in ((environ, "environment"), (from_file, ".env")):
        text, named = source.get(setting.name, ""), source.get(f"{setting.name}_FILE", "")
        if text and named:
            raise EnvironmentProblem(f"{setting.name} and {setting.name}_FILE are both set; keep one of them.")
        if named:
            return Value(setting, _parsed(setting, _content(setting, named)), named)
        if text:
            return Value(setting, _parsed(setting, text), origin)
    return Value(setting, setting.default, "default")


def _content(setting: Setting, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise EnvironmentProblem(f"{setting.name}_FILE names {path}, which cannot be read: {error}.") from error


def _parsed(setting: Setting, text: str) -> Any:
    try:
        return setting.parse(text)
    except ValueError as error:
        shown = "a secret value" if setting.secret else repr(text)
        raise EnvironmentProblem(f"{setting.name} is {shown}, but must be {error}.") from error
