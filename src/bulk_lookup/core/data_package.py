"""The catalogue of all that Twilio Lookup v2 sells: what it covers, needs and fills in, and how long it is fresh."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from enum import StrEnum
from types import MappingProxyType

NORTH_AMERICA = frozenset({"US", "CA"})
UNITED_STATES = frozenset({"US"})

# How old an answer may be and still save a purchase. Numbers are ported now and then, phones go off every day.
REUSE_CARRIER_DATA = timedelta(days=30)
REUSE_LINE_STATUS = timedelta(days=1)


class UnknownPackage(ValueError):
    """A list of packages that cannot be asked for; its text is a sentence for the user."""


class ColumnKind(StrEnum):
    """What type a column has where answers are kept for filtering."""

    TEXT = "text"
    INTEGER = "integer"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """A column of the enriched list, and the provider's field that it is filled from."""

    name: str
    source: str
    kind: ColumnKind = ColumnKind.TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class DataPackage:
    """One thing that can be asked about a number.

    `only_countries` None means every country. `reuse_for` None means that an answer is never used again; with
    `reuse_needs_same_inputs` it must also have been asked with the same inputs. `inputs` are the query parameters a row
    has to bring. `why_not` says what is missing where the package cannot be bought yet.
    """

    name: str
    title: str
    columns: tuple[OutputColumn, ...]
    only_countries: frozenset[str] | None = None
    except_countries: frozenset[str] = frozenset()
    coverage: str = "worldwide"
    inputs: tuple[str, ...] = ()
    reuse_for: timedelta | None = None
    reuse_needs_same_inputs: bool = False
    slow: bool = False
    warning: str = ""
    why_not: str = ""

    @property
    def can_be_bought(self) -> bool:
        return not self.why_not

    @property
    def price_key(self) -> str:
        """The name under which a price book lists it."""
        return self.name

    @property
    def is_free(self) -> bool:
        """Format and validation cost nothing, whoever asks."""
        return self.name == BASIC

    def reuse_age(self, asked_for: timedelta | None = None) -> timedelta | None:
        """How old an answer may be to be used again; None is never.

        A user may ask for another age, but what must not be replayed (SIM swap, SMS pumping risk) stays never.
        """
        if self.reuse_for is None or asked_for is None:
            return self.reuse_for
        return asked_for


BASIC = "basic"
LINE_TYPE_INTELLIGENCE = "line_type_intelligence"
CALLER_NAME = "caller_name"
LINE_STATUS = "line_status"
REASSIGNED_NUMBER = "reassigned_number"
SMS_PUMPING_RISK = "sms_pumping_risk"
SIM_SWAP = "sim_swap"
CALL_FORWARDING = "call_forwarding"
IDENTITY_MATCH = "identity_match"
PRE_FILL = "pre_fill"
PHONE_NUMBER_QUALITY_SCORE = "phone_number_quality_score"

DEFAULT_PACKAGE = LINE_TYPE_INTELLIGENCE

LAST_VERIFIED_DATE = "last_verified_date"

# Coverage and stages as of 2026-07-24 (Twilio's Lookup v2 pages).
_PACKAGES = (
    # Comes with every answer; asked for alone, the request carries no Fields. Twilio calls it validation.
    DataPackage(name=BASIC, title="Format and validity", columns=(), reuse_for=REUSE_CARRIER_DATA),
    DataPackage(
        name=LINE_TYPE_INTELLIGENCE,
        title="Line type and carrier",
        coverage="worldwide; Canadian numbers need an approval of the account (60601)",
        reuse_for=REUSE_CARRIER_DATA,
        columns=(
            OutputColumn("line_type", "type"),
            OutputColumn("carrier_name", "carrier_name"),
            OutputColumn("mobile_country_code", "mobile_country_code"),
            OutputColumn("mobile_network_code", "mobile_network_code"),
        ),
    ),
    DataPackage(
        name=CALLER_NAME,
        title="Caller name",
        coverage="numbers of carriers in the United States",
        only_countries=UNITED_STATES,
        reuse_for=REUSE_CARRIER_DATA,
        warning="A caller name is billed even where none is found, and carriers return placeholders as names.",
        columns=(OutputColumn("caller_name", "caller_name"), OutputColumn("caller_type", "caller_type")),
    ),
    DataPackage(
        name=LINE_STATUS,
        title="Line status",
        coverage="more than 140 countries, with gaps per network; a public beta without service level",
        reuse_for=REUSE_LINE_STATUS,
        slow=True,
        columns=(OutputColumn("line_status", "status"),),
    ),
    DataPackage(
        name=REASSIGNED_NUMBER,
        title="Reassigned number",
        coverage="United States, dates from early 2021, data of each month",
        only_countries=UNITED_STATES,
        inputs=(LAST_VERIFIED_DATE,),
        reuse_for=REUSE_CARRIER_DATA,
        reuse_needs_same_inputs=True,
        columns=(OutputColumn("is_number_reassigned", "is_number_reassigned"),),
    ),
    DataPackage(
        name=SMS_PUMPING_RISK,
        title="SMS pumping risk",
        coverage="worldwide but the United States and Canada",
        except_countries=NORTH_AMERICA,
        warning=(
            "Twilio counts every SMS pumping risk request as a sign that a one-time password was asked for: running a "
            "list raises the scores of its numbers. Twilio advises against storing the score, and against asking for "
            "numbers of the United States and Canada."
        ),
        columns=(
            OutputColumn("sms_pumping_risk_score", "sms_pumping_risk_score", ColumnKind.INTEGER),
            OutputColumn("carrier_risk_category", "carrier_risk_category"),
            OutputColumn("number_blocked", "number_blocked", ColumnKind.FLAG),
            OutputColumn("number_blocked_date", "number_blocked_date"),
            OutputColumn("number_blocked_last_3_months", "number_blocked_last_3_months", ColumnKind.FLAG),
        ),
    ),
    DataPackage(
        name=SIM_SWAP,
        title="SIM swap",
        coverage="parts of Europe, Latin America and North America",
        slow=True,
        why_not="it needs the approval of carriers",
        columns=(),
    ),
    DataPackage(
        name=CALL_FORWARDING,
        title="Call forwarding",
        coverage="larger carriers of the United Kingdom, unconditional forwarding only",
        only_countries=frozenset({"GB"}),
        why_not="it needs the approval of carriers",
        columns=(),
    ),
    DataPackage(
        name=IDENTITY_MATCH,
        title="Identity match",
        coverage="Europe, Latin America, North America and Australia",
        slow=True,
        why_not="it needs a person's data for every row",
        columns=(),
    ),
    DataPackage(
        name=PRE_FILL,
        title="Pre-fill",
        coverage="by agreement with Twilio",
        why_not="it needs a verification of the person, and an agreement with Twilio",
        columns=(),
    ),
    DataPackage(
        name=PHONE_NUMBER_QUALITY_SCORE,
        title="Phone number quality score",
        coverage="by agreement with Twilio",
        why_not="it needs an agreement with Twilio",
        columns=(),
    ),
)

CATALOGUE: Mapping[str, DataPackage] = MappingProxyType({package.name: package for package in _PACKAGES})

# What other people call them.
_OTHER_NAMES = {"validation": BASIC}


def data_package(name: str) -> DataPackage:
    """The package of that name; raises UnknownPackage with a sentence."""
    known = CATALOGUE.get(name)
    if known is None:
        near = get_close_matches(name, CATALOGUE, n=1)
        hint = f" Did you mean {near[0]}?" if near else f" There are: {', '.join(buyable_packages())}."
        raise UnknownPackage(f"There is no package called {_shortened(name)!r}.{hint}")
    return known


def parse_packages(text: str) -> tuple[str, ...]:
    """The names in a comma-separated list, each once, in the order written.

    Raises UnknownPackage with a sentence where one does not exist or cannot be bought yet, or where there is none.
    """
    words = [word.strip().lower() for word in text.split(",") if word.strip()]
    if not words:
        raise UnknownPackage(f"Name at least one package: {', '.join(buyable_packages())}.")
    packages = [data_package(_OTHER_NAMES.get(word, word)) for word in words]
    for package in packages:
        if not package.can_be_bought:
            raise UnknownPackage(f"The package {package.name} cannot be bought yet: {package.why_not}.")
    return tuple(dict.fromkeys(package.name for package in packages))


def buyable_packages() -> tuple[str, ...]:
    """The names of the packages that can be bought, in the catalogue's order."""
    return tuple(name for name, package in CATALOGUE.items() if package.can_be_bought)


def _shortened(name: str) -> str:
    return name if len(name) <= 60 else f"{name[:60]}…"
