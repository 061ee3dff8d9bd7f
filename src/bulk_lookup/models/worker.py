"""A worker process that is alive, or was. Part of the directory: it serves every organization."""

from django.db import models


class Worker(models.Model):
    """Seen every 5 s; dead after 20 s without a sign, and then its claims are released."""

    id = models.UUIDField(primary_key=True)
    kind = models.TextField()  # lookups, files, quick
    host = models.TextField()
    pid = models.IntegerField()
    started_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "worker"
