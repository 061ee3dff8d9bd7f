"""The addresses of runs."""

from django.urls import path

from bulk_lookup.web.runs import actions, views

urlpatterns = [
    path("", views.runs, name="runs"),
    path("/<int:run_id>", views.run, name="run"),
    path("/<int:run_id>/receipt", views.receipt, name="run_receipt"),
    path("/<int:run_id>/pause", actions.pause, name="run_pause"),
    path("/<int:run_id>/resume", actions.resume, name="run_resume"),
    path("/<int:run_id>/cancellation", actions.cancellation, name="run_cancellation"),
    path("/<int:run_id>/retry", actions.retry, name="run_retry"),
    path("/<int:run_id>/cap", actions.cap, name="run_cap"),
]
