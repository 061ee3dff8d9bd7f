"""A named list of contacts."""

from django.db import models

from bulk_lookup.models.tenant import OrganizationTable


class ContactLists(models.QuerySet["ContactList"]):
    """Named queries over lists."""

    def present(self) -> "ContactLists":
        """Those that nobody has deleted."""
        return self.filter(deleted_at=None)


class ContactList(OrganizationTable):
    """Filled by one import or more; row numbers run through the whole list.

    A deleted list loses its contacts and keeps its row, for the runs and the money that belong to it.
    """

    name = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True)

    objects = ContactLists.as_manager()

    class Meta:
        db_table = "contact_list"
        constraints = [models.UniqueConstraint(fields=["organization", "id"], name="contact_list_key")]
        indexes = [
            # The newest lists first (the lists page, `bulk-lookup runs`).
            models.Index(fields=["organization", "created_at"], name="contact_list_newest"),
        ]

    def __str__(self) -> str:
        return self.name
