"""Who may see a page, and in which organization's scope it is made.

Every view carries `@page(…)` or stands in `PUBLIC`; a test walks the addresses for one that has neither.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.utils import timezone

from bulk_lookup.core.role import Right, Role, may
from bulk_lookup.models import Organization, User
from bulk_lookup.models.directory import membership_of
from bulk_lookup.models.scope import organization_scope

Parameters = ParamSpec("Parameters")

READS = ("GET", "HEAD")
WRITES = ("POST",)
BOTH = (*READS, *WRITES)

SESSION_ORGANIZATION = "organization"
"""Key of the session: the organization that a person with several works in."""


class PageRequest(HttpRequest):
    """The request of a signed-in person, inside one organization."""

    user: User
    organization: Organization
    role: Role

    def may(self, right: Right) -> bool:
        """Whether the person's role has this right."""
        return may(self.role, right)


def page(
    needs: Right = Right.LOOK, *, methods: tuple[str, ...] = READS, scope: bool = True, staff: bool = False
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Let only those see a view who may, and run it inside their organization's scope: one transaction.

    A view that talks to the outside or sends a file says `scope=False` and opens short scopes itself. `staff` is for the
    operator's pages, which belong to no organization's role.
    """

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            member = membership_of(request.user, request.session.get(SESSION_ORGANIZATION))
            if member is None:
                return _nowhere(request)
            inside = cast("PageRequest", request)
            inside.organization, inside.role = member.organization, Role(member.role)
            inside.may = lambda right: may(inside.role, right)  # type: ignore[method-assign]
            if (staff and not inside.user.is_staff) or not inside.may(needs):
                return render(inside, "403.html", {"needs": needs}, status=403)
            member.see(timezone.now())
            with timezone.override(member.organization.time_zone):
                if not scope:
                    return view(inside, *args, **kwargs)
                with organization_scope(member.organization.pk):
                    return view(inside, *args, **kwargs)

        checked.needs = needs  # type: ignore[attr-defined]
        checked.methods = methods  # type: ignore[attr-defined]
        return checked

    return decorate


def is_fragment(request: HttpRequest) -> bool:
    """Whether the page's own script asks for a part of it; a restored history entry wants the whole."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-History-Restore-Request") != "true"


def found(thing: Any) -> Any:
    """`thing`, or a 404: what is another organization's is as if it had never existed."""
    if thing is None:
        raise Http404
    return thing


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    if not is_fragment(request):
        return redirect_to_login(request.get_full_path())
    # A fragment cannot show a whole page: its script goes there instead.
    answer = HttpResponse(status=401)
    answer.headers["HX-Redirect"] = redirect_to_login(request.headers.get("HX-Current-URL", "/")).url
    return answer


def _nowhere(request: HttpRequest) -> HttpResponseBase:
    if is_fragment(request):
        return HttpResponse(status=403)
    return redirect("organization_missing")
