"""Figures as people read them: grouped, with their unit, and "–" for what is not known, which is never 0."""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import phonenumbers

UNKNOWN = "–"
NARROW_SPACE = "\N{NO-BREAK SPACE}"
"""Between a figure and its unit: they stay on one line."""

_MICROS = 1_000_000
_CENT = Decimal("0.01")


def grouped(number: int | None) -> str:
    """1234567 as "1,234,567"."""
    return UNKNOWN if number is None else f"{number:,}"


def share_text(part: float | None, whole: float | None, decimals: int = 1) -> str:
    """`part` of `whole` as "60.6 %".

    What has begun is never 0 and what is not complete never 100: both are rounded towards the truth that counts.
    """
    if part is None or not whole:
        return UNKNOWN
    share = 100 * part / whole
    step = 10**-decimals
    if 0 < share < step:
        share = step
    elif 100 - step / 2 <= share < 100:
        share = 100 - step
    return f"{share:,.{decimals}f}{NARROW_SPACE}%"


def money_text(micros: int | None) -> str:
    """Millionths of a currency as a sum with two decimals: "612.84"."""
    if micros is None:
        return UNKNOWN
    return f"{(Decimal(micros) / _MICROS).quantize(_CENT, ROUND_HALF_UP):,}"


def price_text(micros: int | None) -> str:
    """Millionths of a currency as the price of one: three decimals, four where three would not be the price: "0.008"."""
    if micros is None:
        return UNKNOWN
    decimals = 3 if micros % 1_000 == 0 else 4
    return f"{Decimal(micros) / _MICROS:,.{decimals}f}"


def phone_text(e164: str) -> str:
    """+12025550143 as "+1 202 555 0143"; what cannot be read stays as it is."""
    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return e164
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL).replace("-", " ")


def day_text(day: date) -> str:
    """3 Oct 2026."""
    return f"{day.day} {day:%b %Y}"


def clock_text(moment: datetime) -> str:
    """14:36:12, in the zone that `moment` has."""
    return f"{moment:%H:%M:%S}"


def moment_text(moment: datetime) -> str:
    """23 Nov 2026, 14:36:12."""
    return f"{day_text(moment)}, {clock_text(moment)}"


def since_text(moment: datetime, now: datetime) -> str:
    """The clock for today, the day before it otherwise. Both in the viewer's zone."""
    return clock_text(moment) if moment.date() == now.date() else f"{day_text(moment)}, {moment:%H:%M}"


def age_text(moment: datetime, now: datetime) -> str:
    """How long ago, for the last 30 days: "now", "6 min ago", "14:32" (today), "yesterday", "6 days ago"; then the day."""
    passed = now - moment
    if timedelta(0) <= passed < timedelta(minutes=1):
        return "now"
    if timedelta(0) <= passed < timedelta(hours=1):
        return f"{passed // timedelta(minutes=1)} min ago"
    days = (now.date() - moment.date()).days
    if days == 0:
        return f"{moment:%H:%M}"
    if days == 1:
        return "yesterday"
    return f"{days} days ago" if 1 < days <= 30 else day_text(moment)


def size_text(size: int | None) -> str:
    """Bytes as "8.4 MB", in powers of 1,000 as files are sold."""
    if size is None:
        return UNKNOWN
    amount, unit = float(size), "bytes"
    for larger in ("KB", "MB", "GB", "TB"):
        if amount < 1000:
            break
        amount, unit = amount / 1000, larger
    digits = 1 if unit != "bytes" and amount < 100 else 0
    return f"{amount:,.{digits}f}{NARROW_SPACE}{unit}"


def duration_text(seconds: float | None) -> str:
    """312 ms, 4.2 s, 4 min 7 s, 2 h 5 min."""
    if seconds is None:
        return UNKNOWN
    if seconds < 1:
        return f"{seconds * 1000:.0f}{NARROW_SPACE}ms"
    if seconds < 10:
        return f"{seconds:.1f}{NARROW_SPACE}s"
    whole = round(seconds)
    parts = (("h", whole // 3600), ("min", whole % 3600 // 60), ("s", whole % 60))
    first = next(place for place, (_, amount) in enumerate(parts) if amount)
    return " ".join(f"{amount}{NARROW_SPACE}{unit}" for unit, amount in parts[first : first + 2] if amount)
