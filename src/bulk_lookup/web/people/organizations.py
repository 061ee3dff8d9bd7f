"""Organizations of a person: make one, change between them, and the page of whoever has none."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bulk_lookup.models import User
from bulk_lookup.models.directory import found_organization, memberships_of
from bulk_lookup.web.access import SESSION_ORGANIZATION, found
from bulk_lookup.web.people.forms import OrganizationForm


def may_sign_up() -> bool:
    """Whether strangers may make an account by themselves."""
    return _who() == "open"


def may_found(user: User) -> bool:
    """Whether this person may make an organization: BULK_LOOKUP_ORGANIZATIONS."""
    return user.is_staff or _who() in ("invited", "open")


@require_GET
@login_required
def organization_missing(request: HttpRequest) -> HttpResponse:
    """For a person without any organization: what to do now."""
    assert isinstance(request.user, User)
    if memberships_of(request.user):
        return redirect("dashboard")
    if may_found(request.user):
        return redirect("organization_new")
    return render(request, "people/organization_missing.html", {})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def organization_new(request: HttpRequest) -> HttpResponse:
    """Make an organization and become its owner."""
    assert isinstance(request.user, User)
    if not may_found(request.user):
        return render(request, "people/organization_missing.html", {}, status=403)
    form = OrganizationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        membership = found_organization(request.user, **form.organization())
        request.session[SESSION_ORGANIZATION] = membership.organization_id
        membership.see(timezone.now())
        return redirect("dashboard")
    return render(request, "people/organization_new.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@login_required
def organization_switch(request: HttpRequest, organization_id: int) -> HttpResponse:
    """Work in another one of one's organizations; one that is not one's own is as if it had never existed."""
    assert isinstance(request.user, User)
    chosen = [one for one in memberships_of(request.user) if one.organization_id == organization_id]
    membership = found(next(iter(chosen), None))
    request.session[SESSION_ORGANIZATION] = membership.organization_id
    membership.see(timezone.now())
    return redirect("dashboard")


def _who() -> str:
    return str(settings.VALUES["BULK_LOOKUP_ORGANIZATIONS"].value)
