"""The account's own resources, read without trusting their types."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from bulk_lookup.core.answer import JSON
from bulk_lookup.core.billing import Billing
from bulk_lookup.core.data_package import BASIC, CATALOGUE
from bulk_lookup.core.failure import Failure, FailureReason
from bulk_lookup.core.pricing import MICROS
from bulk_lookup.providers.base import AccountCheck, Balance, ProviderError, RateLimit
from bulk_lookup.providers.twilio.sentences import sentence

_NOT_ACTIVE = frozenset({"suspended", "closed"})
_LONGEST_NAME = 64
_LARGEST_MICROS = 2**63 - 1


def read_account(read: Mapping[str, JSON], *, key: str, simulated: bool) -> AccountCheck:
    """The account that signed in; raises ProviderError where it is suspended or closed."""
    status = _text(read.get("status")).lower()
    if status in _NOT_ACTIVE:
        raise ProviderError(
            Failure(
                reason=FailureReason.ACCOUNT_SUSPENDED,
                billing=Billing.NOT_PROCESSED,
                http_status=200,
                message=sentence(FailureReason.ACCOUNT_SUSPENDED),
            )
        )
    name, kind = _text(read.get("friendly_name")), _text(read.get("type")).lower()
    return AccountCheck(key=key, name=name, status=status or "unknown", kind=kind or "unknown", simulated=simulated)


def read_balance(read: JSON) -> Balance | None:
    """Money left, rounded down to a micro-unit; None for anything that is no amount."""
    if not isinstance(read, dict):
        return None
    amount, currency = read.get("balance"), _text(read.get("currency"))
    if isinstance(amount, bool) or not isinstance(amount, (str, int, float)) or not currency:
        return None
    try:
        micros = int((Decimal(str(amount)) * MICROS).to_integral_value(rounding="ROUND_FLOOR"))
    except (InvalidOperation, ValueError, OverflowError):
        return None
    return Balance(micros, currency.upper()) if abs(micros) <= _LARGEST_MICROS else None


def read_rate_limits(read: JSON) -> tuple[RateLimit, ...] | None:
    """The limits in the answer of RateLimits, those that make sense; None where there is no list."""
    entries = read.get("rate_limits") if isinstance(read, dict) else None
    if not isinstance(entries, list):
        return None
    return tuple(limit for limit in map(_rate_limit, entries) if limit is not None)


def _rate_limit(entry: JSON) -> RateLimit | None:
    if not isinstance(entry, dict):
        return None
    limit, seconds, field = entry.get("limit"), entry.get("ttl"), _text(entry.get("field"))
    if isinstance(limit, bool) or not isinstance(limit, int) or limit <= 0:
        return None
    return RateLimit(
        package=field if field in CATALOGUE and field != BASIC else None,
        limit=limit,
        seconds=seconds if isinstance(seconds, int) and not isinstance(seconds, bool) and seconds > 0 else None,
        owner=_text(entry.get("owner")),
    )


def _text(value: JSON) -> str:
    return value.strip()[:_LONGEST_NAME] if isinstance(value, str) else ""
