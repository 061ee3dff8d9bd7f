"""The facet rollup: kept counts of contacts, behind scopes, filters and charts."""

from django.db import models

from bulk_lookup.models.tenant import OrganizationTable


class FacetCount(OrganizationTable):
    """How many contacts of a list share these words; changed by the statements that change contacts, in key order."""

    contact_list_id = models.BigIntegerField()
    simulated = models.BooleanField()
    status = models.TextField()
    country_code = models.TextField()
    line_type = models.TextField()
    carrier_name = models.TextField()
    reason = models.TextField()  # of the reject or of the failure
    contacts = models.BigIntegerField()

    class Meta:
        db_table = "facet_count"
        constraints = [
            # Sums by list and status; the carrier search.
            models.UniqueConstraint(
                fields=[
                    "organization",
                    "contact_list_id",
                    "simulated",
                    "status",
                    "country_code",
                    "line_type",
                    "carrier_name",
                    "reason",
                ],
                name="facet_count_key",
            ),
        ]
