"""What is typed in about prices, reuse and the budget."""

from datetime import date
from typing import Any

from django import forms

from bulk_lookup.core.country_names import names_of_countries
from bulk_lookup.core.data_package import CATALOGUE, buyable_packages
from bulk_lookup.core.pricing import BadAmount, to_micros
from bulk_lookup.web.people.fields import Dressed

LONGEST_REUSE = 3_650
"""Days: ten years."""

_MONEY = {"inputmode": "decimal", "autocomplete": "off"}


class PriceForm(Dressed, forms.Form):
    """What one answer of a package costs, from a date on."""

    package = forms.ChoiceField(label="Package")
    country = forms.ChoiceField(label="Country", required=False)
    amount = forms.CharField(
        label="Price of one answer", max_length=20, help_text="Such as 0.0085.", widget=forms.TextInput(attrs=_MONEY)
    )
    currency = forms.CharField(label="Currency", max_length=3, help_text="What the provider bills you in.")
    since = forms.DateField(label="From", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, initial={"currency": "USD", "since": today} | kwargs.pop("initial", {}), **kwargs)
        packages = [(name, CATALOGUE[name].title) for name in buyable_packages() if not CATALOGUE[name].is_free]
        names = sorted(((two, spellings[0]) for two, _, spellings in names_of_countries()), key=lambda one: one[1])
        for name, choices in (("package", packages), ("country", [("", "All other countries"), *names])):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices

    def clean_amount(self) -> int:
        """Micro-units."""
        return _micros(self.cleaned_data["amount"])

    def clean_currency(self) -> str:
        """Three letters."""
        currency = str(self.cleaned_data["currency"]).upper()
        if not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
            raise forms.ValidationError("A currency has three letters, such as USD or EUR.")
        return currency


class ReuseForm(Dressed, forms.Form):
    """How old an answer may be and still save a purchase."""

    days = forms.IntegerField(
        label="Reuse answers not older than",
        required=False,
        min_value=0,
        max_value=LONGEST_REUSE,
        help_text="Days. Left empty, each package has its own age. 0 reuses nothing.",
    )


class BudgetForm(Dressed, forms.Form):
    """How much a month may cost."""

    budget = forms.CharField(
        label="Monthly budget",
        required=False,
        max_length=20,
        help_text="Left empty, there is none.",
        widget=forms.TextInput(attrs=_MONEY),
    )

    def clean_budget(self) -> int | None:
        """Micro-units, None for no budget."""
        text = str(self.cleaned_data["budget"]).strip()
        if not text:
            return None
        micros = _micros(text)
        if not micros:
            raise forms.ValidationError("A budget is more than nothing. Leave it empty for none.")
        return micros


def _micros(text: str) -> int:
    try:
        micros = to_micros(text.replace(",", "") if "." in text else text)
    except BadAmount as problem:
        raise forms.ValidationError(str(problem)) from None
    if micros < 0:
        raise forms.ValidationError("An amount cannot be negative.")
    return micros
