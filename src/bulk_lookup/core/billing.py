"""The four things that can be known about the bill of one package of one attempt."""

from enum import StrEnum


class Billing(StrEnum):
    """Whether it is on the bill; `unknown` counts as spent, at its full price, until it is reconciled."""

    BILLED = "billed"
    FREE = "free"
    NOT_PROCESSED = "not_processed"
    UNKNOWN = "unknown"
