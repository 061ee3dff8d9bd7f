import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

ROLES = [("owner", "Owner"), ("admin", "Admin"), ("operator", "Operator"), ("viewer", "Viewer")]

# Django's database cache, as `createcachetable` would make it. What both tables hold may be lost with a crash of the server,
# so no write of theirs waits for the disk.
CACHE = """
    create unlogged table cache_entry (
        cache_key varchar(255) primary key, value text not null, expires timestamptz not null
    );
    create index cache_entry_expires on cache_entry (expires);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("bulk_lookup", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="RequestTally",
            fields=[
                ("key", models.TextField(primary_key=True, serialize=False)),
                ("moments", django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), size=None)),
                ("stale_at", models.FloatField()),
            ],
            options={
                "db_table": "request_tally",
            },
        ),
        migrations.RunSQL(
            "alter table request_tally set unlogged, set (fillfactor = 50)", "alter table request_tally set logged"
        ),
        migrations.RunSQL(CACHE, "drop table cache_entry"),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("email", models.EmailField(blank=True, default="", max_length=254)),
                ("role", models.TextField(choices=ROLES)),
                ("token_hash", models.TextField(unique=True)),
                ("expires_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "invited_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="bulk_lookup.organization",
                    ),
                ),
            ],
            options={
                "db_table": "invitation",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("role__in", [role for role, _ in ROLES])), name="invitation_role_word"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("role", models.TextField(choices=ROLES)),
                ("last_seen_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="bulk_lookup.organization",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "membership",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("role__in", [role for role, _ in ROLES])), name="membership_role_word"
                    ),
                    models.UniqueConstraint(fields=("organization", "user"), name="membership_key"),
                ],
            },
        ),
    ]
