"""Addresses of the operator's page."""

from django.urls import path

from bulk_lookup.web.system import views

urlpatterns = [
    path("", views.system, name="system"),
    path("/jobs/<int:job_id>/retry", views.job_retry, name="system_job_retry"),
]
