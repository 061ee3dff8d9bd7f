"""How far a run is, how fast, when it will end and what slows it."""

from enum import StrEnum


class Slowdown(StrEnum):
    """What keeps a run from going faster: a closed list, the same word on every face."""

    OWN_CEILING = "own_ceiling"
    ACCOUNT_LIMIT = "account_limit"
    PACKAGE_LIMIT = "package_limit"
    PROVIDER_SLOW = "provider_slow"
    PROVIDER_DOWN = "provider_down"
    CAP = "cap"
    BUDGET = "budget"
    NO_WORKER = "no_worker"
    NOTHING = "nothing"
