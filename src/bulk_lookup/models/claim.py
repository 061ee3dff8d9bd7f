"""A claim: the part of a run that one worker is asking for now."""

from django.db import models

from bulk_lookup.models.tenant import OrganizationTable


class Claim(OrganizationTable):
    """Its id is the fencing number: results are written only where the lookup still carries it.

    Deleted when the last answer of its chunk is stored; the claims of dead workers are released by upkeep.
    """

    run_id = models.BigIntegerField()
    worker_id = models.UUIDField()
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "claim"
        indexes = [
            # The claims of a run: what is being processed, and what to release.
            models.Index(fields=["organization", "run_id", "first"], name="claim_of_run"),
        ]
