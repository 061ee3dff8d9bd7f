"""Why a job failed the last time. Part of the directory: an operator's page, and the library's queue keeps no error."""

from django.db import models


class JobFailure(models.Model):
    """One a job, replaced by the next; the line of an exception, with long numbers masked."""

    job_id = models.BigIntegerField(primary_key=True)
    error = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "job_failure"
