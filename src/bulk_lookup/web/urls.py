"""The addresses. Nouns in the plural; what changes something is a POST to a noun of its own."""

from django.urls import include, path

from bulk_lookup.web.pages import dashboard, styleguide

urlpatterns = [
    path("", dashboard.dashboard, name="dashboard"),
    path("styleguide", styleguide.styleguide, name="styleguide"),
    # People
    path("", include("bulk_lookup.web.people.urls")),
]
