"""What is typed in about a provider account. A secret goes in and never comes out again, not even in a refused form."""

import re
from typing import Any

from django import forms

from bulk_lookup.engine.account_credentials import Credentials
from bulk_lookup.models import ProviderAccount
from bulk_lookup.providers.base import CredentialsMissing
from bulk_lookup.providers.twilio.credentials import TwilioAddresses
from bulk_lookup.web.people.fields import LONGEST_NAME, Dressed

MOST_IN_FLIGHT = 1_000
MOST_PER_SECOND = 10_000

REGIONS = (("", "US1, United States"), ("ie1", "IE1, Ireland"), ("au1", "AU1, Australia"))

_PLAIN = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}


class _PlaceForm(Dressed, forms.Form):
    """Where the account is asked."""

    region = forms.ChoiceField(label="Region", required=False, choices=REGIONS)
    edge = forms.CharField(
        label="Edge",
        required=False,
        max_length=32,
        help_text="Only where requests are to enter Twilio's network at a certain place, such as dublin.",
        widget=forms.TextInput(attrs=_PLAIN),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        region = (self.initial or {}).get("region", "")
        field = self.fields.get("region")
        if isinstance(field, forms.ChoiceField) and region not in dict(REGIONS):
            field.choices = [*REGIONS, (region, region.upper())]

    def clean_edge(self) -> str:
        """A word that may become part of a host's name."""
        edge = str(self.cleaned_data["edge"]).strip().lower()
        try:
            TwilioAddresses.of(edge=edge)
        except CredentialsMissing:
            raise forms.ValidationError("An edge is a word like dublin, without dots or slashes.") from None
        return edge


class CredentialsForm(_PlaceForm):
    """Other credentials for an account that is known."""

    key_sid = forms.CharField(
        label="API key",
        required=False,
        max_length=40,
        help_text="SK and 32 digits. Left empty, the account signs in with its auth token.",
        widget=forms.TextInput(attrs=_PLAIN),
    )
    secret = forms.CharField(
        label="Secret or auth token",
        max_length=200,
        help_text="The secret of the key, or the auth token. Stored encrypted. Never shown again, not even to owners.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    url = forms.CharField(
        label="Address of a simulator",
        required=False,
        max_length=200,
        help_text="For trying: http://127.0.0.1:8123. Left empty, Twilio is asked.",
        widget=forms.TextInput(attrs=_PLAIN),
    )
    field_order = ("name", "account_sid", "key_sid", "secret", "region", "edge", "url")

    def __init__(self, *args: Any, may_simulate: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Whoever may name an address makes this server ask there: only the operator of the installation.
        if not may_simulate:
            del self.fields["url"]

    def clean_key_sid(self) -> str:
        """The SID of a key."""
        return _sid(self.cleaned_data["key_sid"], "SK", "an API key") if self.cleaned_data["key_sid"] else ""

    def clean_secret(self) -> str:
        """Any text of a header's characters."""
        secret = str(self.cleaned_data["secret"]).strip()
        if not secret.isascii() or not secret.isprintable():
            raise forms.ValidationError("A secret has only letters, digits and signs.")
        return secret

    def clean_url(self) -> str:
        """An address without credentials in it."""
        url = str(self.cleaned_data["url"]).strip()
        try:
            TwilioAddresses.of(base_url=url)
        except CredentialsMissing:
            raise forms.ValidationError("This is no address like http://127.0.0.1:8123.") from None
        return url

    def credentials(self, account_sid: str, *, url: str = "") -> Credentials:
        """What was typed in, for this account; `url` where the form has no field for it."""
        given = self.cleaned_data
        return Credentials(
            account_sid=account_sid,
            key_sid=given["key_sid"],
            secret=given["secret"],
            region=given["region"],
            edge=given["edge"],
            url=given.get("url", url),
        )


class AccountForm(CredentialsForm):
    """A new account."""

    name = forms.CharField(
        label="Name", required=False, max_length=LONGEST_NAME, help_text="Left empty, it is called as at Twilio."
    )
    account_sid = forms.CharField(
        label="Account SID",
        max_length=40,
        help_text="AC and 32 digits, on the first page of Twilio's console.",
        widget=forms.TextInput(attrs=_PLAIN),
    )

    def clean_account_sid(self) -> str:
        """The SID of an account."""
        return _sid(self.cleaned_data["account_sid"], "AC", "an account")


class LimitsForm(_PlaceForm):
    """What may be changed of an account without its credentials."""

    name = forms.CharField(label="Name", max_length=LONGEST_NAME)
    ceiling = forms.IntegerField(
        label="Ceiling in flight",
        min_value=1,
        max_value=MOST_IN_FLIGHT,
        help_text="Requests at once, over all workers. Less where the account allows less: that is measured.",
    )
    requests_per_second = forms.IntegerField(
        label="Requests a second", min_value=0, max_value=MOST_PER_SECOND, help_text="0 is without a limit."
    )
    field_order = ("name", "region", "edge", "ceiling", "requests_per_second")

    def __init__(self, *args: Any, account: ProviderAccount, **kwargs: Any) -> None:
        self.account = account
        kept = {name: getattr(account, name) for name in self.base_fields}
        super().__init__(*args, initial=kept, auto_id=f"account-{account.pk}-%s", **kwargs)
        if account.ask_at:  # a simulator has neither
            del self.fields["region"], self.fields["edge"]


def _sid(text: str, letters: str, what: str) -> str:
    sid = text.strip()
    if not re.fullmatch(rf"{letters}[0-9a-fA-F]{{32}}", sid):
        raise forms.ValidationError(f"This is not the SID of {what}: {letters}, then 32 digits (0–9, a–f).")
    return sid
