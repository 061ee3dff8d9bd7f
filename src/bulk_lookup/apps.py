"""The one Django app."""

from django.apps import AppConfig


class BulkLookupConfig(AppConfig):
    """Models live in `bulk_lookup.models`, one noun a file."""

    name = "bulk_lookup"
    label = "bulk_lookup"
    verbose_name = "Bulk Lookup"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks."""
        from bulk_lookup.checks import register_checks

        register_checks()
