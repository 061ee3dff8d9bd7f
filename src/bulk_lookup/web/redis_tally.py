"""The counts of `web/rate_limit.py` in Redis: the same promises as `models/request_tally.py`, for several machines."""

from contextlib import suppress
from functools import cache
from typing import Any

import structlog
from django.conf import settings

from bulk_lookup.models import request_tally

_log = structlog.get_logger()

# One script, so that requests of one key take turns. Numbers come and go as texts: Redis cuts them to whole ones otherwise.
_HIT = """
local now, seconds = tonumber(ARGV[1]), tonumber(ARGV[2])
local first = redis.call('LINDEX', KEYS[1], 0)
while first and tonumber(first) <= now - seconds do
    redis.call('LPOP', KEYS[1])
    first = redis.call('LINDEX', KEYS[1], 0)
end
if redis.call('LLEN', KEYS[1]) < tonumber(ARGV[3]) then
    redis.call('RPUSH', KEYS[1], ARGV[1])
    redis.call('PEXPIRE', KEYS[1], math.ceil(seconds * 1000))
    return '0'
end
return string.format('%.6f', math.max(tonumber(first) + seconds - now, 0.001))
"""


def hit(key: str, *, count: int, seconds: float, now: float) -> float:
    """Let one more request through if fewer than `count` were in the last `seconds`; the seconds to wait, else 0."""
    try:
        return float(_redis().eval(_HIT, 1, _name(key), f"{now:.6f}", seconds, count))
    except _unreachable() as error:
        # Nobody is locked out by a cache that is away, and nobody may guess the faster for it.
        _log.warning(
            "Redis cannot be reached; requests are counted in PostgreSQL", action="redis_away", error=str(error)
        )
        return request_tally.hit(key, count=count, seconds=seconds, now=now)


def forget(key: str) -> None:
    """Begin to count anew."""
    request_tally.forget(key)
    with suppress(_unreachable()):
        _redis().delete(_name(key))


def forget_stale(now: float) -> None:
    """Of what was counted in PostgreSQL meanwhile; Redis itself removes what has expired."""
    request_tally.forget_stale(now)


def _name(key: str) -> str:
    return f"bulk_lookup:tally:{key}"


@cache
def _redis() -> Any:
    import redis

    return redis.Redis.from_url(settings.VALUES["REDIS_URL"].value, decode_responses=True, socket_timeout=1)


def _unreachable() -> type[Exception]:
    import redis

    return redis.RedisError
