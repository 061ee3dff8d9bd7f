"""What people type in: first run, invitations, organizations, names."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.password_validation import validate_password

from bulk_lookup.core.country_names import names_of_countries
from bulk_lookup.core.role import Role, roles_to_give
from bulk_lookup.models import User
from bulk_lookup.web.people import setup_code
from bulk_lookup.web.people.fields import LONGEST_NAME, Dressed, email_field, new_password_field


class OrganizationForm(Dressed, forms.Form):
    """Name, country and time zone of an organization."""

    name = forms.CharField(
        label="Organization", max_length=LONGEST_NAME, widget=forms.TextInput(attrs={"autocomplete": "organization"})
    )
    country_code = forms.ChoiceField(
        label="Country", required=False, help_text="Numbers without a country are read as this country's."
    )
    time_zone = forms.ChoiceField(label="Time zone", initial="UTC", help_text="Days and the monthly budget follow it.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = sorted(((two, spellings[0]) for two, _, spellings in names_of_countries()), key=lambda one: one[1])
        _choices(self, "country_code", [("", "Not one alone"), *names])
        _choices(self, "time_zone", [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones())])

    def organization(self) -> dict[str, str]:
        """The organization's values."""
        return {name: self.cleaned_data[name] for name in ("name", "country_code", "time_zone")}


class WelcomeForm(OrganizationForm):
    """The first person of an installation, and their organization."""

    code = forms.CharField(
        label="Set-up code",
        max_length=40,
        help_text="It is in the log of the web process.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autofocus": True}),
    )
    email = email_field()
    password = new_password_field()
    field_order = ("code", "email", "password", "name", "country_code", "time_zone")

    def clean_code(self) -> str:
        """The code itself, never shown again."""
        typed: str = self.cleaned_data["code"]
        if not setup_code.fits(typed):
            raise forms.ValidationError("This is not the set-up code. The newest log of the web process has it.")
        return typed

    def clean(self) -> dict[str, Any]:
        """The password is judged with the address beside it."""
        return _judge_password(self, super().clean() or self.cleaned_data)


class JoinForm(Dressed, forms.Form):
    """Somebody new who comes by an invitation's link."""

    email = email_field()
    name = forms.CharField(
        label="Name", required=False, max_length=LONGEST_NAME, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = new_password_field()

    def __init__(self, *args: Any, fixed_email: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if fixed_email:  # a disabled field takes its initial value, whatever was posted
            self.fields["email"].initial, self.fields["email"].disabled = fixed_email, True

    def clean_email(self) -> str:
        """An address that nobody here has."""
        email = str(self.cleaned_data["email"]).strip().lower()
        if User.objects.filter(email=email).exists():
            raise forms.ValidationError(
                "There is an account with this e-mail already. Sign in, then open the link again."
            )
        return email

    def clean(self) -> dict[str, Any]:
        """The password is judged with the address beside it."""
        return _judge_password(self, super().clean() or self.cleaned_data)


class InviteForm(Dressed, forms.Form):
    """Whom to invite, as what."""

    email = forms.EmailField(
        label="E-mail",
        required=False,
        help_text="Left empty, whoever has the link may come in, once.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label="Role", initial=Role.OPERATOR.value)

    def __init__(self, *args: Any, by: Role, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choices(self, "role", [(role.value, role.name.title()) for role in roles_to_give(by)])


class NameForm(Dressed, forms.Form):
    """What others see instead of the address."""

    name = forms.CharField(
        label="Name", required=False, max_length=LONGEST_NAME, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )


def _choices(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


def _judge_password(form: forms.Form, cleaned: dict[str, Any]) -> dict[str, Any]:
    if cleaned.get("password") and cleaned.get("email"):
        try:
            validate_password(cleaned["password"], User(email=cleaned["email"]))
        except forms.ValidationError as error:
            form.add_error("password", error)
    return cleaned
