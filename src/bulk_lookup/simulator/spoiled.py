"""A good answer made bad: server errors, garbage, and the endings of a connection."""

from collections.abc import Callable

import orjson

from bulk_lookup.simulator.errors import error_body
from bulk_lookup.simulator.faults import Fault
from bulk_lookup.simulator.wire import HTML, Ending, Reply

# No client may follow this with its credentials; the name can never resolve (RFC 2606).
REDIRECT_TARGET = "http://elsewhere.invalid/v2/PhoneNumbers/"
UNKNOWN_CODE = 69_999

_ENDINGS = {
    "reset": Ending.RESET,
    "timeout": Ending.SILENCE,
    "slow": Ending.SLOW,
    "endless": Ending.ENDLESS,
    "truncated": Ending.TRUNCATED,
}
_PROXY_PAGE = b"<html><head><title>%d</title></head><body><h1>%b</h1><hr>gateway (simulated)</body></html>\n"


def spoiled(answer: dict[str, object], fault: Fault) -> Reply:
    """Turn an answer into what the fault makes of it."""
    if fault.name == "error":
        return _ERRORS[fault.kind]()
    if fault.kind in _ENDINGS:
        return Reply(status=200, body=orjson.dumps(answer), ending=_ENDINGS[fault.kind])
    return _GARBAGE[fault.kind](answer)


def _not_json(answer: dict[str, object]) -> Reply:
    return Reply(status=200, body=orjson.dumps(answer)[:-40] + b",,}")


def _wrong_types(answer: dict[str, object]) -> Reply:
    wrong: dict[str, object] = {key: [value] for key, value in answer.items()}
    return Reply(status=200, body=orjson.dumps({**wrong, "valid": "perhaps", "phone_number": 1, "url": {}}))


def _redirect(answer: dict[str, object]) -> Reply:
    location = f"Location: {REDIRECT_TARGET}{answer.get('phone_number', '')}\r\n".encode()
    return Reply(status=302, body=b"", content_type=HTML, headers=location)


def _unknown_code(answer: dict[str, object]) -> Reply:
    """Give every package that was asked a code that is in no list."""
    for package, told in answer.items():
        if isinstance(told, dict):
            code = str(UNKNOWN_CODE) if package == "reassigned_number" else UNKNOWN_CODE
            answer[package] = {**dict.fromkeys(told), "error_code": code}
    return Reply(status=200, body=orjson.dumps(answer))


def _unknown_values(answer: dict[str, object]) -> Reply:
    """Use words and fields that no document lists, in an answer that is otherwise good."""
    for package, key, word in (
        ("line_type_intelligence", "type", "hologram"),
        ("line_status", "status", "dreaming"),
        ("caller_name", "caller_type", "ROBOT"),
        ("reassigned_number", "is_number_reassigned", "perhaps"),
        ("sms_pumping_risk", "carrier_risk_category", "volcanic"),
    ):
        told = answer.get(package)
        if isinstance(told, dict) and told["error_code"] is None:
            answer[package] = {**told, key: word, "a_new_field": {"nested": [1, None]}}
    return Reply(status=200, body=orjson.dumps({**answer, "a_new_field": "simulated"}))


def _error(status: int, code: int) -> Callable[[], Reply]:
    return lambda: Reply(status=status, body=error_body(code, status=status))


def _page(status: int, title: bytes) -> Callable[[], Reply]:
    return lambda: Reply(status=status, body=_PROXY_PAGE % (status, title), content_type=HTML)


_ERRORS: dict[str, Callable[[], Reply]] = {
    "500": _error(500, 20500),
    "502": _page(502, b"Bad Gateway"),
    "503": _error(503, 20503),
    "504": _page(504, b"Gateway Time-out"),
}
_GARBAGE: dict[str, Callable[[dict[str, object]], Reply]] = {
    "not_json": _not_json,
    "empty": lambda answer: Reply(status=200, body=b""),
    "html": lambda answer: Reply(status=200, body=_PROXY_PAGE % (200, b"Welcome"), content_type=HTML),
    "list": lambda answer: Reply(status=200, body=orjson.dumps([answer])),
    "wrong_types": _wrong_types,
    "redirect": _redirect,
    "unknown_code": _unknown_code,
    "unknown_status": lambda answer: Reply(status=418, body=error_body(UNKNOWN_CODE, status=418)),
    "unknown_values": _unknown_values,
}
