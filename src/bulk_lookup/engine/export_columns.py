"""The columns that an export appends to a list's own: what each is called, and where it comes from."""

from collections.abc import Sequence
from dataclasses import dataclass

from bulk_lookup.core.data_package import (
    CALLER_NAME,
    CATALOGUE,
    LINE_STATUS,
    LINE_TYPE_INTELLIGENCE,
    REASSIGNED_NUMBER,
    ColumnKind,
)

# Real columns of the contact; what other packages say stands in its `answers`.
_REAL = (LINE_TYPE_INTELLIGENCE, CALLER_NAME, LINE_STATUS, REASSIGNED_NUMBER)

# A text of the provider's that a spreadsheet would run as a formula gets an apostrophe before it (lib/tables/formula.py has the
# rule; phone numbers do not stand in these columns).
_FORMULA = "left({0}, 1) in ('=', '+', '-', '@', e'\\t', e'\\r', e'\\n', '＝', '＋', '－', '＠')"
_SAFE = f"case when {_FORMULA} then '''' || {{0}} else {{0}} end"


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """A name, the SQL that gives its text (or its value, where `kind` is not text), and that kind."""

    name: str
    sql: str
    kind: str = "text"


def export_columns(packages: Sequence[str]) -> list[ExportColumn]:
    """The appended columns, in order; those of the standard packages stand in every export."""
    return [*_NUMBER, *_of_packages(packages), *_STATE]


_NUMBER = [
    ExportColumn("formatted_phone_number", "coalesce(formatted_phone_number, '')"),
    ExportColumn("valid", "case when status = 'invalid' then false else coalesce(valid, true) end", "flag"),
    ExportColumn("validation_error", _SAFE.format("validation_error")),
    ExportColumn("country_code", "country_code"),
    ExportColumn("line_type", _SAFE.format("line_type")),
    ExportColumn("carrier_name", _SAFE.format("carrier_name")),
    ExportColumn("mobile_country_code", _SAFE.format("mobile_country_code")),
    ExportColumn("mobile_network_code", _SAFE.format("mobile_network_code")),
]

# core/line_type.py has the rule; said here in SQL, as a list of ten million rows is never brought into Python.
_CAN_RECEIVE_SMS = """
    case when status = 'invalid' or valid is false or line_status = 'inactive' then 'no'
        when line_type in ('mobile', 'nonFixedVoip') then 'yes'
        when line_type in ('landline', 'premium', 'sharedCost', 'uan', 'voicemail', 'pager') then 'no'
        else 'unknown' end
"""

_STATE = [
    ExportColumn("can_receive_sms", _CAN_RECEIVE_SMS),
    ExportColumn("duplicate_of", "duplicate_of", "integer"),
    ExportColumn("repaired", "array_to_string(repairs, ' ')"),
    ExportColumn("other_phone_numbers", "array_to_string(other_phone_numbers, ' ')"),
    ExportColumn(
        "lookup_status", "case when status = 'pending' and reason = 'not_covered' then 'skipped' else status end"
    ),
    ExportColumn("lookup_error", "reason"),
    ExportColumn("error_code", "error_code", "integer"),
    ExportColumn(
        "api_cost",
        "case when run_id = %(run_id)s then trim_scale(api_cost_micros / 1000000::numeric) else 0 end",
        "decimal",
    ),
    ExportColumn("api_response_time_ms", "api_response_time_ms", "integer"),
    ExportColumn(
        "lookup_performed_at",
        """to_char(lookup_performed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')""",
    ),
]


def _of_packages(packages: Sequence[str]) -> list[ExportColumn]:
    columns = []
    for name in packages:
        if name == LINE_TYPE_INTELLIGENCE:
            continue
        for column in CATALOGUE[name].columns:
            source = column.name if name in _REAL else f"coalesce(answers ->> '{column.name}', '')"
            kind = {ColumnKind.FLAG: "flag", ColumnKind.INTEGER: "integer"}.get(column.kind, "text")
            if name not in _REAL and kind != "text":
                cast = "boolean" if kind == "flag" else "bigint"
                columns.append(ExportColumn(column.name, f"(answers ->> '{column.name}')::{cast}", kind))
            else:
                columns.append(ExportColumn(column.name, _SAFE.format(source)))
    return columns
