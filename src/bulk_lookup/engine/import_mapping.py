"""How the columns of one file are read: what an inspection finds and an import follows."""

from dataclasses import asdict, dataclass
from typing import Any, Self

from bulk_lookup.engine.import_dates import DateOrder


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Columns by their place from 0; `region` (ISO 3166) is that of numbers without a calling code, None for none.

    `country_column` says the region row by row and wins over `region`. `header`: whether the table has a header row.
    `search_columns`: up to three columns by whose beginning contacts are found.
    """

    phone_column: int
    region: str | None = None
    country_column: int | None = None
    last_verified_column: int | None = None
    date_order: DateOrder = ""
    sheet: str | None = None
    header: bool = True
    search_columns: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As it is kept on the import."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        """The mapping of an import."""
        return cls(**{**kept, "search_columns": tuple(kept.get("search_columns", ()))})
