"""People of two organizations, with passwords that cost nothing to check. (Models are imported when Django is ready.)"""

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from people_cast import Cast

    from bulk_lookup.models import Organization


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Any) -> None:
    """A hash that takes half a second is right for people, not for tests."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def cast(organization: "Organization", other_organization: "Organization") -> "Cast":
    """alice, dan, erin and bob in Alice's organization, charlie in the other."""
    from people_cast import make_cast

    return make_cast(organization, other_organization)
