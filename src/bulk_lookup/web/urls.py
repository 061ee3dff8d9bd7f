"""The addresses. Nouns in the plural; what changes something is a POST to a noun of its own."""

from django.urls import include, path

from bulk_lookup.web.analytics import views as analytics
from bulk_lookup.web.contacts import actions, views
from bulk_lookup.web.overview.views import dashboard
from bulk_lookup.web.pages import lists, styleguide

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
    path("analytics", analytics.analytics, name="analytics"),
    path("analytics/volume", analytics.volume, name="analytics_volume"),
    path("analytics/quality", analytics.quality, name="analytics_quality"),
    path("analytics/costs", analytics.costs, name="analytics_costs"),
    path("analytics/speed", analytics.speed, name="analytics_speed"),
    path("styleguide", styleguide.styleguide, name="styleguide"),
    # People
    path("", include("bulk_lookup.web.people.urls")),
]
