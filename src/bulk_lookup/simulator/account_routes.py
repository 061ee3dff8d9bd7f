"""The account's own resources: itself, its balance, and its Usage Records by day, month or altogether."""

import re
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import orjson

from bulk_lookup.simulator.accounts import Account, Caller
from bulk_lookup.simulator.prices import PRICED_PACKAGES, PRICES_MICRO_USD, decimal_usd, total_micro_usd
from bulk_lookup.simulator.wire import Reply, Request, refusal

# Twilio's usage categories that lookups fall into; `lookups` is the sum of the others. Its list names none for the
# newer packages: these are invented after the pattern.
USAGE_CATEGORIES: dict[str, tuple[str, ...]] = {
    "lookups": PRICED_PACKAGES,
    "carrier-lookups": ("line_type_intelligence",),
    "calleridlookups": ("caller_name",),
    "fraud-lookups": ("sms_pumping_risk",),
    **{
        f"{package.replace('_', '-')}-lookups": (package,)
        for package in PRICED_PACKAGES
        if package not in ("line_type_intelligence", "caller_name", "sms_pumping_risk")
    },
}

_EPOCH = date(1970, 1, 1)
_SID = re.compile(r"/2010-04-01/Accounts/(AC[0-9a-f]{32})")
_MOST_RECORDS = 1000
_USUAL_RECORDS = 50
# More days than this are not walked one by one.
_MOST_PERIODS = 4000


def account_resource(caller: Caller, request: Request) -> Reply:
    """Answer with the account: suspended under 20005, a trial under 60624; a standard API key may not read it."""
    account = caller.account
    refused = _not_theirs(caller, request)
    if refused is not None:
        return refused
    if caller.by_key and account.settings.standard_api_keys:
        return refusal(20003, detail="a standard API key cannot read the account")
    fault = account.settings.account_fault
    path = f"/2010-04-01/Accounts/{account.sid}"
    body = {
        "sid": account.sid,
        "owner_account_sid": account.sid,
        "friendly_name": "Simulated account",
        "status": "suspended" if fault == 20005 else "active",
        "type": "Trial" if fault == 60624 else "Full",
        "auth_token": "",
        "date_created": "Mon, 02 Nov 2026 00:00:00 +0000",
        "date_updated": "Mon, 02 Nov 2026 00:00:00 +0000",
        "uri": f"{path}.json",
        "subresource_uris": {"balance": f"{path}/Balance.json", "usage": f"{path}/Usage.json"},
    }
    return Reply(status=200, body=orjson.dumps(body))


def balance(caller: Caller, request: Request) -> Reply:
    """Answer with what is left: the balance that was set less all that was billed; 404 where none was set."""
    account = caller.account
    refused = _not_theirs(caller, request)
    if refused is not None:
        return refused
    if account.settings.balance is None:
        return refusal(20404, detail=request.path)
    left = round(account.settings.balance * 1_000_000) - total_micro_usd(account.ledger.billed())
    body = {"account_sid": account.sid, "balance": decimal_usd(left), "currency": "USD"}
    return Reply(status=200, body=orjson.dumps(body))


def usage_records(caller: Caller, request: Request) -> Reply:
    """List usage by category and period, newest first: Records, Daily, Monthly, Yearly, AllTime, Today, Yesterday …

    `Category`, `StartDate`, `EndDate` (GMT, both included), `PageSize` and `Page` are read as Twilio reads them.
    """
    account = caller.account
    refused = _not_theirs(caller, request)
    if refused is not None:
        return refused
    query = request.query
    category = query.get("Category")
    if category is not None and category not in USAGE_CATEGORIES:
        categories: list[str] = []
    else:
        categories = [category] if category else list(USAGE_CATEGORIES)
    today = date.fromordinal(_EPOCH.toordinal() + int(time.time()) // 86_400)
    ledger_start = account.ledger.first_day()
    start = _day(query.get("StartDate"), today) or (today if ledger_start is None else _EPOCH + timedelta(ledger_start))
    end = min(_day(query.get("EndDate"), today) or today, today)
    periods = _periods(request.path, start, end, today)
    if periods is None:
        return refusal(20404, detail=request.path)
    size = min(max(1, _number(query.get("PageSize"), _USUAL_RECORDS)), _MOST_RECORDS)
    page = max(0, _number(query.get("Page"), 0))
    wanted = [(name, first, last) for first, last in periods for name in categories]
    records = [_record(account, *one) for one in wanted[page * size : (page + 1) * size]]
    return Reply(status=200, body=orjson.dumps(_page(records, request, of=len(wanted), size=size, page=page)))


def _not_theirs(caller: Caller, request: Request) -> Reply | None:
    found = _SID.match(request.path)
    if found is None or found[1] != caller.account.sid:
        return refusal(20404, detail=request.path)
    return refusal(20008) if caller.by_test_token else None


def _periods(path: str, start: date, end: date, today: date) -> list[tuple[date, date]] | None:
    kind = path.rpartition("/")[2].removesuffix(".json")
    month = today.replace(day=1)
    last_month = (month - timedelta(1)).replace(day=1)
    fixed = {
        "Today": (today, today),
        "Yesterday": (today - timedelta(1), today - timedelta(1)),
        "ThisMonth": (month, today),
        "LastMonth": (last_month, month - timedelta(1)),
        "Records": (start, end),
        "AllTime": (start, end),
    }
    if kind in fixed:
        return [fixed[kind]]
    if kind not in ("Daily", "Monthly", "Yearly"):
        return None
    return list(_split(kind, start, end))


def _split(kind: str, start: date, end: date) -> Iterator[tuple[date, date]]:
    last = end
    for _ in range(_MOST_PERIODS):
        if last < start:
            return
        first = last
        if kind == "Monthly":
            first = last.replace(day=1)
        elif kind == "Yearly":
            first = last.replace(month=1, day=1)
        yield max(first, start), last
        last = first - timedelta(1)


def _record(account: Account, category: str, first: date, last: date) -> dict[str, object]:
    billed = account.ledger.billed((first - _EPOCH).days, (last - _EPOCH).days)
    counts = {package: billed[package] for package in USAGE_CATEGORIES[category]}
    count = str(sum(counts.values()))
    return {
        "category": category,
        "description": category.replace("-", " ").capitalize(),
        "account_sid": account.sid,
        "start_date": first.isoformat(),
        "end_date": last.isoformat(),
        "as_of": datetime.fromtimestamp(int(time.time()), UTC).isoformat(),
        "count": count,
        "count_unit": "lookups",
        "usage": count,
        "usage_unit": "lookups",
        "price": decimal_usd(sum(n * PRICES_MICRO_USD[package] for package, n in counts.items())),
        "price_unit": "usd",
        "api_version": "2010-04-01",
        "uri": f"/2010-04-01/Accounts/{account.sid}/Usage/Records.json?Category={category}",
        "subresource_uris": {},
    }


def _page(records: list[dict[str, object]], request: Request, *, of: int, size: int, page: int) -> dict[str, object]:
    kept = "&".join(f"{name}={value}" for name, value in request.query.items() if name not in ("Page", "PageSize"))

    def uri(number: int) -> str:
        return f"{request.path}?PageSize={size}&Page={number}{'&' + kept if kept else ''}"

    return {
        "usage_records": records,
        "page": page,
        "page_size": size,
        "start": page * size,
        "end": page * size + max(0, len(records) - 1),
        "uri": uri(page),
        "first_page_uri": uri(0),
        "previous_page_uri": uri(page - 1) if page else None,
        "next_page_uri": uri(page + 1) if (page + 1) * size < of else None,
    }


def _day(text: str | None, today: date) -> date | None:
    """Read YYYY-MM-DD or, as Twilio also takes it, an offset such as -30days."""
    if not text:
        return None
    offset = re.fullmatch(r"([+-]?\d+)days?", text)
    if offset:
        return today + timedelta(int(offset[1]))
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _number(text: str | None, usual: int) -> int:
    return int(text) if text and text.isdecimal() else usual
