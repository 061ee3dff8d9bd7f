"""How a field of any form looks: the design system's classes on whichever widget it has."""

from typing import Any

from django import forms

LONGEST_NAME = 120


class Dressed(forms.BaseForm):
    """Mixed into a form before the form itself. A label says what a field is, so there are no placeholders."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
            field.widget.attrs["class"] = _class(field.widget)


def email_field() -> forms.EmailField:
    """An address to sign in with."""
    return forms.EmailField(label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "username"}))


def new_password_field() -> forms.CharField:
    """A password to be chosen."""
    return forms.CharField(
        label="Password",
        strip=False,
        help_text="At least 10 characters.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


def _class(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxInput):
        return "checkbox"
    return "select" if isinstance(widget, forms.Select) else "input"
