"""Named scenarios: several settings under one word, for a demonstration or a test.

* `bad-day`: a slow and shaky Twilio. 250 ms ± 150 ms; 1 % each of 5xx, resets, time-outs, slow bodies and garbage, 5 %
  random 429, 1 % of the packages with an error of their own, half of the 5xx and resets after the work was done.
* `rate-limited`: a busy account. At most 20 requests in flight, five of them another program's; at most 10 with
  line_type_intelligence and 5 with caller_name; 2 % random 429; the same number within 2 s is refused; 250 ms each.
* `half-covered`: packages that know little. Half of the numbers are outside a package's coverage, 5 % are called
  invalid, and only line_type_intelligence, caller_name and line_status are enabled.
"""

from collections.abc import Mapping

SCENARIOS: dict[str, Mapping[str, object]] = {
    "bad-day": {
        "latency": 0.25,
        "jitter": 0.15,
        "refuse_rate": 0.05,
        "error_rate": 0.01,
        "reset_rate": 0.01,
        "timeout_rate": 0.01,
        "slow_body_rate": 0.01,
        "garbage_rate": 0.01,
        "package_error_rate": 0.01,
    },
    "rate-limited": {
        "latency": 0.25,
        "max_in_flight": 20,
        "foreign_in_flight": 5,
        "package_limits": {"line_type_intelligence": 10, "caller_name": 5},
        "refuse_rate": 0.02,
        "same_number_interval": 2.0,
    },
    "half-covered": {
        "uncovered_rate": 0.5,
        "invalid_rate": 0.05,
        "disabled_packages": (
            "reassigned_number",
            "sms_pumping_risk",
            "sim_swap",
            "call_forwarding",
            "identity_match",
            "phone_number_quality_score",
            "pre_fill",
        ),
    },
}
