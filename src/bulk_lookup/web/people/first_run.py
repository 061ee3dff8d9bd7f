"""The first-run page: whoever has the set-up code makes the first account and its organization."""

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from bulk_lookup.models import User
from bulk_lookup.models.directory import AlreadySettled, settle, somebody_is_here
from bulk_lookup.web.people import setup_code
from bulk_lookup.web.people.forms import WelcomeForm


@sensitive_post_parameters("code", "password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: HttpRequest) -> HttpResponse:
    """Make the first person, who is also the operator; afterwards this page leads to sign-in."""
    if somebody_is_here():
        return redirect("account_login")
    setup_code.announce()
    form = WelcomeForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "people/welcome.html", {"form": form}, status=422 if form.errors else 200)

    def make_person() -> User:
        email, password = form.cleaned_data["email"], form.cleaned_data["password"]
        return User.objects.create_superuser(email, password)

    try:
        membership = settle(make_person, **form.organization())
    except AlreadySettled:
        return redirect("account_login")
    membership.see(timezone.now())
    login(request, membership.user)
    return redirect("dashboard")
