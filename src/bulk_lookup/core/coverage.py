"""Which packages are worth asking for a number: what a country is known not to have is not bought."""

from collections.abc import Collection, Sequence
from enum import StrEnum

from bulk_lookup.core.data_package import CATALOGUE
from bulk_lookup.core.failure import Failure, FailureReason

# A package and a country, learnt from the provider's own refusals.
Uncovered = Collection[tuple[str, str]]


class NotWorthAsking(StrEnum):
    """Why a package is left out for a number."""

    NOT_COVERED = "not_covered"
    MISSING_INPUT = "missing_input"
    LEARNT_NOT_COVERED = "learnt_not_covered"


def why_not_ask(
    package: str, country: str | None, *, inputs: Collection[str] = (), uncovered: Uncovered = ()
) -> NotWorthAsking | None:
    """None where a package is worth asking, else the reason why not.

    `country` is the number's own (ISO 3166-1 alpha-2), None where a number belongs to none, as +800 does. `inputs` are
    the names of what the row brings. Line types of Canada are asked although an account may lack the approval: the
    first refusal (60601) is learnt, and what is learnt comes in as `uncovered`.
    """
    known = CATALOGUE[package]
    if known.only_countries is not None and country not in known.only_countries:
        return NotWorthAsking.NOT_COVERED
    if country in known.except_countries:
        return NotWorthAsking.NOT_COVERED
    if country is not None and (package, country) in uncovered:
        return NotWorthAsking.LEARNT_NOT_COVERED
    if any(needed not in inputs for needed in known.inputs):
        return NotWorthAsking.MISSING_INPUT
    return None


def packages_to_ask(
    packages: Sequence[str], country: str | None, *, inputs: Collection[str] = (), uncovered: Uncovered = ()
) -> tuple[str, ...]:
    """Those of the packages that are worth asking for a number of that country, in the same order."""
    return tuple(p for p in packages if why_not_ask(p, country, inputs=inputs, uncovered=uncovered) is None)


def learnt_from(failure: Failure, country: str | None) -> tuple[str, str] | None:
    """The package and country that a refusal teaches to skip for the rest of a run, None where it is about the number.

    Country not supported (60607) and an approval that is missing (60601) hold for all numbers of the country.
    """
    whole_country = failure.reason in (FailureReason.COUNTRY_NOT_COVERED, FailureReason.NEEDS_APPROVAL)
    if whole_country and failure.package is not None and country is not None:
        return failure.package, country
    return None
