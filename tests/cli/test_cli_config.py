"""`bulk-lookup config`: every setting, and no secret."""

import pytest
from cli_stage import Command

from bulk_lookup.environment import SETTINGS

SECRETS = [setting.name for setting in SETTINGS if setting.secret]


def test_every_setting_is_shown_with_its_meaning(bare: Command) -> None:
    shown = {row["name"]: row for row in bare("config", "--json").json}
    said = bare("config").out

    assert list(shown) == [setting.name for setting in SETTINGS]
    for setting in SETTINGS:
        assert shown[setting.name]["meaning"] == setting.meaning
        assert setting.meaning in said
    assert shown["DB_POOL"] == {
        "name": "DB_POOL",
        "value": 25,
        "from": "default",
        "secret": False,
        "meaning": shown["DB_POOL"]["meaning"],
    }
    assert shown["TWILIO_ACCOUNT_SID"]["value"] is None


def test_it_says_where_each_value_came_from(bare: Command) -> None:
    (bare.folder / ".env").write_text("TWILIO_REGION=ie1\nDB_POOL=30\n")
    (bare.folder / "token").write_text("xyzzy\n")

    rows = bare("config", "--json", DB_POOL="40", TWILIO_AUTH_TOKEN_FILE="token").json
    shown = {row["name"]: (row["value"], row["from"]) for row in rows}

    assert shown["TWILIO_REGION"] == ("ie1", ".env")
    assert shown["DB_POOL"] == (40, "environment")
    assert shown["TWILIO_AUTH_TOKEN"] == ("********", "token")


@pytest.mark.parametrize("words", [("config",), ("config", "--json")])
def test_no_secret_is_shown(bare: Command, words: tuple[str, ...]) -> None:
    within = {"BULK_LOOKUP_MAIL_URL": "smtp://me:xyzzy@mail.example", "REDIS_URL": "redis://:xyzzy@cache"}

    done = bare(*words, **(dict.fromkeys(SECRETS, "xyzzy") | within))

    assert done.code == 0
    assert "xyzzy" not in done.out + done.err
    assert done.out.count("********") == len(SECRETS)


def test_a_value_that_cannot_be_understood_is_one_sentence(bare: Command) -> None:
    done = bare("config", BULK_LOOKUP_DRAIN="soon")

    assert (done.code, done.out) == (2, "")
    assert done.said == "BULK_LOOKUP_DRAIN is 'soon', but must be a number of seconds, such as 5 or 0.5."
