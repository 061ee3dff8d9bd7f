"""What can be set on the simulator, before it starts and while it runs.

Every setting has one name, used for the dataclass, the command line (`--error-rate`) and `POST /_simulator/settings`
(`error_rate`). Values may be given as text, as a shell gives them: "250ms", "on", "1%", "line_type_intelligence=10".
"""

import dataclasses
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bulk_lookup.simulator.prices import PRICED_PACKAGES
from bulk_lookup.simulator.scenarios import SCENARIOS

RATES = ("refuse_rate", "error_rate", "reset_rate", "timeout_rate", "slow_body_rate", "garbage_rate")
KINDS: dict[str, tuple[str, ...]] = {
    "error_kinds": ("500", "502", "503", "504"),
    "slow_body_kinds": ("slow", "endless", "truncated"),
    "garbage_kinds": (
        "not_json",
        "empty",
        "html",
        "list",
        "wrong_types",
        "redirect",
        "unknown_code",
        "unknown_status",
        "unknown_values",
    ),
}
NOT_SELF_SERVICE = ("sim_swap", "call_forwarding", "identity_match", "phone_number_quality_score", "pre_fill")

_DURATION = re.compile(r"^\s*(\d+(?:\.\d*)?|\.\d+)\s*(ms|s|m)?\s*$")
_SECONDS = {"ms": 0.001, "s": 1.0, None: 1.0, "m": 60.0}


class BadSetting(ValueError):
    """A setting that does not exist or has a value it cannot have; the message names it and says what fits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorSettings:
    """How the simulated account behaves; times in seconds, rates between 0 and 1, 0 as a limit means none."""

    port: int = 0
    scenario: str = ""
    seed: int = 0

    # Every lookup takes `latency` ± `jitter`; the jitter is drawn from the number, not from the clock.
    latency: float = 0.0
    jitter: float = 0.0

    # Requests in flight on one account before 429 / 20429; `foreign_in_flight` of them are another program's.
    max_in_flight: int = 0
    foreign_in_flight: int = 0
    # Lookups in flight per package before 60616, told inside the 200 ("package") or as HTTP 429 ("http").
    package_limits: Mapping[str, int] = field(default_factory=dict)
    package_limit_style: str = "package"
    # The same number asked again within so many seconds gets 60626.
    same_number_interval: float = 0.0
    # Seconds in a Retry-After header of each 429; 0 sends none, as Twilio does.
    retry_after: float = 0.0

    refuse_rate: float = 0.0
    error_rate: float = 0.0
    reset_rate: float = 0.0
    timeout_rate: float = 0.0
    slow_body_rate: float = 0.0
    garbage_rate: float = 0.0
    error_kinds: tuple[str, ...] = KINDS["error_kinds"]
    slow_body_kinds: tuple[str, ...] = KINDS["slow_body_kinds"]
    garbage_kinds: tuple[str, ...] = KINDS["garbage_kinds"]
    # Which share of the 5xx and resets comes after the work was done, where a bill is in doubt.
    processed_share: float = 0.5
    # Which share of the packages answers 60608 (try again) or 60613 (data, but second-hand).
    package_error_rate: float = 0.0
    # Which share of the numbers a package does not cover, for good.
    uncovered_rate: float = 0.0
    # Which share of the numbers Twilio calls invalid although they fit the numbering plan.
    invalid_rate: float = 0.003
    hang_seconds: float = 120.0
    slow_body_seconds: float = 5.0

    account_fault: int | None = None
    disabled_packages: tuple[str, ...] = NOT_SELF_SERVICE
    canada_approved: bool = False
    # Standard API keys may look up, but not read the account; main keys may.
    standard_api_keys: bool = False
    batch_enabled: bool = True
    rate_limits_enabled: bool = True
    # US dollars before the first lookup; none: the account has no Balance resource.
    balance: float | None = 100.0

    bill_errors: bool = True
    bill_invalid: bool = True

    def __post_init__(self) -> None:
        if sum(getattr(self, name) for name in RATES) > 1.0 + 1e-9:
            raise BadSetting(f"{', '.join(RATES)} add up to more than 1: each request can meet one fault only")

    @classmethod
    def of(cls, **options: object) -> "SimulatorSettings":
        """Read options as text or values; a named scenario comes first, options given beside it win over it."""
        return changed(cls(), options)


def changed(settings: SimulatorSettings, options: Mapping[str, object]) -> SimulatorSettings:
    """Return the settings with some of them changed; raises `BadSetting`.

    Naming a scenario sets everything to its values (`none` to the plain ones); only port, seed and the billing switches
    stay.
    """
    read = {}
    for given, value in options.items():
        name = given.replace("-", "_")
        name = _ALIASES.get(name, name)
        reader = _READERS.get(name)
        if reader is None:
            raise BadSetting(f"{given} is no setting; there are {', '.join(_READERS)}")
        try:
            read[name] = reader(value)
        except (TypeError, ValueError) as error:
            raise BadSetting(f"{given}: {value!r} does not fit: {error}") from None
    if "scenario" in read:
        plain = SimulatorSettings()
        kept = {name: getattr(settings, name) for name in ("port", "seed", "bill_errors", "bill_invalid")}
        read = {**kept, **SCENARIOS.get(read["scenario"], {}), **read}
        settings = plain
    return dataclasses.replace(settings, **read)


def setting_names() -> tuple[str, ...]:
    """Name all settings."""
    return tuple(_READERS)


def as_json(settings: SimulatorSettings) -> dict[str, object]:
    """Give the settings as JSON values under their own names."""
    return {name: getattr(settings, name) for name in _READERS}


def duration(value: object) -> float:
    """Read seconds: 0.25, "0.25", "250ms", "2s", "1m"."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(float(value))
    found = _DURATION.match(str(value))
    if found is None:
        raise ValueError('a duration is written like 0.25, "250ms" or "2s"')
    return float(found[1]) * _SECONDS[found[2]]


def rate(value: object) -> float:
    """Read a share between 0 and 1: 0.05, "0.05", "5%"."""
    text = str(value).strip()
    read = float(text[:-1]) / 100 if text.endswith("%") else float(text)
    if not 0.0 <= read <= 1.0:
        raise ValueError('a rate lies between 0 and 1, or is written like "5%"')
    return read


def count(value: object) -> int:
    """Read a whole number that is not negative."""
    read = int(str(value))
    if read < 0:
        raise ValueError("it cannot be negative")
    return read


def switch(value: object) -> bool:
    """Read on or off."""
    if isinstance(value, bool):
        return value
    known = {"on": True, "true": True, "yes": True, "1": True, "off": False, "false": False, "no": False, "0": False}
    if str(value).lower() not in known:
        raise ValueError("it is on or off")
    return known[str(value).lower()]


def _scenario(value: object) -> str:
    name = "" if value in (None, "", "none") else str(value)
    if name and name not in SCENARIOS:
        raise ValueError(f"the scenarios are none, {', '.join(SCENARIOS)}")
    return name


def _package_limits(value: object) -> dict[str, int]:
    if value in (None, ""):
        return {}
    if not isinstance(value, Mapping):
        parts = value if isinstance(value, (list, tuple)) else str(value).split(",")
        pairs = [str(part).partition("=") for part in parts]
        value = {name.strip(): limit for name, _, limit in pairs}
    limits = {str(name): count(limit) for name, limit in value.items()}
    _names(tuple(limits), PRICED_PACKAGES)
    return limits


def _names(value: object, known: tuple[str, ...]) -> tuple[str, ...]:
    names = tuple(value) if isinstance(value, (list, tuple)) else tuple(filter(None, str(value or "").split(",")))
    strange = [name for name in names if name not in known]
    if strange:
        raise ValueError(f"{strange[0]} is none of {', '.join(known)}")
    return names


def _kinds(setting: str) -> Callable[[object], tuple[str, ...]]:
    def read(value: object) -> tuple[str, ...]:
        kinds = _names(value, KINDS[setting])
        if not kinds:
            raise ValueError(f"at least one of {', '.join(KINDS[setting])}")
        return kinds

    return read


def _one_of(*words: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if value not in words:
            raise ValueError(f"one of {', '.join(words)}")
        return str(value)

    return read


def _account_fault(value: object) -> int | None:
    return None if value in (None, "", "none", "off", 0) else count(value)


def _balance(value: object) -> float | None:
    if value in (None, "", "none", "off"):
        return None
    read = float(str(value))
    if not math.isfinite(read):
        raise ValueError("an amount in US dollars, or none")
    return read


def _seed(value: object) -> int:
    read = int(str(value))
    if not -(1 << 63) <= read < 1 << 63:
        raise ValueError("a whole number of at most 64 bits")
    return read


_ALIASES = {"package_limit": "package_limits"}
_READERS: dict[str, Callable[[object], Any]] = {
    "port": count,
    "scenario": _scenario,
    "seed": _seed,
    "latency": duration,
    "jitter": duration,
    "max_in_flight": count,
    "foreign_in_flight": count,
    "package_limits": _package_limits,
    "package_limit_style": _one_of("package", "http"),
    "same_number_interval": duration,
    "retry_after": duration,
    **dict.fromkeys(RATES, rate),
    **{name: _kinds(name) for name in KINDS},
    "processed_share": rate,
    "package_error_rate": rate,
    "uncovered_rate": rate,
    "invalid_rate": rate,
    "hang_seconds": duration,
    "slow_body_seconds": duration,
    "account_fault": _account_fault,
    "disabled_packages": lambda value: _names(value, PRICED_PACKAGES),
    "canada_approved": switch,
    "standard_api_keys": switch,
    "batch_enabled": switch,
    "rate_limits_enabled": switch,
    "balance": _balance,
    "bill_errors": switch,
    "bill_invalid": switch,
}
