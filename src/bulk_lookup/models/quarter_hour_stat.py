"""Statistics by UTC quarter hour, from which any time zone's days are summed."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from bulk_lookup.models.tenant import OrganizationTable

# Upper bounds of the latency buckets in milliseconds; the last bucket is open.
LATENCY_BUCKETS_MS = (25, 50, 100, 200, 300, 500, 750, 1000, 2000, 5000, 10000)


class QuarterHourStat(OrganizationTable):
    """A row for each package, and one with package "" for the lookups themselves (outcomes and latency).

    Money stays here when contacts are deleted. Simulated rows are apart.
    """

    quarter = models.DateTimeField()  # the beginning of the quarter hour
    simulated = models.BooleanField()
    package = models.TextField()
    currency = models.TextField()
    asked = models.BigIntegerField(default=0)
    completed = models.BigIntegerField(default=0)
    failed = models.BigIntegerField(default=0)
    unknown = models.BigIntegerField(default=0)
    billed_micros = models.BigIntegerField(default=0)
    unknown_micros = models.BigIntegerField(default=0)
    latency = ArrayField(models.BigIntegerField())  # counts by bucket

    class Meta:
        db_table = "quarter_hour_stat"
        constraints = [
            # A span of time of one organization.
            models.UniqueConstraint(
                fields=["organization", "quarter", "simulated", "package", "currency"], name="quarter_hour_stat_key"
            ),
        ]
