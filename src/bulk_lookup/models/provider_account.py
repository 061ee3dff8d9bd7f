"""An account at a provider: credentials, where to ask, ceilings, and whether it is in order."""

from django.db import models

from bulk_lookup.models.fields import one_of
from bulk_lookup.models.tenant import OrganizationTable


class ProviderAccount(OrganizationTable):
    """Credentials are encrypted at rest (`lib/encryption.py`), never shown again and masked in `repr`."""

    class State(models.TextChoices):
        OK = "ok"
        HALTED = "halted"

    name = models.TextField()
    provider = models.TextField(default="twilio")
    account_sid = models.TextField()
    key_sid = models.TextField(default="", blank=True)  # SK… where an API key is used, "" with an auth token
    secret = models.BinaryField()  # encrypted
    region = models.TextField(default="", blank=True)
    edge = models.TextField(default="", blank=True)
    base_url = models.TextField(default="", blank=True)  # part of its identity; "" for Twilio and for the simulator
    ask_at = models.TextField(default="", blank=True)  # where requests go now, "" for Twilio's own hosts
    # Hash of the SID: the key of the allowance, which two organizations with one Twilio account share.
    account_key = models.TextField()
    simulated = models.BooleanField(default=False)  # fixed at the account's check; an answer that differs halts it
    ceiling = models.IntegerField(default=100)  # requests in flight
    requests_per_second = models.IntegerField(default=0)  # 0: no ceiling
    state = models.TextField(choices=State.choices, default=State.OK)
    reason = models.TextField(default="", blank=True)  # reason word of a halt
    halted_at = models.DateTimeField(null=True)  # of the present halt, or the last one
    checked_at = models.DateTimeField(null=True)  # when the provider last accepted the credentials in a test
    secret_set_at = models.DateTimeField(null=True)  # when a person last put credentials in
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "provider_account"
        constraints = [
            one_of("provider_account", "state", ["ok", "halted"]),
            models.UniqueConstraint(fields=["organization", "id"], name="provider_account_key"),
            models.UniqueConstraint(
                fields=["organization", "provider", "account_sid", "key_sid", "base_url", "simulated"],
                name="provider_account_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"<ProviderAccount {self.pk} {self.provider} {self.account_sid[:6]}…>"
