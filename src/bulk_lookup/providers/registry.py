"""The providers there are, by name."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from bulk_lookup.providers.base import Provider
from bulk_lookup.providers.twilio.client import TwilioProvider
from bulk_lookup.providers.twilio.credentials import TwilioCredentials

DEFAULT_PROVIDER = "twilio"


class UnknownProvider(LookupError):
    """No provider has that name; the text is a sentence that names those there are."""


def connect(name: str, environment: Mapping[str, str], *, simulated: bool | None = None) -> Provider:
    """The provider of that name, signed in with what stands in `environment` under its own variables' names.

    `simulated` is what the account was found to be at its last check, None before one. Opens no connection yet. Raises
    UnknownProvider, and CredentialsMissing with a sentence that says what to set.
    """
    factory = PROVIDERS.get(name)
    if factory is None:
        raise UnknownProvider(f"There is no provider called {name!r}. There are: {', '.join(PROVIDERS)}.")
    return factory(environment, simulated)


def _twilio(environment: Mapping[str, str], simulated: bool | None) -> Provider:
    return TwilioProvider(TwilioCredentials.from_environment(environment), simulated=simulated)


PROVIDERS: Mapping[str, Callable[[Mapping[str, str], bool | None], Provider]] = MappingProxyType({"twilio": _twilio})
