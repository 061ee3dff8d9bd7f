"""How one limit is divided among the worker processes that use it."""

from collections.abc import Mapping

SHARE_LIFE = 10.0
"""Seconds, on the database's clock, after which the share of a worker that was not heard of is free again."""
ACT_WITHOUT_RENEWAL = 5.0
"""Seconds, on the worker's own clock, for which it acts on a share; shorter, so that no share is ever used twice."""
TURN = 5.0
"""Seconds after which the workers that had to go without change places, when there are more of them than the limit."""


def shares(limit: int, needs: Mapping[str, int], *, turn: int = 0) -> dict[str, int]:
    """Divide `limit` by need: the sum never exceeds it, and nobody gets more while another lacks more.

    `needs` is what each worker has in flight and waiting. Each that needs anything gets one, as far as `limit` goes (in
    an order that `turn` rotates), and the rest goes to the smallest needs first. Of what nobody needs, each worker gets
    an equal part as headroom and one part stays free for whoever asks next; a single worker gets all.
    """
    if not needs:
        return {}
    limit = max(0, limit)
    if len(needs) == 1:
        return dict.fromkeys(needs, limit)
    wanting = sorted(name for name, need in needs.items() if need > 0)
    divided = dict.fromkeys(needs, 0)
    if len(wanting) >= limit:
        start = turn * limit % len(wanting) if wanting else 0
        for name in (wanting[start:] + wanting[:start])[:limit]:
            divided[name] = 1
        return divided
    left = limit
    by_need = sorted((name for name in needs if needs[name] > 0), key=lambda name: needs[name])
    for position, name in enumerate(by_need):
        # What does not divide evenly goes to the first of equals, in the order of `needs`.
        divided[name] = min(needs[name], -(-left // (len(by_need) - position)))
        left -= divided[name]
    headroom = left // (len(needs) + 1)
    for name in sorted(needs, key=lambda name: (divided[name] > 0, name)):
        extra = min(left, max(headroom, 1 if divided[name] == 0 else 0))
        divided[name] += extra
        left -= extra
    return divided
