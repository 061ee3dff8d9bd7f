"""The page of an invitation's link: join as who one is, or as somebody new."""

from django.contrib.auth import login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from bulk_lookup.models import Invitation, User
from bulk_lookup.models.invitation import InvitationUsed
from bulk_lookup.web.access import SESSION_ORGANIZATION
from bulk_lookup.web.people.forms import JoinForm


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show who invites to what; a POST accepts. A link that is used, too old or invented: 404."""
    found = Invitation.of(token, now=timezone.now())
    if found is None:
        return _gone(request)
    if isinstance(request.user, User):
        return _join_as(request, found, request.user)
    if found.email and User.objects.filter(email=found.email).exists():
        return render(request, "people/invitation_known.html", {"invitation": found})
    form = JoinForm(request.POST or None, fixed_email=found.email)
    if request.method != "POST" or not form.is_valid():
        context = {"invitation": found, "form": form}
        return render(request, "people/invitation_new.html", context, status=422 if form.errors else 200)
    return _join_new(request, found, form)


def _join_as(request: HttpRequest, found: Invitation, user: User) -> HttpResponse:
    suits = found.suits(user.email)
    if request.method != "POST" or not suits:
        context = {"invitation": found, "suits": suits}
        return render(request, "people/invitation_join.html", context, status=403 if request.method == "POST" else 200)
    try:
        found.accept(user, now=timezone.now())
    except InvitationUsed:
        return _gone(request)
    return _inside(request, found)


def _join_new(request: HttpRequest, found: Invitation, form: JoinForm) -> HttpResponse:
    values = form.cleaned_data
    try:
        with transaction.atomic():  # who comes too late has made no account either
            user = User.objects.create_user(values["email"], values["password"], name=values["name"])
            found.accept(user, now=timezone.now())
    except InvitationUsed:
        return _gone(request)
    login(request, user)
    return _inside(request, found)


def _inside(request: HttpRequest, found: Invitation) -> HttpResponse:
    request.session[SESSION_ORGANIZATION] = found.organization_id
    return redirect("dashboard")


def _gone(request: HttpRequest) -> HttpResponse:
    return render(request, "people/invitation_gone.html", {}, status=404)
