"""How the product looks to one person, in this browser: kept in cookies that the page's scripts write too."""

from django.http import HttpResponse
from django.shortcuts import redirect, render

from bulk_lookup.web.access import WRITES, PageRequest, page

THEMES = (("system", "System", "monitor"), ("day", "Light", "sun"), ("night", "Dark", "moon"))

_YEAR = 365 * 24 * 60 * 60


@page()
def appearance(request: PageRequest) -> HttpResponse:
    """Light, dark or as the device has it; single keys on or off."""
    return render(request, "settings/appearance.html", {"themes": THEMES})


@page(methods=WRITES)
def appearance_change(request: PageRequest) -> HttpResponse:
    """Keep the choice that was sent: a theme, or whether single keys work."""
    answer = redirect("settings_appearance")
    theme = request.POST.get("theme")
    if theme in [name for name, _, _ in THEMES]:
        _keep(request, answer, "theme", "" if theme == "system" else str(theme))
    if "keys_sent" in request.POST:
        _keep(request, answer, "keys", "" if "keys" in request.POST else "off")
    return answer


def _keep(request: PageRequest, answer: HttpResponse, name: str, value: str) -> None:
    if not value:
        answer.delete_cookie(name, samesite="Lax")
        return
    # Not HttpOnly: the script that switches at once writes the same cookie.
    answer.set_cookie(name, value, max_age=_YEAR, samesite="Lax", secure=request.is_secure())
