"""The forms of django-allauth as we want them: our labels and looks, and our limits where something can be guessed."""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as factors
from allauth.mfa.totp import forms as totp

from bulk_lookup.web.people.fields import Dressed
from bulk_lookup.web.rate_limit import ACCOUNT, MAIL, count, forget


class SignInForm(Dressed, account.LoginForm):  # type: ignore[misc]
    """E-mail and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label(self, login="E-mail")
        # A person who comes here types; whoever was refused has the summary of errors to read first.
        if not self.is_bound:
            self.fields["login"].widget.attrs["autofocus"] = True
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        self.fields["password"].help_text = ""


class SignUpForm(Dressed, account.SignupForm):  # type: ignore[misc]
    """Where anybody may make an account."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label(self, email="E-mail", password1="Password")
        self.fields["password1"].help_text = "At least 10 characters."


class ResetForm(Dressed, account.ResetPasswordForm):  # type: ignore[misc]
    """Asks for the mail by which a password is reset."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label(self, email="E-mail")

    def clean_email(self) -> str:
        """Counted for every address, so that it tells nobody which ones are known. Raises TooManyRequests."""
        count(MAIL, str(self.cleaned_data["email"]).strip().lower())
        return str(super().clean_email())


class NewPasswordForm(Dressed, account.ResetPasswordKeyForm):  # type: ignore[misc]
    """A new password, by the link of that mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _new_passwords(self)


class ChangePasswordForm(Dressed, account.ChangePasswordForm):  # type: ignore[misc]
    """A new password, by the old one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label(self, oldpassword="Present password")
        _new_passwords(self)

    def clean_oldpassword(self) -> str:
        """A session that was left open is no way to guess. Raises TooManyRequests."""
        person = f"password {self.user.pk}"
        count(ACCOUNT, person)
        password = str(super().clean_oldpassword())
        forget(ACCOUNT, person)
        return password


class PasswordAgainForm(Dressed, account.ReauthenticateForm):  # type: ignore[misc]
    """The password, before something that is guarded twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = "Password"


class _Counted:
    """Codes have six digits, so tries are counted against the account. Raises TooManyRequests."""

    def clean_code(self) -> str:
        person = f"code {self.user.pk}"  # type: ignore[attr-defined]
        count(ACCOUNT, person)
        code: str = super().clean_code()  # type: ignore[misc]
        forget(ACCOUNT, person)
        return code


class CodeForm(_Counted, Dressed, factors.AuthenticateForm):  # type: ignore[misc]
    """The second factor at sign-in."""


class CodeAgainForm(_Counted, Dressed, factors.ReauthenticateForm):  # type: ignore[misc]
    """The second factor before something that is guarded twice."""


class ActivateForm(Dressed, totp.ActivateTOTPForm):  # type: ignore[misc]
    """The first code of an authenticator app."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label(self, code="Code that the app shows")


def _label(form: Dressed, **labels: str) -> None:
    for name, label in labels.items():
        form.fields[name].label = label


def _new_passwords(form: Dressed) -> None:
    _label(form, password1="New password", password2="New password again")
    form.fields["password1"].help_text = "At least 10 characters."
