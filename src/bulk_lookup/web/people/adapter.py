"""What we want otherwise than django-allauth: our limits, our words, secrets of the second factor encrypted at rest."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.urls import reverse

from bulk_lookup.lib import encryption
from bulk_lookup.models import User
from bulk_lookup.web.people.organizations import may_sign_up
from bulk_lookup.web.rate_limit import ACCOUNT, count, forget


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]
    """Signing in and up."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "This e-mail and password do not match. After 5 tries there is a short wait.",
        "email_taken": "There is an account with this e-mail already. Sign in instead.",
        "incorrect_password": "This is not your password.",
        "incorrect_code": "This code is not right, or too old. Take the newest one.",
        "enter_current_password": "This is not your password.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Only where anybody may make an organization; else one comes by an invitation."""
        return may_sign_up()

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the try against the account, whether it exists or not. Raises TooManyRequests."""
        count(ACCOUNT, credentials.get("email", "").strip().lower())

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """A password that was right is no guess: the account's count begins anew."""
        user: AbstractBaseUser | None = super().authenticate(request, **credentials)
        if user is not None:
            forget(ACCOUNT, credentials.get("email", "").strip().lower())
        return user

    def reauthenticate(self, user: AbstractBaseUser, password: str) -> bool:
        """The person's own address is the one that counts."""
        assert isinstance(user, User)
        return self.authenticate(self.request, email=user.email, password=password) == user

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to the page one came from."""
        return reverse("account")

    def _rollback_login_failed_rl_usage(self) -> None:
        """Nothing to take back: allauth's own counting is off."""


class SecondFactors(DefaultMFAAdapter):  # type: ignore[misc]
    """Codes of an authenticator app, and those for when it is lost."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This code is not right, or too old. Take the newest one.",
    }

    def encrypt(self, text: str) -> str:
        """As it is stored."""
        return encryption.encrypt(text, settings.SECRET_KEY).decode("ascii")

    def decrypt(self, encrypted_text: str) -> str:
        """As it was."""
        return encryption.decrypt(encrypted_text.encode("ascii"), settings.SECRET_KEY)
