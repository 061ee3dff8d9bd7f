"""The matrix of roles and rights, written out by hand: whoever changes the rule says so here too."""

from itertools import pairwise

import pytest

from bulk_lookup.core.role import Right, Role, may, roles_to_give

# Who may: owner, admin, operator, viewer.
MATRIX = {
    Right.LOOK: (True, True, True, True),
    Right.SEE_MONEY: (True, True, True, False),
    Right.IMPORT: (True, True, True, False),
    Right.EDIT: (True, True, True, False),
    Right.EXPORT: (True, True, True, False),
    Right.SPEND: (True, True, True, False),
    Right.RAISE_CAP: (True, True, False, False),
    Right.DELETE: (True, True, False, False),
    Right.INVITE: (True, True, False, False),
    Right.CREDENTIALS: (True, True, False, False),
    Right.PRICES: (True, True, False, False),
    Right.ORGANIZATION: (True, False, False, False),
}
ROLES = (Role.OWNER, Role.ADMIN, Role.OPERATOR, Role.VIEWER)


def test_the_matrix_names_every_role_and_every_right() -> None:
    assert set(MATRIX) == set(Right)
    assert set(ROLES) == set(Role)


@pytest.mark.parametrize(("right", "role"), [(right, role) for right in MATRIX for role in ROLES])
def test_a_role_may_what_the_matrix_says(right: Right, role: Role) -> None:
    assert may(role, right) is MATRIX[right][ROLES.index(role)]


def test_each_role_has_all_rights_of_the_next() -> None:
    for higher, lower in pairwise(ROLES):
        theirs = {right for right in Right if may(lower, right)}
        assert theirs < {right for right in Right if may(higher, right)}


def test_only_owners_make_owners() -> None:
    assert roles_to_give(Role.OWNER) == ROLES
    assert roles_to_give(Role.ADMIN) == (Role.ADMIN, Role.OPERATOR, Role.VIEWER)
    assert roles_to_give(Role.OPERATOR) == roles_to_give(Role.VIEWER) == ()


def test_who_may_not_invite_hands_out_nothing() -> None:
    for role in Role:
        assert bool(roles_to_give(role)) is may(role, Right.INVITE)
