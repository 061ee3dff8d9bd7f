"""The few response headers that are read, with values that may be anything."""

import time
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

REQUEST_ID = "twilio-request-id"
CONCURRENT_REQUESTS = "twilio-concurrent-requests"
RETRY_AFTER = "retry-after"
SIMULATOR = "x-bulk-lookup-simulator"

NAMES = (REQUEST_ID, CONCURRENT_REQUESTS, RETRY_AFTER, SIMULATOR)

_LONGEST_REQUEST_ID = 64
_LARGEST_COUNT = 1_000_000


def is_simulated(headers: Mapping[str, str | None]) -> bool:
    """Whether our simulator marked the answer as its own."""
    return headers[SIMULATOR] is not None


def request_id(headers: Mapping[str, str | None]) -> str | None:
    """Twilio's name of the request, by which its support finds it."""
    return (headers[REQUEST_ID] or "")[:_LONGEST_REQUEST_ID] or None


def concurrent_requests(headers: Mapping[str, str | None]) -> int | None:
    """How many requests of the account, ours and others', were in flight."""
    text = headers[CONCURRENT_REQUESTS] or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 and int(text) <= _LARGEST_COUNT else None


def retry_after(headers: Mapping[str, str | None]) -> float | None:
    """Seconds to wait, from seconds or from a date (RFC 9110); None where there is none that can be read."""
    text = (headers[RETRY_AFTER] or "").strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, IndexError, OverflowError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, when.timestamp() - time.time())
