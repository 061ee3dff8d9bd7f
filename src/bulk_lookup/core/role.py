"""What a person may do in an organization: one table of roles and rights, and the rule of who may hand out which role."""

from enum import StrEnum


class Role(StrEnum):
    """A person's part in an organization, the one with the most rights first."""

    OWNER = "owner"
    ADMIN = "admin"
    OPERATOR = "operator"
    VIEWER = "viewer"


class Right(StrEnum):
    """One thing that may be allowed or not; pages name the right that they need and never a role."""

    LOOK = "look"
    SEE_MONEY = "see_money"  # prices, spend, budgets, what is left on an account
    IMPORT = "import"
    EDIT = "edit"  # mark contacts as pending, save views
    EXPORT = "export"
    SPEND = "spend"  # start, resume and retry runs
    RAISE_CAP = "raise_cap"
    DELETE = "delete"
    INVITE = "invite"  # and change or take away the roles of others
    CREDENTIALS = "credentials"
    PRICES = "prices"  # the price book, reuse ages, the monthly budget
    ORGANIZATION = "organization"  # its name, country and time zone


# Each role has what the one below it has, and more. An operator works inside the cap that a run was started with: going past it
# and deleting cannot be taken back, so both take an admin.
_VIEWER = frozenset({Right.LOOK})
_OPERATOR = _VIEWER | {Right.SEE_MONEY, Right.IMPORT, Right.EDIT, Right.EXPORT, Right.SPEND}
_ADMIN = _OPERATOR | {Right.RAISE_CAP, Right.DELETE, Right.INVITE, Right.CREDENTIALS, Right.PRICES}
_OWNER = _ADMIN | {Right.ORGANIZATION}

_RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OWNER: _OWNER,
    Role.ADMIN: _ADMIN,
    Role.OPERATOR: _OPERATOR,
    Role.VIEWER: _VIEWER,
}


def may(role: Role, right: Right) -> bool:
    """Whether somebody with this role may do this."""
    return right in _RIGHTS[role]


def roles_to_give(role: Role) -> tuple[Role, ...]:
    """The roles that somebody with this role may hand out, change and take away: an admin's do not include owner's."""
    if not may(role, Right.INVITE):
        return ()
    return tuple(Role) if role is Role.OWNER else tuple(one for one in Role if one is not Role.OWNER)
