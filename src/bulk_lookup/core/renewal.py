"""The one transaction by which workers share an account: a worker reports, the limit moves, its share is renewed.

Everything here is pure. The caller locks the account's row, reads the rows of its workers, calls `renew` with the
database's time, and writes back what it returns.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from bulk_lookup.core import allowance as rules
from bulk_lookup.core.allowance import Allowance, Evidence
from bulk_lookup.core.outage import PROBE_EVERY
from bulk_lookup.core.shares import SHARE_LIFE, TURN, shares

ACCOUNT = ""
"""The key of the account's own allowance; those of packages have the package's name."""

USED_UP = 0.9
"""From this part of the limit in flight on, the limit counts as used up."""
PACKAGE_FORGOTTEN = 60.0
"""Seconds after which a package that is limited no more than the account loses its own allowance."""


@dataclass(frozen=True, slots=True)
class Report:
    """What one worker did with one allowance since its last report.

    `share`: what it acts on. `peak`: the most it had in flight. `wants`: the most it had in flight and waiting.
    `accepted_high`, `asked`, `refused`: as in `Evidence`, but since the last report. `measured`: what it lowered
    its own share to after refusals that were measurements, else None. `hold`: seconds it was told to leave it alone.
    """

    share: int = 0
    in_flight: int = 0
    peak: int = 0
    wants: int = 0
    accepted_high: int = 0
    asked: int = 0
    refused: int = 0
    measured: int | None = None
    hold: float = 0.0


@dataclass(frozen=True, slots=True)
class WorkerReport:
    """A worker's reports by key, and whether the provider answered it since the last one or seems down to it."""

    worker: str
    reports: Mapping[str, Report]
    answered: bool = False
    down: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """One worker's part of one allowance as stored; `held` is the most it may have in flight until it reports again."""

    share: int = 0
    held: int = 0
    peak: int = 0
    wants: int = 0
    accepted_high: int = 0
    asked: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """One worker on one account as stored. `seen_at`: seconds, the database's clock."""

    worker: str
    seen_at: float
    answered: bool = False
    shares: Mapping[str, Share] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """All but worker and time, for a JSON column."""
        return {"answered": self.answered, "shares": {key: asdict(share) for key, share in self.shares.items()}}

    @classmethod
    def from_json(cls, worker: str, seen_at: float, data: Mapping[str, Any]) -> "WorkerRow":
        """Read back what `as_json` gave; unknown fields are left out, missing ones are as at the start."""
        stored = {key: Share(**_known(Share, share)) for key, share in data.get("shares", {}).items()}
        return cls(worker, seen_at, bool(data.get("answered", False)), stored)


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account as stored: allowances by key, perhaps a ceiling in requests per second, an outage."""

    allowances: Mapping[str, Allowance] = field(default_factory=lambda: {ACCOUNT: Allowance()})
    per_second: float | None = None
    down: bool = False
    probe_at: float = 0.0

    @property
    def limit(self) -> int:
        """How many requests may be in flight on the account."""
        return self.allowances[ACCOUNT].limit

    def with_settings(self, *, ceiling: int, per_second: float | None = None) -> "AccountRow":
        """The same under the account's present settings, which the row only copies."""
        capped = {key: rules.under_ceiling(one, ceiling) for key, one in self.allowances.items()}
        return replace(self, allowances=capped, per_second=per_second)

    def as_json(self) -> dict[str, Any]:
        """The whole, for a JSON column."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "AccountRow":
        """Read back what `as_json` gave; unknown fields are left out, missing ones are as at the start."""
        stored = {key: Allowance(**_known(Allowance, one)) for key, one in data.get("allowances", {}).items()}
        return cls(**{**_known(cls, data), "allowances": {ACCOUNT: Allowance(), **stored}})


@dataclass(frozen=True, slots=True)
class Grant:
    """What a worker may do with one allowance until it is renewed; `resume_in` seconds nothing may start.

    `settled` is false while shares are on their way from one worker to another: the next renewal should not wait long.
    """

    share: int
    proven: int
    limit: int
    ceiling: int
    usual: float = 0.0
    resume_in: float = 0.0
    settled: bool = True


@dataclass(frozen=True, slots=True)
class WorkerGrant:
    """A worker's grants by key. `down`: the provider is, and only the worker told to `probe` may ask, once."""

    grants: Mapping[str, Grant]
    per_second: float | None = None
    down: bool = False
    probe: bool = False


@dataclass(frozen=True, slots=True)
class Renewal:
    """What to write and what to hand to the worker; the rows of `expired` workers may be deleted."""

    account: AccountRow
    worker: WorkerRow
    grant: WorkerGrant
    expired: tuple[str, ...] = ()


def renew(account: AccountRow, workers: Sequence[WorkerRow], report: WorkerReport, now: float) -> Renewal:
    """Take in one worker's report, move the limits, and renew this worker's shares; nobody else's row is written.

    `workers` are all rows of the account, the reporting one's own included. The sum of what workers hold never exceeds
    the limit: a share shrinks at once and grows only from what is free, and what a shrunk worker still has in flight is
    not free.
    """
    others = [row for row in workers if row.worker != report.worker and now - row.seen_at < SHARE_LIFE]
    mine = next((row for row in workers if row.worker == report.worker and now - row.seen_at < SHARE_LIFE), None)
    allowances = dict(account.allowances)
    granted: dict[str, Grant] = {}
    stored: dict[str, Share] = {}
    for key in (ACCOUNT, *sorted((allowances.keys() | report.reports.keys()) - {ACCOUNT})):
        told = report.reports.get(key, Report())
        before = mine.shares.get(key, Share()) if mine else Share()
        rest = {row.worker: row.shares.get(key, Share()) for row in others}
        present = allowances.get(key) or _unlimited(allowances[ACCOUNT])
        present = _moved(present, told, list(rest.values()), now)
        if key != ACCOUNT and _forgettable(present, now):
            allowances.pop(key, None)
            continue
        allowances[key] = present
        stored[key], target = _stored(report.worker, present, before, told, rest, now)
        granted[key] = _grant(present, stored[key], before.share, target, now)
    account = _outage(replace(account, allowances=allowances), others, report, now)
    probe = account.down and now >= account.probe_at and stored[ACCOUNT].wants > 0
    if probe:
        account = replace(account, probe_at=now + PROBE_EVERY)
    limit, share = account.limit, stored[ACCOUNT].share
    return Renewal(
        account=account,
        worker=WorkerRow(report.worker, now, report.answered, stored),
        grant=WorkerGrant(
            grants=granted,
            per_second=None if account.per_second is None else account.per_second * share / limit,
            down=account.down,
            probe=probe,
        ),
        expired=tuple(row.worker for row in workers if now - row.seen_at >= SHARE_LIFE and row.worker != report.worker),
    )


def _moved(present: Allowance, told: Report, rest: list[Share], now: float) -> Allowance:
    """The allowance after this report: lowered by what was measured, else perhaps raised."""
    if told.hold:
        present = replace(present, resume_at=max(present.resume_at, now + told.hold))
    if told.measured is not None:
        # The others' part is what they had or may have in flight; where that is too much, the next refusal says so.
        beside = told.measured + sum(max(share.peak, min(share.share, share.wants)) for share in rest)
        present = rules.measured(present, max(1, min(present.limit, beside)), now)
    everybody: list[Share | Report] = [*rest, told]
    evidence = Evidence(
        accepted_high=sum(share.accepted_high for share in everybody),
        asked=sum(share.asked for share in everybody),
        refused=sum(share.refused for share in everybody),
    )
    used = sum(share.peak for share in everybody) >= present.limit * USED_UP
    return rules.tick(
        present, now, evidence, saturated=used and sum(share.wants for share in everybody) > present.limit
    )


def _stored(
    worker: str, present: Allowance, before: Share, told: Report, rest: Mapping[str, Share], now: float
) -> tuple[Share, int]:
    """The worker's row, and the share it is to have once the others have given up theirs."""
    needs = {worker: told.wants} | {name: share.wants for name, share in rest.items()}
    target = shares(present.limit, needs, turn=int(now / TURN))[worker]
    free = present.limit - sum(share.held for share in rest.values())
    if present.probing:
        # A probe must be used at once to tell anything: whoever wants more takes it, and it is evened out later.
        target = max(target, min(told.wants, free, before.share + present.limit - present.proven))
    # Less at once, more only from what is free. Where the limit has fallen below what the others still hold, nothing is
    # left until they have been heard of: a second or two without a request beats one too many.
    share = max(0, min(target, free))
    renewed = Share(
        share=share,
        # It may start requests up to its former share until this answer reaches it.
        held=max(share, told.share, told.in_flight),
        peak=told.peak,
        wants=told.wants,
        accepted_high=told.accepted_high,
        asked=told.asked,
        refused=told.refused,
    )
    return renewed, target


def _grant(present: Allowance, renewed: Share, before: int, target: int, now: float) -> Grant:
    share = renewed.share
    return Grant(
        share=share,
        # What came from other workers is proven as it was with them; only the probe is not.
        proven=max(min(share, before), share - (present.limit - present.proven)),
        limit=present.limit,
        ceiling=present.ceiling,
        usual=present.usual,
        resume_in=max(0.0, present.resume_at - now),
        settled=renewed.held == share and (share >= target or renewed.wants <= share),
    )


def _outage(account: AccountRow, others: Sequence[WorkerRow], report: WorkerReport, now: float) -> AccountRow:
    if report.answered:
        return replace(account, down=False)
    # Where another worker is being answered, the trouble is this worker's own network.
    if account.down or not report.down or any(row.answered for row in others):
        return account
    return replace(account, down=True, probe_at=now + PROBE_EVERY)


def _unlimited(account: Allowance) -> Allowance:
    return Allowance(limit=account.ceiling, proven=account.ceiling, ceiling=account.ceiling)


def _forgettable(present: Allowance, now: float) -> bool:
    return present.limit >= present.ceiling and now - present.quiet_since > PACKAGE_FORGOTTEN


def _known(kind: Any, data: Mapping[str, Any]) -> dict[str, Any]:
    names = {one.name for one in fields(kind)}
    return {name: value for name, value in data.items() if name in names}
