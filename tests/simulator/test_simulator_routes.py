"""Whatever is asked, the simulator has an answer; only its own faults would be a 500."""

import base64

from hypothesis import given
from hypothesis import strategies as st

from bulk_lookup.simulator.accounts import SIMULATED_ACCOUNT_SID, SIMULATED_API_KEY, SIMULATED_API_SECRET, Accounts
from bulk_lookup.simulator.prices import PACKAGES
from bulk_lookup.simulator.routes import answer
from bulk_lookup.simulator.settings import KINDS, SimulatorSettings
from bulk_lookup.simulator.wire import Reply, Request

KEY = b"Basic " + base64.b64encode(f"{SIMULATED_API_KEY}:{SIMULATED_API_SECRET}".encode())
PATHS = [
    "/v2/PhoneNumbers/",
    "/v2/PhoneNumbers/%2B1415",
    "/v2/RateLimits",
    "/v2/batch/query",
    f"/2010-04-01/Accounts/{SIMULATED_ACCOUNT_SID}",
    f"/2010-04-01/Accounts/{SIMULATED_ACCOUNT_SID}/Usage/Records/Daily.json",
    "/_simulator/",
    "/",
]
QUERIES = [
    "",
    "?Fields=",
    f"?Fields={','.join(PACKAGES)}",
    "?CountryCode=",
    "?StartDate=",
    "?PageSize=1&Page=",
    "?account=",
]


def ask(target: bytes, *, method: bytes = b"GET", authorization: bytes = KEY, body: bytes = b"") -> Reply:
    accounts = Accounts(SimulatorSettings())
    return answer(accounts, Request(method=method, target=target, authorization=authorization, host=b"x", body=body))


@given(
    st.sampled_from([b"GET", b"POST", b"DELETE", b"PUT"]),
    st.sampled_from(PATHS),
    st.binary(max_size=12),
    st.sampled_from(QUERIES),
    st.binary(max_size=12),
    st.binary(max_size=30),
)
def test_no_request_is_too_odd_to_answer(
    method: bytes, path: str, more: bytes, query: str, value: bytes, body: bytes
) -> None:
    reply = ask(path.encode() + more + query.encode() + value, method=method, body=body)
    assert reply.status in (200, 400, 401, 404, 405)
    assert reply.head(length=len(reply.body), keep_alive=True).startswith(b"HTTP/1.1 ")


@given(st.binary(max_size=60))
def test_no_authorization_but_a_good_one_is_let_in(authorization: bytes) -> None:
    for header in (authorization, b"Basic " + authorization, b"Basic " + base64.b64encode(authorization)):
        assert ask(b"/v2/PhoneNumbers/%2B14155552671", authorization=header).status == 401


@given(st.sampled_from([(name, kind) for name, kinds in KINDS.items() for kind in kinds]), st.integers(0, 9999))
def test_every_kind_of_fault_has_its_answer(which: tuple[str, str], n: int) -> None:
    setting, kind = which
    options = {setting.replace("_kinds", "_rate"): 1, setting: [kind], "processed_share": 1}
    accounts = Accounts(SimulatorSettings.of(**options))
    target = f"/v2/PhoneNumbers/+1415555{n:04}?Fields={','.join(PACKAGES)}".encode()
    reply = answer(accounts, Request(method=b"GET", target=target, authorization=KEY, host=b"x", body=b""))
    (account,) = accounts.opened.values()
    assert reply.account is account
    assert reply.concurrent == account.in_flight == 1
    assert account.stats.faults.total() == 1
