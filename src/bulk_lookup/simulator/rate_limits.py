"""`GET /v2/RateLimits`: the limits per package of an account, Twilio's own."""

import orjson

from bulk_lookup.simulator.accounts import Caller
from bulk_lookup.simulator.prices import PACKAGES
from bulk_lookup.simulator.wire import Reply, Request, refusal

_TTL_SECONDS = 86_400


def rate_limits(caller: Caller, request: Request) -> Reply:
    """List the package limits; `Fields` narrows them, an unknown package gets 400 as in a lookup."""
    settings = caller.account.settings
    if not settings.rate_limits_enabled:
        return refusal(20404, detail=request.path)
    wanted = [name for name in request.query.get("Fields", "").split(",") if name]
    if any(name not in PACKAGES for name in wanted):
        return refusal(20001, detail="Fields names a data package that does not exist")
    limits = [
        {"field": package, "limit": limit, "bucket": "default", "owner": "twilio", "ttl": _TTL_SECONDS}
        for package, limit in settings.package_limits.items()
        if not wanted or package in wanted
    ]
    return Reply(status=200, body=orjson.dumps({"rate_limits": limits}))
