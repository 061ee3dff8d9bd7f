"""The addresses. Nouns in the plural; what changes something is a POST to a noun of its own."""

from django.urls import include, path

from bulk_lookup.web.analytics import views as analytics
from bulk_lookup.web.contacts import actions, views
from bulk_lookup.web.events import events
from bulk_lookup.web.exports import download
from bulk_lookup.web.exports import views as exports
from bulk_lookup.web.overview.views import dashboard
from bulk_lookup.web.pages import lists, styleguide
from bulk_lookup.web.quotes import views as quotes

urlpatterns = [
    path("", dashboard, name="dashboard"),
    path("contacts", views.contacts, name="contacts"),
    path("contacts/<int:contact_id>", views.contact, name="contact"),
    path("contacts/pending", actions.mark_pending, name="contacts_mark_pending"),
    path("contacts/deletion", actions.delete, name="contacts_delete"),
    path("imports/", include("bulk_lookup.web.imports.urls")),
    path("lists", lists.lists, name="lists"),
    path("lists/<int:list_id>", lists.contact_list, name="list"),
    path("lists/<int:list_id>/name", lists.name, name="list_name"),
    path("lists/<int:list_id>/deletion", lists.deletion, name="list_deletion"),
    path("exports", exports.exports, name="exports"),
    path("exports/new", exports.new, name="exports_new"),
    path("exports/<int:export_id>/file", download.export_file, name="export_file"),
    path("exports/<int:export_id>/cancellation", exports.cancellation, name="export_cancellation"),
    path("exports/<int:export_id>/deletion", exports.deletion, name="export_deletion"),
    path("runs", include("bulk_lookup.web.runs.urls")),
    path("events", events, name="events"),
    path("lists/<int:list_id>/quote", quotes.quote, name="quote"),
    path("lists/<int:list_id>/order", quotes.order, name="quote_order"),
    path("lists/<int:list_id>/quote/<int:account_id>/balance", quotes.balance, name="quote_balance"),
    path("analytics", analytics.analytics, name="analytics"),
    path("analytics/volume", analytics.volume, name="analytics_volume"),
    path("analytics/quality", analytics.quality, name="analytics_quality"),
    path("analytics/costs", analytics.costs, name="analytics_costs"),
    path("analytics/speed", analytics.speed, name="analytics_speed"),
    path("styleguide", styleguide.styleguide, name="styleguide"),
    path("settings", include("bulk_lookup.web.settings.urls")),
    path("system", include("bulk_lookup.web.system.urls")),
    # People
    path("", include("bulk_lookup.web.people.urls")),
]
