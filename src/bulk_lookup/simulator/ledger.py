"""The ledger: what was asked and what would have been billed, by number, package and day.

It is the tests' proof that nothing was bought twice and nothing was lost, so it must be exact, and a million numbers
must fit into about a hundred megabytes: a number is an integer key, and its counts are the digits of one integer
(`asked`, then how many faults were drawn for it, then one count for each priced package). Most numbers have the same
few counts, so such integers are shared.
"""

from collections.abc import Mapping, Sequence

import orjson

from bulk_lookup.simulator.prices import PRICED_PACKAGES, decimal_usd, total_micro_usd

_BITS = 32
_MASK = (1 << _BITS) - 1
_ASKED = 1
_DRAWN = 1 << _BITS
_SHARED_BELOW = 4

BILLED_UNIT: dict[str, int] = {package: 1 << _BITS * (at + 2) for at, package in enumerate(PRICED_PACKAGES)}


def number_key(number: str) -> int | str:
    """Turn a number into its key: +14155552671 → 14155552671; what is no such number stays a string."""
    digits = number[1:]
    return int(digits) if number[:1] == "+" and digits.isdecimal() and digits.isascii() and digits[0] != "0" else number


class Ledger:
    """Counts of one account: `requests` with good credentials, refused ones included, and packed `counts` by number."""

    def __init__(self) -> None:
        self.requests = 0
        self.counts: dict[int | str, int] = {}
        self._days: dict[int, int] = {}
        self._shared: dict[int, int] = {}

    def refused(self, key: int | str) -> None:
        """Count that the number was asked and nothing was drawn for it: there was no room.

        So what a number meets does not depend on the order of arrivals.
        """
        self._add(key, _ASKED)

    def taken_up(self, key: int | str) -> int:
        """Count that the number was asked and a fault is drawn for it; say how often that was so before."""
        drawn = self.counts.get(key, 0) >> _BITS & _MASK
        self._add(key, _ASKED + _DRAWN)
        return drawn

    def bill(self, key: int | str, units: int, *, day: int) -> None:
        """Count a sum of `BILLED_UNIT` as billed on a day (days since 1970-01-01 GMT)."""
        self._add(key, units)
        self._days[day] = self._days.get(day, 0) + units

    def billed(self, first_day: int | None = None, last_day: int | None = None) -> dict[str, int]:
        """Give the billed count of each package, of all days or of some, both ends included."""
        counts = sum(
            units
            for day, units in self._days.items()
            if (first_day is None or day >= first_day) and (last_day is None or day <= last_day)
        )
        return _billed(counts)

    def first_day(self) -> int | None:
        """Say on which day the first package was billed."""
        return min(self._days, default=None)

    def _add(self, key: int | str, units: int) -> None:
        counts = self.counts.get(key, 0) + units
        if counts & _MASK < _SHARED_BELOW:
            counts = self._shared.setdefault(counts, counts)
        self.counts[key] = counts


def ledger_json(ledgers: Sequence[Ledger]) -> bytes:
    """Write the sum: `{"requests", "numbers": {"+1…": {"asked", "billed": {package: n}}}, "billed_total"}`."""
    counts = ledgers[0].counts if len(ledgers) == 1 else _added(ledgers)
    billed = sum(total_micro_usd(ledger.billed()) for ledger in ledgers)
    # A million numbers make 65 MB: they are written into one buffer, not into a list of lines first.
    text = bytearray(b'{"requests":%d,"numbers":{' % sum(ledger.requests for ledger in ledgers))
    _write_lines(text, counts)
    text += b'},"billed_total":"%b"}' % decimal_usd(billed).encode()
    return bytes(text)


def _added(ledgers: Sequence[Ledger]) -> dict[int | str, int]:
    total: dict[int | str, int] = {}
    for ledger in ledgers:
        for key, counts in ledger.counts.items():
            total[key] = total.get(key, 0) + counts
    return total


def _write_lines(text: bytearray, counts_of: Mapping[int | str, int]) -> None:
    written: dict[int, bytes] = {}
    comma = b""
    for key, counts in counts_of.items():
        without_draws = counts & ~(_MASK << _BITS)
        tail = written.get(without_draws)
        if tail is None:
            tail = written[without_draws] = orjson.dumps(_unpacked(without_draws))
        name = b'"+%d"' % key if isinstance(key, int) else orjson.dumps(key)
        text += b"%b%b:%b" % (comma, name, tail)
        comma = b","


def _unpacked(counts: int) -> dict[str, object]:
    return {"asked": counts & _MASK, "billed": {package: n for package, n in _billed(counts).items() if n}}


def _billed(counts: int) -> dict[str, int]:
    return {package: counts // unit & _MASK for package, unit in BILLED_UNIT.items()}
