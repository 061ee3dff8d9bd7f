"""A contact: one row of an upload, always kept, with the newest answers as real columns."""

from typing import cast

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Reverse

from bulk_lookup.models.fields import one_of
from bulk_lookup.models.queries import query
from bulk_lookup.models.tenant import FatOrganizationTable

STATUSES = ["pending", "completed", "failed", "invalid", "duplicate"]


class Contacts(models.QuerySet["Contact"]):
    """Scopes over contacts, by the names of the page's tabs."""

    def of_list(self, contact_list_id: int) -> "Contacts":
        return self.filter(contact_list_id=contact_list_id)

    def pending(self) -> "Contacts":
        return self.filter(status=Contact.Status.PENDING)

    def completed(self) -> "Contacts":
        return self.filter(status=Contact.Status.COMPLETED)

    def failed(self) -> "Contacts":
        return self.filter(status=Contact.Status.FAILED)

    def invalid(self) -> "Contacts":
        return self.filter(status=Contact.Status.INVALID)

    def duplicate(self) -> "Contacts":
        return self.filter(status=Contact.Status.DUPLICATE)

    def processing(self) -> "Contacts":
        """Those of a run's own list whose number is being asked for now: derived from the claims, never stored."""
        where = "(contact.organization_id, contact.contact_list_id, contact.formatted_phone_number) in (select "
        where += f"organization_id, contact_list_id, formatted_phone_number from ({query('asked_now')}) as now)"
        pending = self.filter(status=Contact.Status.PENDING)
        return cast("Contacts", pending.extra(where=[where]))  # noqa: S610 (a text of ours)


class Contact(FatOrganizationTable):
    """Rejected offline → `invalid`, never asked; Twilio's `valid: false` → `completed` with `valid` false.

    `processing` is derived. The answer columns are a copy for filtering; lookups are the truth.
    """

    class Status(models.TextChoices):
        PENDING = "pending"
        COMPLETED = "completed"
        FAILED = "failed"
        INVALID = "invalid"
        DUPLICATE = "duplicate"

    contact_list_id = models.BigIntegerField()
    import_id = models.BigIntegerField()
    row_number = models.BigIntegerField()  # within the list; a spreadsheet's own count, the header being row 1
    raw_phone_number = models.TextField()
    cells = models.JSONField(default=list)  # the row's cells, in file order
    formatted_phone_number = models.TextField(null=True, db_collation="C")  # E.164
    # Its last digits are the beginning of this one: what a search can find by an index (a pattern cannot, under the policy).
    number_reversed = models.GeneratedField(
        expression=Reverse("formatted_phone_number"), output_field=models.TextField(db_collation="C"), db_persist=True
    )
    country_code = models.TextField(default="", blank=True)
    kind = models.TextField(default="", blank=True)  # the offline kind of number, a guess by its range
    repairs = ArrayField(models.TextField(), default=list)
    other_phone_numbers = ArrayField(models.TextField(), default=list)
    duplicate_of = models.BigIntegerField(null=True)  # row number of the first contact with this number in the list
    last_verified_date = models.DateField(null=True)  # input of reassigned_number
    # The beginnings, in lower case, of up to three original columns that were chosen at import to be searched.
    search_1 = models.TextField(null=True, db_collation="C")
    search_2 = models.TextField(null=True, db_collation="C")
    search_3 = models.TextField(null=True, db_collation="C")
    status = models.TextField(choices=Status.choices, default=Status.PENDING)

    valid = models.BooleanField(null=True)  # the provider's word; null before it was asked
    validation_error = models.TextField(default="", blank=True)  # reason word of the reject, or the provider's word
    line_type = models.TextField(default="", blank=True)
    carrier_name = models.TextField(default="", blank=True)
    mobile_country_code = models.TextField(default="", blank=True)
    mobile_network_code = models.TextField(default="", blank=True)
    caller_name = models.TextField(default="", blank=True)
    caller_type = models.TextField(default="", blank=True)
    line_status = models.TextField(default="", blank=True)
    is_number_reassigned = models.TextField(default="", blank=True)
    answers = models.JSONField(default=dict)  # what other packages said, by package
    answered_at = models.JSONField(default=dict)  # package → ISO time of its answer: the age of each
    simulated = models.BooleanField(default=False)  # the newest answers are a simulator's

    reason = models.TextField(default="", blank=True)  # our word for the failure
    error_code = models.IntegerField(null=True)  # the provider's
    api_cost_micros = models.BigIntegerField(default=0)  # billed and unknown of the newest run, on a number's first row
    api_response_time_ms = models.IntegerField(null=True)
    lookup_performed_at = models.DateTimeField(null=True)
    run_id = models.BigIntegerField(null=True)  # the run that wrote the answer columns
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = Contacts.as_manager()

    class Meta:
        db_table = "contact"
        constraints = [
            one_of("contact", "status", STATUSES),
            # Whatever completes a contact sets its time, and so its age.
            models.CheckConstraint(
                condition=~models.Q(status="completed") | models.Q(lookup_performed_at__isnull=False),
                name="contact_completed_at",
            ),
            # What each index costs is microseconds of the server's processor per lookup stored (46 in all) and per row
            # imported (11.5 in all), by `python -m bench.index_costs`, 30,000 rows.
            # Also serves the export in row order and the rows of a list around a number. Costs 2.1 per lookup, 0.9 per row.
            models.UniqueConstraint(fields=["organization", "contact_list_id", "row_number"], name="contact_row"),
        ]
        indexes = [
            # An answer fans out to every row with its number; duplicates are found at import; search by prefix.
            # Costs 2.5 per lookup, 0.7 per row.
            models.Index(
                fields=["organization", "formatted_phone_number", "contact_list_id"],
                name="contact_number",
                condition=models.Q(formatted_phone_number__isnull=False),
            ),
            # The pending tab, oldest first. Costs nothing per lookup (an answered row leaves it), 0.6 per row.
            models.Index(
                fields=["organization", "created_at"], name="contact_pending", condition=models.Q(status="pending")
            ),
            # The failed tab, newest failure first. Costs nothing per lookup that succeeds, 0.2 per row.
            models.Index(
                fields=["organization", "updated_at"], name="contact_failed", condition=models.Q(status="failed")
            ),
            # Any status by the time of its lookup: completed today, recent failures. Costs 1.4 per lookup, 0.9 per row.
            models.Index(fields=["organization", "status", "lookup_performed_at"], name="contact_looked_up"),
            # The contacts page without a list, newest first, page by page.
            models.Index(fields=["organization", "created_at", "id"], name="contact_created"),
            # The same by the time of the lookup: only what was looked up has one.
            models.Index(
                fields=["organization", "lookup_performed_at", "id"],
                name="contact_performed",
                condition=models.Q(lookup_performed_at__isnull=False),
            ),
            # Those of some carriers; a carrier that is rare would otherwise be looked for to the end.
            models.Index(
                fields=["organization", "carrier_name"], name="contact_carrier", condition=~models.Q(carrier_name="")
            ),
            # Search by the last digits, and by the beginning of an original column.
            models.Index(
                fields=["organization", "number_reversed"],
                name="contact_last_digits",
                condition=models.Q(number_reversed__isnull=False),
            ),
            *(
                models.Index(
                    fields=["organization", f"search_{place}"],
                    name=f"contact_search_{place}",
                    condition=models.Q(**{f"search_{place}__isnull": False}),
                )
                for place in (1, 2, 3)
            ),
        ]
