"""The members of an organization: who is there, as what; invite, change a role, take somebody out."""

from django.contrib import messages
from django.core.mail import send_mail
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from bulk_lookup.core.role import Right, Role, roles_to_give
from bulk_lookup.models import Invitation, Membership
from bulk_lookup.models.directory import members_of, membership_of
from bulk_lookup.models.membership import LastOwner, NotYours
from bulk_lookup.web.access import BOTH, WRITES, PageRequest, found, page
from bulk_lookup.web.people.forms import InviteForm

LAST_OWNER = "An organization needs an owner. Make somebody else an owner first."


@page()
def members(request: PageRequest) -> HttpResponse:
    """Everybody, with role and when last seen; for those who may invite, the open invitations too."""
    return render(request, "people/members.html", _context(request, InviteForm(by=request.role)))


@page(Right.INVITE, methods=WRITES, scope=False)
def invitations(request: PageRequest) -> HttpResponse:
    """Make an invitation; its link is shown once, and mailed where an address was given."""
    form = InviteForm(request.POST, by=request.role)
    if not form.is_valid():
        return render(request, "people/members.html", _context(request, form), status=422)
    invitation, token = Invitation.make(
        by=_self(request),
        role=Role(form.cleaned_data["role"]),
        email=form.cleaned_data["email"],
        now=timezone.now(),
    )
    link = request.build_absolute_uri(reverse("invitation", args=[token]))
    mailed = _mail(request, invitation, link) if invitation.email else False
    context = _context(request, InviteForm(by=request.role)) | {"link": link, "made": invitation, "mailed": mailed}
    return render(request, "people/members.html", context, status=201)


@page(Right.INVITE, methods=WRITES)
def invitation_withdrawal(request: PageRequest, invitation_id: int) -> HttpResponse:
    """Make an invitation's link worthless."""
    open_ones = Invitation.objects.filter(organization=request.organization, accepted_at=None)
    found(open_ones.filter(pk=invitation_id).first()).delete()
    messages.info(request, "Invitation withdrawn")
    return redirect("members")


@page(Right.INVITE, methods=WRITES)
def member_role(request: PageRequest, membership_id: int) -> HttpResponse:
    """Give a member another role."""
    member = _member(request, membership_id)
    try:
        role = Role(request.POST.get("role", ""))
    except ValueError:
        return _refused(request, "This is no role.", status=422)
    try:
        member.change_role(role, by=_self(request))
    except NotYours:
        return _refused(request, "Only an owner gives or takes away the role of an owner.", status=403)
    except LastOwner:
        return _refused(request, LAST_OWNER, status=409)
    messages.info(request, f"{member.user} is {role} now")
    return redirect("members")


@page(methods=BOTH)
def member_removal(request: PageRequest, membership_id: int) -> HttpResponse:
    """Take a member out, or leave oneself, which everybody may: asked by a GET, done by a POST."""
    member, own = _member(request, membership_id), _self(request)
    if member.pk != own.pk and not request.may(Right.INVITE):
        return render(request, "403.html", {"needs": Right.INVITE}, status=403)
    if request.method != "POST":
        return render(request, "people/member_removal.html", {"member": member, "own": member.pk == own.pk})
    try:
        member.remove(by=own)
    except NotYours:
        return _refused(request, "Only an owner takes out an owner.", status=403)
    except LastOwner:
        return _refused(request, LAST_OWNER, status=409)
    messages.info(request, f"{member.user} is no member any more")
    return redirect("dashboard" if member.user_id == own.user_id else "members")


def _context(request: PageRequest, form: InviteForm) -> dict[str, object]:
    may_give = roles_to_give(request.role)
    people = [
        {
            "membership": one,
            "own": one.user_id == request.user.pk,
            "roles": may_give if Role(one.role) in may_give else (),
        }
        for one in members_of(request.organization)
    ]
    open_ones = Invitation.objects.filter(
        organization=request.organization, accepted_at=None, expires_at__gt=timezone.now()
    )
    return {
        "people": people,
        "form": form,
        "invitations": open_ones.order_by("-created_at") if may_give else [],
    }


def _member(request: PageRequest, membership_id: int) -> Membership:
    found_one: Membership = found(
        Membership.objects.select_related("user", "organization")
        .filter(organization=request.organization, pk=membership_id)
        .first()
    )
    return found_one


def _self(request: PageRequest) -> Membership:
    found_one: Membership = found(membership_of(request.user, request.organization.pk))
    return found_one


def _refused(request: PageRequest, sentence: str, *, status: int) -> HttpResponse:
    context = _context(request, InviteForm(by=request.role)) | {"refused": sentence}
    return render(request, "people/members.html", context, status=status)


def _mail(request: PageRequest, invitation: Invitation, link: str) -> bool:
    """Whether the mail server took it; the link is on the page in any case."""
    body = render_to_string(
        "people/mail/invitation.txt", {"invitation": invitation, "link": link, "by": request.user}, request=None
    )
    try:
        send_mail(f"Invitation to {request.organization}", body, None, [invitation.email])
    except OSError:  # smtplib's errors are OSErrors
        return False
    return True
