"""`bulk-lookup simulator`: a server to point the product at."""

import json
import re
import urllib.request

import pytest
from cli_stage import Command, started

from bulk_lookup.simulator.settings import setting_texts


def test_every_setting_is_an_option(bare: Command) -> None:
    said = bare("simulator", "--help").out

    # A name that is too long for its column is cut there.
    shown = {re.sub(r"…$", "", option) for option in re.findall(r"--[a-z-]+…?", said)}
    for name in [*setting_texts(), "package_limit", "host"]:
        option = f"--{name.replace('_', '-')}"
        assert any(option.startswith(one) and len(one) > 10 for one in shown) or option in shown


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--error-rate", "7"), "--error-rate: '7' does not fit: a rate lies between 0 and 1"),
        (("--scenario", "good-day"), "--scenario: 'good-day' does not fit: one of none, bad-day"),
        (("--latency", "soon"), "--latency: 'soon' does not fit: a duration is written like"),
        (("--package-limit", "caller_name"), "--package-limits: "),
        (("--port", "99999"), "--port 99999 is no port; they end at 65535."),
        (("--colour", "red"), "No such option: --colour"),
    ],
)
def test_an_option_that_does_not_fit_is_refused_with_a_sentence(
    bare: Command, words: tuple[str, ...], sentence: str
) -> None:
    done = bare("simulator", *words)

    assert (done.code, done.out) == (2, "")
    assert sentence in done.said


def test_it_says_how_to_point_the_product_at_it_and_serves(bulk_lookup: Command) -> None:
    words = ("--latency", "5ms", "--max-in-flight", "100", "--bill-errors", "off", "--package-limit", "caller_name=3")
    with started(bulk_lookup, "simulator", "--port", "0", *words, "--scenario", "bad-day") as process:
        assert process.stdout is not None
        lines = [process.stdout.readline().strip() for _ in range(4)]
        exports = dict(line.removeprefix("export ").split("=", 1) for line in lines[1:])
        url = exports["BULK_LOOKUP_TWILIO_URL"]
        with urllib.request.urlopen(f"{url}/_simulator/settings", timeout=10) as answer:
            settings = json.load(answer)
        checked = bulk_lookup("doctor", "--json", **exports)

    assert lines[0] == f"Simulator: {url}"
    assert (settings["latency"], settings["max_in_flight"], settings["bill_errors"]) == (0.005, 100, False)
    assert (settings["package_limits"], settings["garbage_rate"]) == ({"caller_name": 3}, 0.01)
    account = next(check for check in checked.json["checks"] if check["name"] == "account")
    assert account["state"] == "ok"
    assert "simulated" in account["sentence"]
