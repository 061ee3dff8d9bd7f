"""The operations page tells of roles and limits what the source does."""

import re
from pathlib import Path

from bulk_lookup.core.role import Right, Role, may
from bulk_lookup.web import rate_limit

PAGE = (Path(__file__).parents[3] / "docs/operations.md").read_text(encoding="utf-8")
ROLES = (Role.OWNER, Role.ADMIN, Role.OPERATOR, Role.VIEWER)


def test_the_table_of_rights_is_the_rule() -> None:
    table = PAGE.partition("| right | owner | admin | operator | viewer |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| [^|]+ \| (yes|no) \| (yes|no) \| (yes|no) \| (yes|no) \|$", table, re.MULTILINE)

    assert rows == [tuple("yes" if may(role, right) else "no" for role in ROLES) for right in Right]


def test_the_limits_are_told() -> None:
    limits = PAGE.partition("### How often somebody may ask")[2]

    for limit in (rate_limit.STRANGER, rate_limit.PERSON):
        assert f"| {limit.count} requests a minute |" in limits
        assert limit.seconds == 60
    assert f"| {rate_limit.GUESS.count} in {rate_limit.GUESS.seconds} s |" in limits
    for limit in (rate_limit.ACCOUNT, rate_limit.MAIL):
        assert f"| {limit.count} in {int(limit.seconds) // 60} min |" in limits
