"""Where we sign in, with what, and what is said when something is missing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_lookup.providers.base import CredentialsMissing, account_key
from bulk_lookup.providers.registry import UnknownProvider, connect
from bulk_lookup.providers.twilio.client import TwilioProvider
from bulk_lookup.providers.twilio.credentials import TwilioAddresses, TwilioCredentials

SID = "AC" + "0123456789abcdef" * 2
KEY = "SK" + "0123456789abcdef" * 2
TOKEN = "the-token"
SECRET = "the-secret"


def credentials(**variables: str) -> TwilioCredentials:
    return TwilioCredentials.from_environment({"TWILIO_ACCOUNT_SID": SID, **variables})


@pytest.mark.parametrize(
    ("region", "edge", "lookups", "api"),
    [
        ("", "", "https://lookups.twilio.com", "https://api.twilio.com"),
        ("ie1", "", "https://lookups.ie1.twilio.com", "https://api.ie1.twilio.com"),
        ("ie1", "dublin", "https://lookups.dublin.ie1.twilio.com", "https://api.dublin.ie1.twilio.com"),
        # An edge alone is one of the default region.
        ("", "sydney", "https://lookups.sydney.us1.twilio.com", "https://api.sydney.us1.twilio.com"),
    ],
)
def test_region_and_edge_make_the_host(region: str, edge: str, lookups: str, api: str) -> None:
    found = credentials(TWILIO_AUTH_TOKEN=TOKEN, TWILIO_REGION=region, TWILIO_EDGE=edge).addresses
    assert (found.lookups, found.api) == (lookups, api)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8123", "http://127.0.0.1:8123/", "https://proxy.example/twilio//"])
def test_a_base_url_takes_everything_below_one_address(url: str) -> None:
    found = credentials(TWILIO_AUTH_TOKEN=TOKEN, TWILIO_REGION="ie1", BULK_LOOKUP_TWILIO_URL=url).addresses
    assert found.lookups == found.api == url.rstrip("/")


@given(word=st.text(min_size=1, max_size=40))
def test_a_region_can_never_send_the_password_elsewhere(word: str) -> None:
    try:
        found = TwilioAddresses.of(region=word)
    except CredentialsMissing:
        return
    assert found.lookups == f"https://lookups.{word}.twilio.com"
    assert all(char.isalnum() or char == "-" for char in word)
    assert word.isascii()


@pytest.mark.parametrize("word", ["evil.example/", "evil.example#", "a@b", "ie1.", "-ie1", "IE1", "ie1\n"])
def test_a_region_that_is_no_word_is_refused(word: str) -> None:
    with pytest.raises(CredentialsMissing, match="TWILIO_REGION is a word like ie1"):
        TwilioAddresses.of(region=word)


@pytest.mark.parametrize(
    "url", ["127.0.0.1:8123", "ftp://x", "http://", "http://[::1", "http://h:99999", "http://h?a=b", "//h"]
)
def test_a_base_url_that_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(CredentialsMissing, match="BULK_LOOKUP_TWILIO_URL is not an address"):
        TwilioAddresses.of(base_url=url)


def test_a_base_url_with_a_password_in_it_is_refused() -> None:
    with pytest.raises(CredentialsMissing, match="carries a user name"):
        TwilioAddresses.of(base_url="http://me:secret@127.0.0.1:8123")


def test_the_account_s_token_signs_in() -> None:
    found = credentials(TWILIO_AUTH_TOKEN=TOKEN)
    assert (found.user, found.password, found.by_api_key) == (SID, TOKEN, False)
    assert found.authorization == "Basic QUMwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZjp0aGUtdG9rZW4="


def test_an_api_key_wins_over_the_token_and_belongs_to_the_same_account() -> None:
    found = credentials(TWILIO_AUTH_TOKEN=TOKEN, TWILIO_API_KEY=KEY, TWILIO_API_SECRET=SECRET)
    assert (found.user, found.password, found.by_api_key) == (KEY, SECRET, True)
    assert found.account_key == account_key(SID) == credentials(TWILIO_AUTH_TOKEN="other").account_key


def test_blanks_around_a_pasted_value_do_not_count() -> None:
    found = TwilioCredentials.from_environment({"TWILIO_ACCOUNT_SID": f" {SID}\n", "TWILIO_AUTH_TOKEN": f"{TOKEN}\n"})
    assert (found.account_sid, found.password) == (SID, TOKEN)


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({}, "There are no Twilio credentials. Set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"),
        ({"TWILIO_AUTH_TOKEN": TOKEN}, "There are no Twilio credentials"),
        ({"TWILIO_ACCOUNT_SID": SID}, "TWILIO_AUTH_TOKEN is not set"),
        ({"TWILIO_ACCOUNT_SID": SID, "TWILIO_API_KEY": KEY}, "TWILIO_API_SECRET is not set"),
        ({"TWILIO_ACCOUNT_SID": SID, "TWILIO_API_SECRET": SECRET}, "TWILIO_API_KEY is not set"),
        ({"TWILIO_ACCOUNT_SID": KEY, "TWILIO_AUTH_TOKEN": TOKEN}, r"An API key \(SK…\) belongs into TWILIO_API_KEY"),
        ({"TWILIO_ACCOUNT_SID": "AC123", "TWILIO_AUTH_TOKEN": TOKEN}, "is not the SID of an account"),
        (
            {"TWILIO_ACCOUNT_SID": SID, "TWILIO_API_KEY": SID, "TWILIO_API_SECRET": SECRET},
            "is not the SID of an API key",
        ),
    ],
)
def test_what_is_missing_is_said(variables: dict[str, str], sentence: str) -> None:
    with pytest.raises(CredentialsMissing, match=sentence) as raised:
        TwilioCredentials.from_environment(variables)
    assert TOKEN not in str(raised.value)
    assert SECRET not in str(raised.value)


def test_no_secret_shows_when_credentials_are_printed() -> None:
    for found in (credentials(TWILIO_AUTH_TOKEN=TOKEN), credentials(TWILIO_API_KEY=KEY, TWILIO_API_SECRET=SECRET)):
        for shown in (repr(found), str(found), f"{found}"):
            assert TOKEN not in shown
            assert SECRET not in shown
            assert found.authorization not in shown


def test_the_account_s_key_does_not_tell_its_sid() -> None:
    key = account_key(SID)
    assert len(key) == 32
    assert SID[2:] not in key
    assert key != account_key(SID[:-1] + "0")


def test_a_provider_is_found_by_its_name() -> None:
    provider = connect("twilio", {"TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": TOKEN}, simulated=True)
    assert isinstance(provider, TwilioProvider)
    assert (provider.name, provider.account_key, provider.simulated) == ("twilio", account_key(SID), True)


def test_an_unknown_provider_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(UnknownProvider, match=r"no provider called 'carrier-pigeon'\. There are: twilio"):
        connect("carrier-pigeon", {})


def test_missing_credentials_are_said_by_the_registry_too() -> None:
    with pytest.raises(CredentialsMissing):
        connect("twilio", {})
