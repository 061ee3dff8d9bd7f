"""Addresses of the import wizard. The upload's id is in them: who signs in again comes back to the same step."""

from django.urls import path

from bulk_lookup.web.imports import columns_step, file_step, reports

urlpatterns = [
    path("new", file_step.file_step, name="imports_new"),
    path("<int:upload_id>/columns", columns_step.columns_step, name="imports_columns"),
    path("<int:upload_id>/sheet", columns_step.sheet, name="imports_sheet"),
    path("<int:import_id>", reports.report, name="import"),
    path("<int:import_id>/repairs", reports.repairs, name="import_repairs"),
    path("<int:import_id>/cancellation", reports.cancellation, name="import_cancellation"),
    path("<int:import_id>/second-reading", reports.second_reading, name="import_second_reading"),
    path("<int:import_id>/rejects.csv", reports.rejects_file, name="import_rejects"),
]
