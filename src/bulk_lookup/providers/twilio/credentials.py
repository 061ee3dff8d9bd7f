"""What signs us in at Twilio, and where: read from Twilio's own environment variables."""

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bulk_lookup.providers.base import CredentialsMissing, account_key

ACCOUNT_SID = "TWILIO_ACCOUNT_SID"
AUTH_TOKEN = "TWILIO_AUTH_TOKEN"
API_KEY = "TWILIO_API_KEY"
API_SECRET = "TWILIO_API_SECRET"
REGION = "TWILIO_REGION"
EDGE = "TWILIO_EDGE"
BASE_URL = "BULK_LOOKUP_TWILIO_URL"

VARIABLES = (ACCOUNT_SID, AUTH_TOKEN, API_KEY, API_SECRET, REGION, EDGE, BASE_URL)

_ACCOUNT_SID = re.compile(r"AC[0-9a-fA-F]{32}")
_API_KEY = re.compile(r"SK[0-9a-fA-F]{32}")
# A region or an edge becomes part of the host's name that gets our password: nothing else may get into it.
_HOST_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")
_DEFAULT_REGION = "us1"


@dataclass(frozen=True, slots=True)
class TwilioAddresses:
    """The two servers that are asked, without a slash at the end."""

    lookups: str
    api: str

    @classmethod
    def of(cls, *, region: str = "", edge: str = "", base_url: str = "") -> "TwilioAddresses":
        """Twilio's own hosts by region and edge, or everything below one address.

        Host forms: `lookups.ie1.twilio.com` for a region, `lookups.dublin.ie1.twilio.com` with an edge; an edge alone
        means region us1. Raises CredentialsMissing with a sentence for what is no address.
        """
        if base_url:
            base = _checked_url(base_url)
            return cls(lookups=base, api=base)
        for name, value in ((REGION, region), (EDGE, edge)):
            if value and not _HOST_LABEL.fullmatch(value):
                raise CredentialsMissing(f"{name} is a word like ie1 or dublin, without dots or slashes.")
        if edge and not region:
            region = _DEFAULT_REGION
        place = "".join(f".{part}" for part in (edge, region) if part)
        return cls(lookups=f"https://lookups{place}.twilio.com", api=f"https://api{place}.twilio.com")


@dataclass(frozen=True, slots=True)
class TwilioCredentials:
    """An account's SID and what proves that it is ours: its token, or one of its API keys with the key's secret."""

    account_sid: str
    user: str
    password: str = field(repr=False)
    addresses: TwilioAddresses

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "TwilioCredentials":
        """Read Twilio's variables; an API key wins over the token, as Twilio advises.

        Raises CredentialsMissing with a sentence that names the variables to set; no value of a secret stands in it.
        """
        value = {name: environment.get(name, "").strip() for name in VARIABLES}
        addresses = TwilioAddresses.of(region=value[REGION], edge=value[EDGE], base_url=value[BASE_URL])
        if not value[ACCOUNT_SID]:
            raise CredentialsMissing(
                f"There are no Twilio credentials. Set {ACCOUNT_SID} and {AUTH_TOKEN}, or {ACCOUNT_SID}, {API_KEY} and "
                f"{API_SECRET}, in the environment or in a file called .env."
            )
        if not _ACCOUNT_SID.fullmatch(value[ACCOUNT_SID]):
            raise CredentialsMissing(
                f"{ACCOUNT_SID} is not the SID of an account: it begins with AC and has 32 hexadecimal digits after it."
                + (f" An API key (SK…) belongs into {API_KEY}." if value[ACCOUNT_SID].startswith("SK") else "")
            )
        user, password = _sign_in(value)
        return cls(account_sid=value[ACCOUNT_SID], user=user, password=password, addresses=addresses)

    @property
    def account_key(self) -> str:
        return account_key(self.account_sid)

    @property
    def by_api_key(self) -> bool:
        """An API key may be allowed to look numbers up and still not to read its account."""
        return self.user != self.account_sid

    @property
    def authorization(self) -> str:
        """The value of the Authorization header: a secret."""
        return "Basic " + b64encode(f"{self.user}:{self.password}".encode()).decode()


def _sign_in(value: Mapping[str, str]) -> tuple[str, str]:
    if value[API_KEY] and value[API_SECRET]:
        if not _API_KEY.fullmatch(value[API_KEY]):
            raise CredentialsMissing(
                f"{API_KEY} is not the SID of an API key: it begins with SK and has 32 hexadecimal digits after it."
            )
        return value[API_KEY], value[API_SECRET]
    if value[AUTH_TOKEN]:
        return value[ACCOUNT_SID], value[AUTH_TOKEN]
    if value[API_KEY] or value[API_SECRET]:
        missing = API_SECRET if value[API_KEY] else API_KEY
        raise CredentialsMissing(f"{missing} is not set: an API key is used together with its secret.")
    raise CredentialsMissing(f"{AUTH_TOKEN} is not set. Set it, or {API_KEY} and {API_SECRET}.")


def _checked_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        fits = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        fits = False
    if not fits or parts.query or parts.fragment:
        raise CredentialsMissing(f"{BASE_URL} is not an address like http://127.0.0.1:8123.")
    if parts.username is not None or parts.password is not None:
        raise CredentialsMissing(f"{BASE_URL} carries a user name: credentials go into {ACCOUNT_SID} and {AUTH_TOKEN}.")
    return text.rstrip("/")
