"""What a provider said about one phone number, typed, with whatever does not fit kept as it came."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from json import dumps
from types import MappingProxyType
from typing import TypeAlias

from bulk_lookup.core.billing import Billing as Billing
from bulk_lookup.core.data_package import CATALOGUE, ColumnKind
from bulk_lookup.core.failure import Failure, FailureReason

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"

# One value for all the answers that have none.
NOTHING: Mapping[str, JSON] = MappingProxyType({})

# Columns are indexed, and an index entry has a limit. The receipt keeps the whole text.
LONGEST_TEXT = 255

# An integer column has 32 bits, whatever a provider sends.
_LARGEST_INTEGER = 2**31 - 1


@dataclass(frozen=True, slots=True)
class PackageAnswer:
    """One package's part of an answer.

    `fields` are the provider's own, unchanged; what is no object there stands under the key `value`.
    `failure` is None where the package gave an answer, also an empty one. With `partial_data` there are both.
    """

    package: str
    fields: Mapping[str, JSON]
    error_code: int | None
    billing: Billing
    failure: Failure | None = None

    @property
    def useful(self) -> bool:
        """Whether there is data in it to show, partial data included."""
        return self.failure is None or self.failure.reason is FailureReason.PARTIAL_DATA


@dataclass(frozen=True, slots=True)
class Answer:
    """One answered request: the number as the provider sees it, and a part for every package that was asked.

    `extra` holds unknown top-level fields, and known ones whose value is not of the documented type.
    """

    phone_number: str
    valid: bool | None
    validation_errors: tuple[str, ...]
    country_code: str | None
    packages: Mapping[str, PackageAnswer]
    request_id: str | None
    response_time_ms: int
    concurrent_requests: int | None
    simulated: bool
    extra: Mapping[str, JSON] = field(default_factory=lambda: NOTHING)


def contact_columns(answer: Answer) -> dict[str, str | int | bool | None]:
    """The flat columns that an answer fills in, of each package that gave data and of no other.

    Texts stay as they are, unknown words and leading zeros included; a number where a text belongs becomes its digits.
    A score that is no whole number and a flag that is no yes or no become None: the receipt keeps them as they came.
    """
    return {
        column.name: _column_value(column.kind, part.fields.get(column.source))
        for name, part in answer.packages.items()
        if part.useful and name in CATALOGUE
        for column in CATALOGUE[name].columns
    }


def _column_value(kind: ColumnKind, value: JSON) -> str | int | bool | None:
    if kind is ColumnKind.FLAG:
        return value if isinstance(value, bool) else None
    if kind is ColumnKind.INTEGER:
        return (
            value if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST_INTEGER else None
        )
    text = value if isinstance(value, str) else None if value is None else dumps(value)
    return text[:LONGEST_TEXT] if text else None
