"""A cell's value as the text that a spreadsheet shows."""

import datetime
from decimal import Decimal

Value = int | float | str | bool | datetime.time | datetime.date | datetime.timedelta


def cell_text(value: Value) -> str:
    """Return whole numbers with all digits and no point, other numbers with the 15 digits that are shown, ISO dates.

    A date with a time is `2024-01-05 13:45:00`, a duration `36:00:00`, a truth value TRUE or FALSE.
    """
    if type(value) is str:
        return value
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime.datetime):
        text = value.isoformat(sep=" ", timespec="seconds")
        return text.removesuffix(" 00:00:00")
    if isinstance(value, datetime.time):
        return value.isoformat(timespec="seconds")
    if isinstance(value, datetime.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
    return str(value)


def _number(value: float) -> str:
    if value.is_integer():
        return str(int(value))
    text = format(value, ".15g")
    return f"{Decimal(text):f}" if "e" in text and abs(value) > 1e-15 else text
