"""The Django app of the pages: templates, tags and static files."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Has no models of its own."""

    name = "bulk_lookup.web"
    label = "web"
    verbose_name = "Bulk Lookup, pages"
