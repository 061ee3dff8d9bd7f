"""An organization: a tenant. Part of the directory, so without row-level security (see `models/directory.py`)."""

from django.db import models


class Organization(models.Model):
    """Everything but the directory belongs to one organization."""

    name = models.TextField()
    country_code = models.TextField(default="", blank=True)  # ISO 3166, the default region of its imports; "" unknown
    time_zone = models.TextField(default="UTC")
    monthly_budget_micros = models.BigIntegerField(null=True)  # of a month in its time zone; null: none
    reuse_days = models.IntegerField(
        null=True
    )  # what a run begins with: null is each package's own age, 0 reuses nothing
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "organization"

    def __str__(self) -> str:
        return self.name
