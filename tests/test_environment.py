"""Settings: read once, typed, loud when wrong, and silent about secrets."""

from pathlib import Path

import pytest

from bulk_lookup.environment import SETTINGS, EnvironmentProblem, read_environment


def value(name: str, environ: dict[str, str], dotenv: Path | None = None) -> object:
    return read_environment(environ, dotenv=dotenv)[name].value


def test_every_setting_has_a_default_of_its_own_type_and_says_what_it_is_for() -> None:
    for setting in SETTINGS:
        found = read_environment({}, dotenv=None)[setting.name]
        assert (found.value, found.origin) == (setting.default, "default")
        assert setting.meaning, setting.name
        if setting.default not in ("", None):
            text = ",".join(map(str, setting.default)) if isinstance(setting.default, tuple) else str(setting.default)
            assert setting.parse(text) == setting.default, setting.name
    assert len({setting.name for setting in SETTINGS}) == len(SETTINGS)


def test_the_defaults_are_those_that_were_asked_for() -> None:
    found = read_environment({}, dotenv=None)

    assert {name: found[name].value for name in ("DB_POOL", "DB_POOL_TIMEOUT", "BULK_LOOKUP_DRAIN")} == {
        "DB_POOL": 25,
        "DB_POOL_TIMEOUT": 5.0,
        "BULK_LOOKUP_DRAIN": 20.0,
    }
    kinds = ("LOOKUPS", "QUICK", "FILES")
    assert [found[f"BULK_LOOKUP_{kind}_CONCURRENCY"].value for kind in kinds] == [50, 10, 1]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("DB_POOL", "7", 7),
        ("DB_POOL_TIMEOUT", "0.5", 0.5),
        ("BULK_LOOKUP_REQUESTS_PER_SECOND", "0", 0),
        ("BULK_LOOKUP_WAITS_NETWORK", "1, 2.5,30", (1.0, 2.5, 30.0)),
        ("BULK_LOOKUP_ASK_UNKNOWN_AGAIN", "No", False),
        ("BULK_LOOKUP_ASK_UNKNOWN_AGAIN", "on", True),
        ("TWILIO_REGION", "ie1", "ie1"),
        ("BULK_LOOKUP_TRUSTED_PROXIES", "10.0.0.5, fd00::/8", "10.0.0.5/32,fd00::/8"),
        ("BULK_LOOKUP_TRUSTED_PROXIES", ",", ""),
        ("BULK_LOOKUP_ORGANIZATIONS", " Open ", "open"),
    ],
)
def test_a_text_becomes_the_value_that_it_means(name: str, text: str, expected: object) -> None:
    assert value(name, {name: text}) == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("DB_POOL", "many"),
        ("DB_POOL", "0"),
        ("DB_POOL", "2.5"),
        ("DB_POOL", "-1"),
        ("DB_POOL", "٣"),  # a digit, but nobody would look for it
        ("DB_POOL_TIMEOUT", "-1"),
        ("DB_POOL_TIMEOUT", "nan"),
        ("DB_POOL_TIMEOUT", "inf"),
        ("BULK_LOOKUP_WAITS_NETWORK", "1,,2"),
        ("BULK_LOOKUP_WAITS_NETWORK", "1;2"),
        ("BULK_LOOKUP_DEBUG", "maybe"),
        ("BULK_LOOKUP_TRUSTED_PROXIES", "10.0.0.5/8"),  # bits behind the mask: a slip of the pen, not a network
        ("BULK_LOOKUP_TRUSTED_PROXIES", "all"),
        ("BULK_LOOKUP_ORGANIZATIONS", "everybody"),
    ],
)
def test_a_value_that_cannot_be_understood_is_named_with_what_was_expected(name: str, text: str) -> None:
    with pytest.raises(EnvironmentProblem) as problem:
        read_environment({name: text}, dotenv=None)

    assert str(problem.value).startswith(f"{name} is {text!r}, but must be ")
    assert str(problem.value).endswith(".")


@pytest.mark.parametrize("setting", [one for one in SETTINGS if one.secret], ids=lambda one: one.name)
def test_a_secret_is_masked(setting: object) -> None:
    name = setting.name  # type: ignore[attr-defined]

    secret = {"BULK_LOOKUP_MAIL_URL": "smtp://me:hush@mail.example", "REDIS_URL": "redis://:hush@cache"}.get(
        name, "hush"
    )

    found = read_environment({name: secret}, dotenv=None)[name]

    assert found.value == secret
    assert found.shown() == "********"
    assert read_environment({}, dotenv=None)[name].shown() == "(not set)"


@pytest.mark.parametrize("text", ["mail.example.com", "http://mail", "smtp://", "smtp://mail:port", "console"])
def test_a_mail_server_that_is_none_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(EnvironmentProblem) as problem:
        read_environment({"BULK_LOOKUP_MAIL_URL": text}, dotenv=None)

    assert str(problem.value).startswith("BULK_LOOKUP_MAIL_URL is a secret value, but must be an address such as ")


def test_whatever_unlocks_something_is_a_secret() -> None:
    secret = {setting.name for setting in SETTINGS if setting.secret}

    assert secret >= {"DATABASE_URL", "BULK_LOOKUP_SECRET_KEY", "TWILIO_AUTH_TOKEN", "TWILIO_API_SECRET"}
    assert secret >= {"BULK_LOOKUP_MAIL_URL", "REDIS_URL"}


def test_what_is_no_secret_is_shown() -> None:
    assert read_environment({"DB_POOL": "7"}, dotenv=None)["DB_POOL"].shown() == "7"


def test_a_file_can_hold_a_value(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("hush\n", encoding="utf-8")

    found = read_environment({"TWILIO_AUTH_TOKEN_FILE": str(file)}, dotenv=None)["TWILIO_AUTH_TOKEN"]

    assert (found.value, found.origin) == ("hush", str(file))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "missing"

    with pytest.raises(EnvironmentProblem, match=r"TWILIO_AUTH_TOKEN_FILE names .*missing, which cannot be read"):
        read_environment({"TWILIO_AUTH_TOKEN_FILE": str(missing)}, dotenv=None)


def test_a_value_and_a_file_at_once_are_refused(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="both set; keep one"):
        read_environment({"DB_POOL": "1", "DB_POOL_FILE": "x"}, dotenv=None)


def test_the_environment_wins_over_the_file_of_settings(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("DB_POOL=3\nDB_POOL_TIMEOUT=9\n# a comment\nSOMEBODY_ELSES=1\n")

    found = read_environment({"DB_POOL": "7"}, dotenv=dotenv)

    assert (found["DB_POOL"].value, found["DB_POOL"].origin) == (7, "environment")
    assert (found["DB_POOL_TIMEOUT"].value, found["DB_POOL_TIMEOUT"].origin) == (9.0, ".env")
    assert "SOMEBODY_ELSES" not in found


@pytest.mark.parametrize("content", [b"\xff\xfe\x00binary", None])
def test_a_file_of_settings_that_is_none_is_passed_over(tmp_path: Path, content: bytes | None) -> None:
    dotenv = tmp_path / ".env"
    if content is not None:
        dotenv.write_bytes(content)

    assert value("DB_POOL", {}, dotenv) == 25


def test_a_secret_that_is_wrong_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    from bulk_lookup import environment

    def refuse(text: str) -> str:
        raise ValueError("something else")

    guarded = environment.Setting("A_SECRET", refuse, "", "a secret that can be wrong", secret=True)
    monkeypatch.setattr(environment, "SETTINGS", (guarded,))

    with pytest.raises(EnvironmentProblem) as problem:
        read_environment({"A_SECRET": "hush"}, dotenv=None)

    assert str(problem.value) == "A_SECRET is a secret value, but must be something else."
