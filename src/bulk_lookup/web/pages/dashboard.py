"""The dashboard: how much is done, beside what was spent."""

from django.http import HttpResponse
from django.shortcuts import render

from bulk_lookup.web.access import PageRequest, page


@page()
def dashboard(request: PageRequest) -> HttpResponse:
    """The organization at a glance."""
    return render(request, "dashboard/page.html", {})
