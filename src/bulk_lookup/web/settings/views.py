"""The way into the settings."""

from django.http import HttpResponse
from django.shortcuts import redirect

from bulk_lookup.web.access import PageRequest, page
from bulk_lookup.web.settings.sections import sections_of


@page()
def settings(request: PageRequest) -> HttpResponse:
    """To the first section that the person may see."""
    return redirect(sections_of(request)[0].to)
