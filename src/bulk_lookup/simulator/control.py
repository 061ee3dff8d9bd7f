"""The simulator's own pages, without credentials: `/_simulator/ledger`, `settings`, `stats` and `accounts`.

`?account=AC…` narrows each to one account. A setting changed there is that account's alone, until one is changed for
all. DELETE empties ledger or stats.
"""

import orjson

from bulk_lookup.simulator.accounts import Account, Accounts
from bulk_lookup.simulator.ledger import Ledger, ledger_json
from bulk_lookup.simulator.settings import BadSetting, as_json, changed
from bulk_lookup.simulator.stats import summed
from bulk_lookup.simulator.wire import Reply, Request, refusal


def control(accounts: Accounts, request: Request) -> Reply:
    """Answer one of the pages, or 404."""
    sid = request.query.get("account")
    account = None if sid is None else accounts.find(sid)
    if sid is not None and account is None:
        return refusal(20404, detail="that is no simulated account")
    page = (request.method, request.path.removeprefix("/_simulator/"))
    chosen = list(accounts.opened.values()) if account is None else [account]
    if page == (b"GET", "ledger"):
        return Reply(status=200, body=ledger_json([one.ledger for one in chosen]))
    if page == (b"DELETE", "ledger"):
        for one in chosen:
            one.ledger = Ledger()
        return Reply(status=200, body=ledger_json([one.ledger for one in chosen]))
    if page == (b"GET", "settings"):
        return _shown(accounts, account)
    if page == (b"POST", "settings"):
        return _changed(accounts, account, request.body)
    if page == (b"GET", "stats"):
        return _stats(chosen)
    if page == (b"DELETE", "stats"):
        for one in chosen:
            one.stats.reset()
        return _stats(chosen)
    if page == (b"GET", "accounts"):
        return Reply(status=200, body=orjson.dumps(list(accounts.opened)))
    return refusal(20404, detail=request.path)


def _shown(accounts: Accounts, account: Account | None) -> Reply:
    settings = accounts.settings if account is None else account.settings
    return Reply(status=200, body=orjson.dumps(as_json(settings)))


def _changed(accounts: Accounts, account: Account | None, body: bytes) -> Reply:
    try:
        options = orjson.loads(body)
    except orjson.JSONDecodeError:
        return refusal(20001, detail="the body is a JSON object of settings")
    if not isinstance(options, dict):
        return refusal(20001, detail="the body is a JSON object of settings")
    try:
        if account is None:
            accounts.use(changed(accounts.settings, options))
        else:
            account.use(changed(account.settings, options))
    except BadSetting as error:
        return refusal(20001, detail=str(error))
    return _shown(accounts, account)


def _stats(chosen: list[Account]) -> Reply:
    return Reply(
        status=200, body=orjson.dumps(summed([one.stats for one in chosen], limit=chosen[0].settings.max_in_flight))
    )
