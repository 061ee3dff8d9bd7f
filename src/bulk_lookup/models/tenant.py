"""The base of every table that belongs to an organization."""

from django.db import models

from bulk_lookup.models.organization import Organization


class OrganizationTable(models.Model):
    """A row of one organization: reached only inside its scope (`models/scope.py`)."""

    # No index of its own (every real index begins with organization_id) and no constraint on the fat tables: their
    # composite keys lead to a parent that has it.
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, db_index=False, related_name="+")

    class Meta:
        abstract = True


class FatOrganizationTable(models.Model):
    """The same for tables of millions of rows, where one more foreign key is a trigger for each row written."""

    organization = models.ForeignKey(
        Organization, on_delete=models.DO_NOTHING, db_index=False, db_constraint=False, related_name="+"
    )

    class Meta:
        abstract = True
