"""Which request goes where: authentication and the account's own troubles first, then the resource."""

import re
from collections.abc import Callable

from bulk_lookup.simulator.account_routes import account_resource, balance, usage_records
from bulk_lookup.simulator.accounts import Accounts, Caller
from bulk_lookup.simulator.batch import batch_query
from bulk_lookup.simulator.control import control
from bulk_lookup.simulator.lookup import Question, look_up, packages_of
from bulk_lookup.simulator.rate_limits import rate_limits
from bulk_lookup.simulator.wire import Reply, Request, refusal

_PHONE_NUMBERS = b"/v2/PhoneNumbers/"
_CONTROL = "/_simulator/"

Handler = Callable[[Caller, Request], Reply]
_ROUTES: tuple[tuple[str, re.Pattern[str], Handler], ...] = (
    ("POST", re.compile(r"/v2/batch/query"), batch_query),
    ("GET", re.compile(r"/v2/RateLimits"), rate_limits),
    ("GET", re.compile(r"/2010-04-01/Accounts/(\w+)\.json"), account_resource),
    ("GET", re.compile(r"/2010-04-01/Accounts/(\w+)/Balance\.json"), balance),
    ("GET", re.compile(r"/2010-04-01/Accounts/(\w+)/Usage/Records(?:/\w+)?(?:\.json)?"), usage_records),
)


def answer(accounts: Accounts, request: Request) -> Reply:
    """Answer one request."""
    if not request.target.startswith(_PHONE_NUMBERS) and request.path.startswith(_CONTROL):
        return control(accounts, request)
    caller = accounts.caller(request.authorization)
    fault = None if caller is None else caller.account.settings.account_fault
    if caller is None or fault == 20003:
        return refusal(20003)
    reply = _answer(caller, request)
    reply.concurrent = caller.account.in_flight + caller.account.settings.foreign_in_flight
    return reply


def _answer(caller: Caller, request: Request) -> Reply:
    if request.target.startswith(_PHONE_NUMBERS):
        return _phone_number(caller, request)
    path = request.path
    for method, pattern, handler in _ROUTES:
        if pattern.fullmatch(path):
            if request.method != method.encode():
                return refusal(20004)
            return handler(caller, request)
    return refusal(20404, detail=path)


def _phone_number(caller: Caller, request: Request) -> Reply:
    account = caller.account
    text = request.path[len(_PHONE_NUMBERS) :]
    if not text or "/" in text:
        return refusal(20404, detail=request.path)
    if request.method != b"GET":
        return refusal(20004)
    parameters = request.query
    packages = packages_of(parameters.get("Fields", ""))
    if packages is None:
        return refusal(20001, detail="Fields names a data package that does not exist")
    fault = account.settings.account_fault
    if fault is not None:
        account.stats.refuse("account")
        return refusal(fault)
    if caller.by_test_token:
        return refusal(20008)
    return look_up(account, Question(text=text, packages=packages, parameters=parameters), base_url=request.base_url)
