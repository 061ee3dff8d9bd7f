"""What an export of contacts may hold: the columns of their uploads by name, and what was found out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, TypedDict

from bulk_lookup.core.contact_filter import ContactFilter
from bulk_lookup.core.data_package import CATALOGUE
from bulk_lookup.engine.export_columns import ExportColumn, export_columns
from bulk_lookup.models import Contact, FacetCount, Import, Run

MONEY_COLUMNS = frozenset({"api_cost"})
"""For those only who may see prices."""

_ROW = (
    ExportColumn(
        "list",
        "(select name from contact_list where contact_list.organization_id = contact.organization_id"
        " and contact_list.id = contact.contact_list_id)",
    ),
    ExportColumn("row_number", "row_number", "integer"),
)


class ChoiceShape(TypedDict):
    """An ExportChoice as JSON."""

    own: list[tuple[str, int]]
    found: list[str]


@dataclass(frozen=True, slots=True)
class OwnColumn:
    """A column of the uploads: the `nth` (from 0) of that name in a header. Headers may repeat a name or lack it."""

    name: str
    nth: int = 0

    @property
    def key(self) -> str:
        """What a form calls it: a name may hold anything, line breaks too, which a browser would change."""
        return f"own-{sha256(self.name.encode()).hexdigest()[:16]}-{self.nth}"


@dataclass(frozen=True, slots=True)
class ExportChoice:
    """The columns of one export: those of the uploads first, then the found ones by name, each in the order offered."""

    own: tuple[OwnColumn, ...]
    found: tuple[str, ...]

    def as_json(self) -> ChoiceShape:
        """As the export keeps it."""
        return {"own": [(one.name, one.nth) for one in self.own], "found": list(self.found)}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "ExportChoice":
        """What `as_json` wrote."""
        return cls(tuple(OwnColumn(name, nth) for name, nth in kept.get("own", ())), tuple(kept.get("found", ())))


@dataclass(frozen=True, slots=True)
class Offer:
    """The columns there are; `usual` are the keys and names that a form ticks at first."""

    own: tuple[OwnColumn, ...]
    found: tuple[str, ...]
    usual: frozenset[str]

    def choose(self, keys: Iterable[str]) -> ExportChoice:
        """Those with these keys and names; what is not offered is left out, and nothing chosen means the usual ones."""
        offered = frozenset({one.key for one in self.own} | set(self.found))
        wanted = offered.intersection(keys) or self.usual
        return ExportChoice(
            tuple(one for one in self.own if one.key in wanted), tuple(name for name in self.found if name in wanted)
        )


def offered_columns(wanted: ContactFilter, ids: Sequence[int] = (), *, sees_money: bool) -> Offer:
    """The columns of the lists that a filter, or these contacts, belong to; call it inside a scope."""
    lists = lists_of(wanted, ids)
    own = own_columns(Import.objects.filter(contact_list_id__in=lists).order_by("contact_list_id", "id"))
    found = tuple(
        column.name for column in found_columns(_packages(lists)) if sees_money or column.name not in MONEY_COLUMNS
    )
    unusual = {"row_number"} if len(lists) > 1 else {"row_number", "list"}
    return Offer(own, found, frozenset({one.key for one in own} | set(found) - unusual))


def lists_of(wanted: ContactFilter, ids: Sequence[int] = ()) -> list[int]:
    """The lists that may hold such contacts, in the order of an export; the filter's other conditions are not asked."""
    if ids:
        return sorted(set(Contact.objects.filter(pk__in=ids).values_list("contact_list_id", flat=True)))
    filled = set(FacetCount.objects.filter(contacts__gt=0).values_list("contact_list_id", flat=True).distinct())
    if wanted.list:
        filled &= set(wanted.list)
    if wanted.run:
        filled &= set(Run.objects.filter(pk__in=wanted.run).values_list("contact_list_id", flat=True))
    return sorted(filled)


def own_columns(imports: Iterable[Import]) -> tuple[OwnColumn, ...]:
    """The union of their headers by name, as first seen."""
    return tuple(dict.fromkeys(column for one in imports for column in columns_of(one.header)))


def columns_of(header: Sequence[str]) -> list[OwnColumn]:
    """The columns of one header, in its order."""
    seen: dict[str, int] = {}
    columns = []
    for name in header:
        columns.append(OwnColumn(name, seen.get(name, 0)))
        seen[name] = seen.get(name, 0) + 1
    return columns


def found_columns(packages: Sequence[str]) -> list[ExportColumn]:
    """What may stand beside a row's own columns, whichever run it is from."""
    return [*_ROW, *(_of_any_run(column) for column in export_columns(packages))]


def _of_any_run(column: ExportColumn) -> ExportColumn:
    if column.name != "api_cost":
        return column
    return replace(column, sql="case when run_id is not null then trim_scale(api_cost_micros / 1000000::numeric) end")


def _packages(lists: Sequence[int]) -> list[str]:
    """What was ever asked for these lists, in the catalogue's order."""
    runs = Run.objects.filter(contact_list_id__in=lists).order_by().values_list("packages", flat=True).distinct()
    asked = {name for packages in runs for name in packages}
    return [name for name in CATALOGUE if name in asked]
