"""Twilio Lookup v2 as a provider: one GET per number with all its packages."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType, TracebackType
from typing import Self, cast
from urllib.parse import urlencode

import orjson

from bulk_lookup.core.answer import JSON, Answer
from bulk_lookup.core.data_package import BASIC, CATALOGUE
from bulk_lookup.providers.base import NO_INPUTS, AccountCheck, Balance, ProviderError, RateLimit, TimeOuts
from bulk_lookup.providers.twilio import headers
from bulk_lookup.providers.twilio.account import read_account, read_balance, read_rate_limits
from bulk_lookup.providers.twilio.answers import is_answer, read_answer
from bulk_lookup.providers.twilio.credentials import TwilioCredentials
from bulk_lookup.providers.twilio.failures import request_failure, simulation_mixed, unreadable
from bulk_lookup.providers.twilio.transport import HttpAnswer, Transport

# What a row brings along, by our name, and the query parameter it becomes.
_PARAMETERS = MappingProxyType({"last_verified_date": "LastVerifiedDate", "partner_sub_id": "PartnerSubId"})

# The number of Twilio's own examples; looked up without packages it costs nothing.
_EXAMPLE_NUMBER = "14159929960"


class TwilioProvider:
    """One Twilio account.

    `simulated` is what the account was found to be at its check (None before one): an answer that says otherwise is a
    failure of the account. `check_account` sets it.
    """

    name = "twilio"

    def __init__(
        self, credentials: TwilioCredentials, *, time_outs: TimeOuts | None = None, simulated: bool | None = None
    ) -> None:
        self.simulated = simulated
        self._credentials = credentials
        self._time_outs = time_outs or TimeOuts()
        self._numbers = f"{credentials.addresses.lookups}/v2/PhoneNumbers/%2B"
        self._rate_limits = f"{credentials.addresses.lookups}/v2/RateLimits"
        self._account = f"{credentials.addresses.api}/2010-04-01/Accounts/{credentials.account_sid}"
        self._transport = Transport(credentials, time_outs=self._time_outs, headers=headers.NAMES)
        self._queries: dict[tuple[str, ...], tuple[str, float]] = {}

    @property
    def account_key(self) -> str:
        return self._credentials.account_key

    async def ask(self, number: str, packages: Sequence[str], *, inputs: Mapping[str, str] = NO_INPUTS) -> Answer:
        """Ask about one E.164 number; raises ProviderError.

        `inputs` may hold `last_verified_date` (an ISO date) and `partner_sub_id`. Sends one request, never two.
        """
        digits = number[1:]
        if number[:1] != "+" or not (digits.isascii() and digits.isdigit()):
            raise ValueError("a number is asked for in E.164 only: + and digits")
        query, time_out = self._query(tuple(packages))
        if inputs:
            query = _with_inputs(query, inputs)
        got = await self._transport.get(f"{self._numbers}{digits}{query}", time_out=time_out)
        if got.status != 200:
            raise _error(got, packages)
        read = _json_of(got)
        if not is_answer(read):
            raise ProviderError(unreadable(got.status))
        simulated = headers.is_simulated(got.headers)
        if self.simulated is not None and self.simulated is not simulated:
            raise ProviderError(simulation_mixed(simulated=simulated))
        return read_answer(
            read,
            packages,
            number=number,
            request_id=headers.request_id(got.headers),
            response_time_ms=got.milliseconds,
            concurrent_requests=headers.concurrent_requests(got.headers),
            simulated=simulated,
        )

    async def check_account(self) -> AccountCheck:
        """Sign in and read the account, at no cost; raises ProviderError.

        An API key may be allowed to look numbers up and not to read its account: then a free lookup of Twilio's example
        number shows that it works, and name and kind stay unknown.
        """
        got = await self._get(f"{self._account}.json")
        if got.status in (401, 403) and self._credentials.by_api_key:
            got = await self._get(f"{self._numbers}{_EXAMPLE_NUMBER}")
        if got.status != 200:
            raise _error(got)
        check = read_account(_json_of(got), key=self.account_key, simulated=headers.is_simulated(got.headers))
        self.simulated = check.simulated
        return replace(check, concurrent_requests=headers.concurrent_requests(got.headers))

    async def balance(self) -> Balance | None:
        """Money left; None where Twilio does not tell, for whatever reason: a balance stops no run."""
        return read_balance(await self._read_if_told(f"{self._account}/Balance.json"))

    async def rate_limits(self) -> tuple[RateLimit, ...] | None:
        """The account's limits by package; None where Twilio does not tell."""
        return read_rate_limits(await self._read_if_told(self._rate_limits))

    async def close(self) -> None:
        await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def _query(self, packages: tuple[str, ...]) -> tuple[str, float]:
        known = self._queries.get(packages)
        if known is None:
            priced = [package for package in packages if package != BASIC]
            slow = any(CATALOGUE[package].slow for package in priced)
            query = f"?Fields={','.join(priced)}" if priced else ""
            known = query, self._time_outs.slow_answer if slow else self._time_outs.answer
            self._queries[packages] = known
        return known

    async def _get(self, url: str) -> HttpAnswer:
        return await self._transport.get(url, time_out=self._time_outs.answer)

    async def _read_if_told(self, url: str) -> JSON:
        try:
            got = await self._get(url)
            return _json_of(got) if got.status == 200 else None
        except ProviderError:
            return None


def _with_inputs(query: str, inputs: Mapping[str, str]) -> str:
    values = {_PARAMETERS[name]: value for name, value in inputs.items()}
    if "LastVerifiedDate" in values:
        values["LastVerifiedDate"] = values["LastVerifiedDate"].replace("-", "")
    return f"{query}{'&' if query else '?'}{urlencode(values)}"


def _error(got: HttpAnswer, packages: Sequence[str] = ()) -> ProviderError:
    priced = [package for package in packages if package != BASIC]
    wait = headers.retry_after(got.headers)
    return ProviderError(request_failure(got.status, got.body, priced, retry_after=wait))


def _json_of(got: HttpAnswer) -> dict[str, JSON]:
    """The JSON object of a body; raises ProviderError for anything else."""
    try:
        read = orjson.loads(got.body)
    except orjson.JSONDecodeError:
        raise ProviderError(unreadable(got.status)) from None
    if not isinstance(read, dict):
        raise ProviderError(unreadable(got.status))
    # PostgreSQL's texts and jsonb take every character but NUL.
    return cast("dict[str, JSON]", _clean(read)) if b"\\u0000" in got.body else read


def _clean(value: JSON) -> JSON:
    if isinstance(value, str):
        return value.replace("\0", "�")
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {str(_clean(key)): _clean(item) for key, item in value.items()}
    return value
