"""The providers there are, by name."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from bulk_lookup.providers.base import Provider, TimeOuts
from bulk_lookup.providers.twilio.client import TwilioProvider
from bulk_lookup.providers.twilio.credentials import TwilioCredentials

DEFAULT_PROVIDER = "twilio"
DEFAULT_TIME_OUTS = TimeOuts()


class UnknownProvider(LookupError):
    """No provider has that name; the text is a sentence that names those there are."""


def connect(
    name: str,
    environment: Mapping[str, str],
    *,
    simulated: bool | None = None,
    time_outs: TimeOuts = DEFAULT_TIME_OUTS,
) -> Provider:
    """The provider of that name, signed in with what stands in `environment` under its own variables' names.

    `simulated` is what the account was found to be at its last check, None before one. Opens no connection yet. Raises
    UnknownProvider, and CredentialsMissing with a sentence that says what to set.
    """
    factory = PROVIDERS.get(name)
    if factory is None:
        raise UnknownProvider(f"There is no provider called {name!r}. There are: {', '.join(PROVIDERS)}.")
    return factory(environment, simulated, time_outs)


Factory: TypeAlias = Callable[[Mapping[str, str], bool | None, TimeOuts], Provider]


def _twilio(environment: Mapping[str, str], simulated: bool | None, time_outs: TimeOuts) -> Provider:
    credentials = TwilioCredentials.from_environment(environment)
    return TwilioProvider(credentials, time_outs=time_outs, simulated=simulated)


PROVIDERS: Mapping[str, Factory] = MappingProxyType({"twilio": _twilio})
