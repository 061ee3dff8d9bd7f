"""Sign-in and sign-out, as django-allauth does them, and the way to the first-run page."""

from typing import Any

from allauth.account import views
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from bulk_lookup.models.directory import somebody_is_here
from bulk_lookup.web.people.organizations import may_sign_up

sign_out = require_POST(views.logout)
"""Only by a form: a picture on a stranger's page must not sign anybody out."""


class SignIn(views.LoginView):  # type: ignore[misc]
    """E-mail and password; in an installation without a person it leads to the first-run page."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The form."""
        if not somebody_is_here():
            return redirect("welcome")
        answer: HttpResponseBase = super().get(request, *args, **kwargs)
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Whether a stranger may make an account is said below the form."""
        return {**super().get_context_data(**kwargs), "open_for_sign_up": may_sign_up()}
