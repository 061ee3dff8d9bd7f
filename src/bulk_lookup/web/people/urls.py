"""Addresses of people. Names that begin with account_ or mfa_ are django-allauth's, which it looks up itself."""

from allauth.account import views
from django.urls import include, path, re_path

from bulk_lookup.web.people import account, first_run, invitations, members, organizations, sign_in

urlpatterns = [
    path("welcome", first_run.welcome, name="welcome"),
    path("sign-in", sign_in.SignIn.as_view(), name="account_login"),
    path("sign-out", sign_in.sign_out, name="account_logout"),
    path("sign-up", views.signup, name="account_signup"),
    path("account", account.account, name="account"),
    path("account/inactive", views.account_inactive, name="account_inactive"),
    path("account/confirm", views.reauthenticate, name="account_reauthenticate"),
    path("account/password", views.password_change, name="account_change_password"),
    path("account/second-factor/", include("allauth.mfa.urls")),
    path("password", views.password_reset, name="account_reset_password"),
    path("password/sent", views.password_reset_done, name="account_reset_password_done"),
    path("password/changed", views.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    re_path(
        r"^password/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("invitations/<str:token>", invitations.invitation, name="invitation"),
    path("organizations/new", organizations.organization_new, name="organization_new"),
    path("organizations/none", organizations.organization_missing, name="organization_missing"),
    path("organizations/<int:organization_id>/switch", organizations.organization_switch, name="organization_switch"),
    path("settings/members", members.members, name="members"),
    path("settings/members/invitations", members.invitations, name="members_invitations"),
    path(
        "settings/members/invitations/<int:invitation_id>/withdrawal",
        members.invitation_withdrawal,
        name="invitation_withdrawal",
    ),
    path("settings/members/<int:membership_id>/role", members.member_role, name="member_role"),
    path("settings/members/<int:membership_id>/removal", members.member_removal, name="member_removal"),
]
