"""A person's own page: name, password, second factor, organizations."""

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from bulk_lookup.models.directory import memberships_of
from bulk_lookup.web.access import BOTH, PageRequest, page
from bulk_lookup.web.people.forms import NameForm
from bulk_lookup.web.people.organizations import may_found


@page(methods=BOTH)
def account(request: PageRequest) -> HttpResponse:
    """Show it; a POST changes the name."""
    user = request.user
    form = NameForm(request.POST or None, initial={"name": user.name})
    if request.method == "POST" and form.is_valid():
        user.name = form.cleaned_data["name"]
        user.save(update_fields=["name"])
        messages.info(request, "Name saved")
        return redirect("account")
    context = {
        "form": form,
        "memberships": memberships_of(user),
        "second_factor": Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists(),
        "may_found": may_found(user),
    }
    return render(request, "people/account.html", context, status=422 if form.errors else 200)
