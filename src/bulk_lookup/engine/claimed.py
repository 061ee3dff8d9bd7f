"""A claimed lookup in a worker's hands, and the terms of its run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bulk_lookup.core.settlement import Asked


@dataclass(frozen=True, slots=True)
class RunTerms:
    """What a run's desk must know of it; the prices are micro-units by country and package.

    `unknown_prices` names packages that are asked although nobody knows what they cost.
    """

    organization_id: int
    run_id: int
    contact_list_id: int
    provider_account_id: int
    simulated: bool
    currency: str
    prices: Mapping[str, Mapping[str, int]]
    unknown_prices: Sequence[str] = ()


@dataclass(slots=True)
class Claimed:
    """A lookup that this process may ask for; `last_verified_date` is YYYYMMDD or empty."""

    position: int
    number: str
    country_code: str
    last_verified_date: str
    claim_id: int
    reserved_micros: int
    asked: Asked
