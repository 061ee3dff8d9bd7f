"""What every page's frame shows: who, where, and what they may do."""

from typing import Any

from django.http import HttpRequest

from bulk_lookup.core.role import Right, may


def frame(request: HttpRequest) -> dict[str, Any]:
    """For templates: `organization`, `role`, `rights` (by name, in lower case) and the `theme` of the cookie."""
    theme = request.COOKIES.get("theme", "")
    role = getattr(request, "role", None)
    return {
        "organization": getattr(request, "organization", None),
        "role": role,
        "rights": {right.name.lower(): role is not None and may(role, right) for right in Right},
        "theme": theme if theme in ("day", "night") else "",
    }
