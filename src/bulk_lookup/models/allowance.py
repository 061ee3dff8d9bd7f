"""How many requests may be in flight on one provider account, shared by all workers. Part of the directory.

Keyed by a hash of the account's SID: Twilio's limit is the account's, whichever organizations use it.
"""

from django.db import models


class AccountAllowance(models.Model):
    """The measured limits of an account; `core/renewal.py` says how they move."""

    account_key = models.TextField(primary_key=True)
    state = models.JSONField(default=dict)  # core.renewal.AccountRow
    foreign_in_flight = models.IntegerField(default=0)  # requests on the account that are not ours, as last seen
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "account_allowance"


class AllowanceShare(models.Model):
    """A worker's part of an account's allowance; it ends ten seconds after `seen_at` by the database's clock."""

    account_key = models.TextField()
    worker_id = models.UUIDField()
    state = models.JSONField(default=dict)  # core.renewal.WorkerRow
    slowed_by = models.TextField(default="")  # what keeps this worker's requests waiting
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "allowance_share"
        constraints = [models.UniqueConstraint(fields=["account_key", "worker_id"], name="allowance_share_key")]
