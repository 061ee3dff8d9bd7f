"""What can be set on the simulator, before it starts and while it runs.

Every setting has one name, used for the dataclass, the command line (`--error-rate`) and `POST /_simulator/settings`
(`error_rate`). Values may be given as text, as a shell gives them: "250ms", "on", "1%", "line_type_intelligence=10".
"""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bulk_lookup.simulator.prices import PRICED_PACKAGES
from bulk_lookup.simulator.readers import (
    amount,
    code,
    count,
    counts_of,
    duration,
    one_of,
    rate,
    seed,
    several_of,
    switch,
)
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

# A scenario says nothing about these.
_STAY = ("port", "seed", "bill_errors", "bill_invalid")
_ALIASES = {"package_limit": "package_limits"}


class BadSetting(ValueError):
    """A setting that does not exist or has a value it cannot have; the message names it and says what fits."""


def _setting(default: object, read: Callable[[object], object], text: str) -> Any:
    """Declare a setting: its default, how it is read, and what it is for."""
    metadata = {"read": read, "text": text}
    if isinstance(default, dict):
        return dataclasses.field(default_factory=default.copy, metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def _kinds(name: str, text: str) -> Any:
    listed = ", ".join(KINDS[name])
    return _setting(KINDS[name], several_of(KINDS[name], at_least=1), f"{text}: {listed}; all of them unless narrowed.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorSettings:
    """How the simulated account behaves; times in seconds, rates between 0 and 1, 0 as a limit means none."""

    port: int = _setting(0, count, "Port to listen on; 0 takes a free one.")
    scenario: str = _setting("", one_of("", *SCENARIOS), f"Several settings at once: {', '.join(SCENARIOS)}, or none.")
    seed: int = _setting(0, seed, "Another seed is another population with other faults.")

    latency: float = _setting(0.0, duration, "How long every lookup takes: 250ms, 0.25.")
    jitter: float = _setting(0.0, duration, "How much longer or shorter it may take, drawn by number.")

    max_in_flight: int = _setting(0, count, "Requests in flight on an account before 429 / 20429; 0: any number.")
    foreign_in_flight: int = _setting(0, count, "How many of those are another program's.")
    package_limits: Mapping[str, int] = _setting(
        {}, counts_of(PRICED_PACKAGES), "Lookups in flight with a package before 60616: line_type_intelligence=10."
    )
    package_limit_style: str = _setting(
        "package", one_of("package", "http"), "Where 60616 is told: inside the answer (package) or as a 429 (http)."
    )
    same_number_interval: float = _setting(0.0, duration, "A number asked again within this time gets 60626.")
    retry_after: float = _setting(0.0, duration, "Retry-After of each 429; 0 sends none, which is what Twilio does.")

    refuse_rate: float = _setting(0.0, rate, "Share of requests refused at random with 429 / 20429, never billed.")
    error_rate: float = _setting(0.0, rate, "Share of requests answered with a 5xx.")
    reset_rate: float = _setting(0.0, rate, "Share of connections reset instead of answered.")
    timeout_rate: float = _setting(0.0, rate, "Share of requests that are processed and never answered.")
    slow_body_rate: float = _setting(0.0, rate, "Share of answers whose body is slow, endless or cut off.")
    garbage_rate: float = _setting(0.0, rate, "Share of answers that are not what they should be.")
    error_kinds: tuple[str, ...] = _kinds("error_kinds", "Which errors")
    slow_body_kinds: tuple[str, ...] = _kinds("slow_body_kinds", "Which slow bodies")
    garbage_kinds: tuple[str, ...] = _kinds("garbage_kinds", "Which garbage")
    processed_share: float = _setting(
        0.5, rate, "Share of the errors and resets that come after the work was done, so that a bill is in doubt."
    )
    package_error_rate: float = _setting(
        0.0, rate, "Share of packages answered with 60608 (try again) or 60613 (data, but second-hand)."
    )
    uncovered_rate: float = _setting(0.0, rate, "Share of the numbers that a package does not cover, for good.")
    invalid_rate: float = _setting(
        0.003, rate, "Share of the numbers that are called invalid although they fit the numbering plan."
    )
    hang_seconds: float = _setting(120.0, duration, "When an answer that never comes or never ends is given up.")
    slow_body_seconds: float = _setting(5.0, duration, "How long a slow body takes.")

    credentials: str = _setting(
        "simulated",
        one_of("simulated", "any"),
        "Who may ask: simulated accounts only, or any well-formed SID with any token (any); set for all at once.",
    )
    account_fault: int | None = _setting(
        None, code, "What every lookup is refused with: 20003, 20005, 20008, 20403, 60624, 60699 …, or none."
    )
    disabled_packages: tuple[str, ...] = _setting(
        NOT_SELF_SERVICE, several_of(PRICED_PACKAGES), "Packages not enabled for the account (60606)."
    )
    canada_approved: bool = _setting(False, switch, "Whether line types of Canadian numbers are told (else 60601).")
    standard_api_keys: bool = _setting(
        False, switch, "Whether API keys are standard ones, which look up but cannot read the account."
    )
    batch_enabled: bool = _setting(True, switch, "Whether POST /v2/batch/query exists.")
    rate_limits_enabled: bool = _setting(True, switch, "Whether GET /v2/RateLimits exists.")
    balance: float | None = _setting(100.0, amount, "US dollars before the first lookup; none: no Balance resource.")

    bill_errors: bool = _setting(
        True, switch, "Whether failures after the work and packages with an error code are billed."
    )
    bill_invalid: bool = _setting(True, switch, "Whether packages asked for an invalid number are billed.")

    def __post_init__(self) -> None:
        if sum(getattr(self, name) for name in RATES) > 1.0 + 1e-9:
            raise BadSetting(f"{', '.join(RATES)} add up to more than 1: each request can meet one fault only")

    @classmethod
    def of(cls, **options: object) -> "SimulatorSettings":
        """Read options as text or values; a named scenario comes first, options given beside it win over it."""
        return changed(cls(), options)


_FIELDS = {field.name: field for field in dataclasses.fields(SimulatorSettings)}


def setting_texts() -> dict[str, str]:
    """Name all settings with a sentence on each, for a command line's help."""
    return {name: field.metadata["text"] for name, field in _FIELDS.items()}


def changed(settings: SimulatorSettings, options: Mapping[str, object]) -> SimulatorSettings:
    """Return the settings with some of them changed; raises `BadSetting`.

    Naming a scenario sets everything to its values (`none` to the plain ones); only port, seed and the billing switches
    stay.
    """
    read: dict[str, Any] = {}
    for given, value in options.items():
        name = given.replace("-", "_")
        field = _FIELDS.get(_ALIASES.get(name, name))
        if field is None:
            raise BadSetting(f"{given} is no setting; there are {', '.join(_FIELDS)}")
        try:
            read[field.name] = field.metadata["read"](value)
        except (TypeError, ValueError) as error:
            raise BadSetting(f"{given}: {value!r} does not fit: {error}") from None
    if "scenario" in read:
        kept = {name: getattr(settings, name) for name in _STAY}
        return SimulatorSettings(**{**kept, **SCENARIOS.get(read["scenario"], {}), **read})
    return dataclasses.replace(settings, **read)


def as_json(settings: SimulatorSettings) -> dict[str, object]:
    """Give the settings as JSON values under their own names."""
    return {name: getattr(settings, name) for name in _FIELDS}
