"""How many requests may be in flight on one provider account, shared by all workers. Part of the directory.

Keyed by a hash of the account's SID: Twilio's limit is the account's, whichever organizations use it.
"""

from django.db import models


class AccountAllowance(models.Model):
    """The measured limit of an account; `core/allowance.py` says how it moves. Package limits have rows of their own."""

    account_key = models.TextField()
    package = models.TextField(default="", blank=True)  # "" for the account as a whole
    state = models.JSONField(default=dict)  # core.allowance's record
    generation = models.BigIntegerField(default=0)
    foreign_in_flight = models.IntegerField(default=0)  # requests on the account that are not ours
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "account_allowance"
        constraints = [models.UniqueConstraint(fields=["account_key", "package"], name="account_allowance_key")]


class AllowanceShare(models.Model):
    """A worker's part of an account's allowance; it ends ten seconds after `seen_at` by the database's clock."""

    account_key = models.TextField()
    worker_id = models.UUIDField()
    report = models.JSONField(default=dict)
    share = models.IntegerField(default=0)
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "allowance_share"
        constraints = [models.UniqueConstraint(fields=["account_key", "worker_id"], name="allowance_share_key")]
