"""The failure table is total: every documented code and every HTTP status leads to the decision written beside it."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_lookup.core.billing import Billing
from bulk_lookup.core.coverage import learnt_from
from bulk_lookup.core.failure import Failure, FailureReason, RetryClass
from bulk_lookup.core.retry import Decision, DropPackage, GiveUp, PauseReason, PauseRun, Retry, WaitForAllowance, decide
from bulk_lookup.providers.twilio.failures import CODES, package_failure, request_failure
from bulk_lookup.providers.twilio.sentences import SENTENCES

R = FailureReason
NOW = datetime(2026, 11, 23, tzinfo=UTC)
PACKAGE = "line_type_intelligence"

with (Path(__file__).parents[1] / "data" / "twilio_error_codes.csv").open(newline="") as file:
    DOCUMENTED = list(csv.DictReader(file))


def first_decision(failure: Failure) -> Decision:
    return decide(failure, attempt=1, now=NOW, jitter=0.0)


def matches(action: str, failure: Failure) -> bool:
    """Whether the decision is the one that the documentation's action asks for."""
    decision = first_decision(failure)
    if action.startswith("pause "):
        return decision == PauseRun(PauseReason(action.removeprefix("pause ")))
    if action == "give up and learn the country":
        return isinstance(decision, GiveUp) and learnt_from(failure, "CA") == (PACKAGE, "CA")
    if action == "give up and keep the data":
        return decision == GiveUp(R.PARTIAL_DATA)
    if action == "three tries":
        return failure.retry_class is RetryClass.TRANSIENT
    if action == "ask once more":
        return failure.retry_class in (RetryClass.UNKNOWN, RetryClass.TRANSIENT)
    if action == "wait long and ask again":
        return failure.retry_class is RetryClass.NUMBER
    kind = {"give up": GiveUp, "drop the package": DropPackage, "wait for the allowance": WaitForAllowance}[action]
    return isinstance(decision, kind)


def error_body(code: object, message: str = "") -> bytes:
    return orjson.dumps({"code": code, "message": message, "more_info": "", "status": 400})


def test_the_table_has_every_documented_code_and_no_other() -> None:
    assert set(CODES) == {int(row["code"]) for row in DOCUMENTED}


def test_every_documented_code_says_where_it_comes_from_and_when() -> None:
    for row in DOCUMENTED:
        assert row["source"], row
        datetime.fromisoformat(row["as_of"])


@pytest.mark.parametrize("row", DOCUMENTED, ids=lambda row: row["code"])
def test_a_documented_code_inside_a_package_is_acted_on_as_documented(row: dict[str, str]) -> None:
    failure = package_failure(PACKAGE, int(row["code"]))
    assert matches(row["action"], failure), first_decision(failure)
    assert failure.code == int(row["code"])
    assert failure.package == PACKAGE


@pytest.mark.parametrize("status", [400, 401, 403, 404, 418, 429])
@pytest.mark.parametrize("row", [r for r in DOCUMENTED if r["code"] not in ("20500", "20503")], ids=lambda r: r["code"])
def test_a_documented_code_of_a_refused_request_is_acted_on_as_documented(row: dict[str, str], status: int) -> None:
    failure = request_failure(status, error_body(int(row["code"])), [PACKAGE])
    assert matches(row["action"], failure), first_decision(failure)
    assert (failure.code, failure.http_status) == (int(row["code"]), status)
    assert failure.billing is Billing.NOT_PROCESSED


STATUSES = [
    # No answer that anybody can read, though something was done.
    (200, R.INVALID_ANSWER, Billing.UNKNOWN),
    (204, R.INVALID_ANSWER, Billing.UNKNOWN),
    (206, R.INVALID_ANSWER, Billing.UNKNOWN),
    # Somebody else's address.
    (301, R.REDIRECTED, Billing.NOT_PROCESSED),
    (302, R.REDIRECTED, Billing.NOT_PROCESSED),
    (307, R.REDIRECTED, Billing.NOT_PROCESSED),
    (308, R.REDIRECTED, Billing.NOT_PROCESSED),
    # Refused: an unknown package name, wrong credentials, not allowed.
    (400, R.BAD_REQUEST, Billing.NOT_PROCESSED),
    (401, R.ACCOUNT_CREDENTIALS, Billing.NOT_PROCESSED),
    (403, R.ACCOUNT_CREDENTIALS, Billing.NOT_PROCESSED),
    # Without Twilio's 20404 it is some other server's.
    (404, R.UNEXPECTED_STATUS, Billing.NOT_PROCESSED),
    (405, R.UNEXPECTED_STATUS, Billing.NOT_PROCESSED),
    # The server waited for the rest of the request: who knows what it did with it.
    (408, R.TIME_OUT, Billing.UNKNOWN),
    (414, R.UNEXPECTED_STATUS, Billing.NOT_PROCESSED),
    (418, R.UNEXPECTED_STATUS, Billing.NOT_PROCESSED),
    (429, R.RATE_LIMITED, Billing.NOT_PROCESSED),
    (451, R.UNEXPECTED_STATUS, Billing.NOT_PROCESSED),
    (500, R.SERVER_ERROR, Billing.UNKNOWN),
    (502, R.SERVER_ERROR, Billing.UNKNOWN),
    (503, R.SERVER_ERROR, Billing.UNKNOWN),
    (504, R.SERVER_ERROR, Billing.UNKNOWN),
    (599, R.SERVER_ERROR, Billing.UNKNOWN),
    # No status that HTTP knows.
    (600, R.INVALID_ANSWER, Billing.UNKNOWN),
    (999, R.INVALID_ANSWER, Billing.UNKNOWN),
]


@pytest.mark.parametrize(("status", "reason", "billing"), STATUSES)
@pytest.mark.parametrize("body", [b"", b"<html></html>", b"[]", b"{}", error_body("20404"), error_body(69_999)])
def test_a_status_without_a_known_code_means_what_the_table_says(
    status: int, reason: FailureReason, billing: Billing, body: bytes
) -> None:
    failure = request_failure(status, body, [PACKAGE])
    assert (failure.reason, failure.billing) == (reason, billing)
    assert failure.http_status == status


def test_a_server_error_stays_unknown_whatever_code_stands_in_it() -> None:
    for code in CODES:
        failure = request_failure(500, error_body(code), [PACKAGE])
        assert (failure.reason, failure.billing) == (R.SERVER_ERROR, Billing.UNKNOWN)


def test_a_rate_limit_is_asked_again_and_costs_nothing() -> None:
    failure = request_failure(429, error_body(20429), [PACKAGE], retry_after=2.0)
    assert isinstance(first_decision(failure), WaitForAllowance)
    assert (failure.billing, failure.retry_after) == (Billing.NOT_PROCESSED, 2.0)


def test_a_package_s_error_is_an_unknown_bill_but_for_its_rate_limit() -> None:
    for row in DOCUMENTED:
        expected = Billing.NOT_PROCESSED if row["code"] in ("60616", "20429") else Billing.UNKNOWN
        assert package_failure(PACKAGE, int(row["code"])).billing is expected, row


@pytest.mark.parametrize("code", [60615, 60008, 60698, 69_999, 1, None])
def test_a_code_in_no_list_is_permanent_for_its_package_and_kept(code: int | None) -> None:
    failure = package_failure(PACKAGE, code)
    assert first_decision(failure) == GiveUp(R.PACKAGE_REFUSED)
    assert failure.code == code


def test_test_credentials_are_recognised_and_explained() -> None:
    for failure in (
        request_failure(403, error_body(20008), [PACKAGE]),
        request_failure(400, error_body(60622), [PACKAGE]),
        package_failure("sms_pumping_risk", 60622),
    ):
        assert failure.reason is R.TEST_CREDENTIALS
        assert "test credentials" in failure.message
        assert "--simulate" in failure.message
        assert first_decision(failure) == PauseRun(PauseReason.ACCOUNT_CREDENTIALS)


@pytest.mark.parametrize(
    ("packages", "message", "package"),
    [
        (["caller_name"], "", "caller_name"),
        (["line_status", "caller_name"], "Rate limit of this data package exceeded: caller_name", "caller_name"),
        (["line_status", "caller_name"], "Rate limit exceeded", None),
        (["line_status", "caller_name"], "line_status or caller_name", None),
        ([], "", None),
    ],
)
def test_which_package_a_refused_request_is_about(packages: list[str], message: str, package: str | None) -> None:
    failure = request_failure(429, error_body(60616, message), packages)
    assert failure.package == package
    assert first_decision(failure) == WaitForAllowance(package=package, not_before=None)


def test_every_reason_has_a_sentence() -> None:
    assert set(SENTENCES) == set(FailureReason)
    for sentence in SENTENCES.values():
        assert sentence.endswith(".")


def test_no_sentence_repeats_what_twilio_wrote_since_the_number_may_stand_in_it() -> None:
    body = error_body(20404, "The requested resource /v2/PhoneNumbers/+14155550123 was not found")
    failure = request_failure(404, body, [PACKAGE])
    assert failure.reason is R.NOT_FOUND
    assert failure.message == "Twilio does not know this number. (Twilio error 20404, HTTP 404)"


@given(status=st.integers(100, 999), body=st.binary(max_size=60), packages=st.lists(st.just(PACKAGE), max_size=2))
def test_any_answer_becomes_one_failure_and_one_decision(status: int, body: bytes, packages: list[str]) -> None:
    failure = request_failure(status, body, packages)
    assert isinstance(first_decision(failure), Retry | WaitForAllowance | GiveUp | DropPackage | PauseRun)
    if failure.billing is Billing.NOT_PROCESSED:
        assert 300 <= status < 500


@given(
    code=st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.booleans()
    | st.text(max_size=9)
    | st.none()
)
def test_any_code_is_a_column_s_integer_or_none(code: object) -> None:
    import json

    failure = request_failure(400, json.dumps({"code": code}).encode(), [PACKAGE])
    assert failure.code is None or 0 < failure.code < 2**31
