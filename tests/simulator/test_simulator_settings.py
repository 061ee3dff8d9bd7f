"""Settings: every one can be given as text, a wrong one is named, a scenario is several at once."""

import pytest

from bulk_lookup.simulator.scenarios import SCENARIOS
from bulk_lookup.simulator.settings import BadSetting, SimulatorSettings, as_json, changed, setting_texts


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("250ms", 0.25), ("0.25", 0.25), (0.25, 0.25), ("2s", 2.0), ("1m", 60.0), (3, 3.0), ("0", 0.0)],
)
def test_a_latency_is_read_with_and_without_a_unit(text: object, seconds: float) -> None:
    assert SimulatorSettings.of(latency=text).latency == seconds


@pytest.mark.parametrize(("text", "share"), [("0.05", 0.05), (0.05, 0.05), ("5%", 0.05), (0, 0.0), ("1", 1.0)])
def test_a_rate_is_a_share_or_a_percentage(text: object, share: float) -> None:
    assert SimulatorSettings.of(error_rate=text).error_rate == pytest.approx(share)


def test_names_may_be_written_as_on_a_command_line() -> None:
    options = {"error-rate": "1%", "package-limit": "line_type_intelligence=10,caller_name=5", "bill-errors": "off"}
    settings = SimulatorSettings.of(**options)
    assert settings.error_rate == 0.01
    assert settings.package_limits == {"line_type_intelligence": 10, "caller_name": 5}
    assert settings.bill_errors is False


def test_package_limits_may_be_given_one_by_one() -> None:
    limits = SimulatorSettings.of(package_limits=["line_type_intelligence=10", "caller_name=5,line_status=2"])
    assert limits.package_limits == {"line_type_intelligence": 10, "caller_name": 5, "line_status": 2}


def test_every_setting_has_a_sentence() -> None:
    assert all(text.endswith(".") for text in setting_texts().values())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("latency", "soon"),
        ("latency", -1),
        ("error_rate", 1.5),
        ("error_rate", "nan"),
        ("error_rate", True),
        ("max_in_flight", -1),
        ("max_in_flight", "many"),
        ("package_limits", {"carrier": 3}),
        ("package_limits", "line_type_intelligence"),
        ("package_limit_style", "polite"),
        ("garbage_kinds", ["not_json", "glitter"]),
        ("garbage_kinds", []),
        ("disabled_packages", "carrier"),
        ("bill_errors", "perhaps"),
        ("scenario", "sunny"),
        ("seed", 1 << 64),
        ("balance", "inf"),
        ("account_fault", "suspended"),
        ("colour", "blue"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(BadSetting, match=name):
        SimulatorSettings.of(**{name: value})


def test_fault_rates_cannot_add_up_to_more_than_every_request() -> None:
    with pytest.raises(BadSetting, match="add up"):
        SimulatorSettings.of(error_rate=0.6, reset_rate=0.5)


def test_every_scenario_sets_only_what_exists() -> None:
    for name, values in SCENARIOS.items():
        settings = SimulatorSettings.of(scenario=name)
        assert settings.scenario == name
        assert {key: getattr(settings, key) for key in values} == dict(values)


def test_an_option_beside_a_scenario_wins_over_it() -> None:
    assert SimulatorSettings.of(scenario="bad-day", latency="10ms").latency == 0.01


def test_leaving_a_scenario_keeps_port_seed_and_billing_only() -> None:
    before = SimulatorSettings.of(scenario="bad-day", port=7000, seed=5, bill_errors="off", bill_invalid="off")
    assert changed(before, {"scenario": "none"}) == SimulatorSettings(
        port=7000, seed=5, bill_errors=False, bill_invalid=False
    )


def test_what_is_shown_can_be_set_again() -> None:
    settings = SimulatorSettings.of(scenario="rate-limited", account_fault=60699, balance=None)
    shown = as_json(settings)
    assert set(shown) == set(setting_texts())
    assert changed(SimulatorSettings(), shown) == settings
