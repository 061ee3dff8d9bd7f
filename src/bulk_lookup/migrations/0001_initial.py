import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

from bulk_lookup.models.isolation import isolate, refer, store

# Every table but the directory (organization, person, worker and the allowance), which names no organization's data.
ORGANIZATION_TABLES = [
    "provider_account",
    "price",
    "contact_list",
    "import",
    "contact",
    "run",
    "lookup",
    "claim",
    "export",
    "facet_count",
    "quarter_hour_stat",
]


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccountAllowance",
            fields=[
                ("account_key", models.TextField(primary_key=True, serialize=False)),
                ("state", models.JSONField(default=dict)),
                ("foreign_in_flight", models.IntegerField(default=0)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "db_table": "account_allowance",
            },
        ),
        migrations.CreateModel(
            name="Organization",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.TextField()),
                ("country_code", models.TextField(blank=True, default="")),
                ("time_zone", models.TextField(default="UTC")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "db_table": "organization",
            },
        ),
        migrations.CreateModel(
            name="Worker",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("kind", models.TextField()),
                ("host", models.TextField()),
                ("pid", models.IntegerField()),
                ("started_at", models.DateTimeField(auto_now_add=True)),
                ("seen_at", models.DateTimeField()),
            ],
            options={
                "db_table": "worker",
            },
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                ("email", models.EmailField(max_length=254, unique=True)),
                ("name", models.TextField(blank=True, default="")),
                ("is_active", models.BooleanField(default=True)),
                ("is_staff", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each "
                        "of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "db_table": "person",
            },
        ),
        migrations.CreateModel(
            name="AllowanceShare",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account_key", models.TextField()),
                ("worker_id", models.UUIDField()),
                ("state", models.JSONField(default=dict)),
                ("slowed_by", models.TextField(default="")),
                ("seen_at", models.DateTimeField()),
            ],
            options={
                "db_table": "allowance_share",
                "constraints": [
                    models.UniqueConstraint(fields=("account_key", "worker_id"), name="allowance_share_key")
                ],
            },
        ),
        migrations.CreateModel(
            name="Lookup",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "organization_id",
                        "run_id",
                        "position",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("run_id", models.BigIntegerField()),
                ("position", models.BigIntegerField()),
                ("formatted_phone_number", models.TextField(db_collation="C")),
                ("country_code", models.TextField(blank=True, default="")),
                ("last_verified_date", models.DateField(null=True)),
                ("simulated", models.BooleanField()),
                (
                    "due",
                    django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None),
                ),
                ("price_micros", models.BigIntegerField(default=0)),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("pending", "Pending"),
                            ("asking", "Asking"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("skipped", "Skipped"),
                            ("reused", "Reused"),
                        ],
                        default="pending",
                    ),
                ),
                ("attempts", models.SmallIntegerField(default=0)),
                ("tries", models.JSONField(default=dict)),
                ("claim_id", models.BigIntegerField(null=True)),
                ("reserved_micros", models.BigIntegerField(default=0)),
                ("ask_at", models.DateTimeField(null=True)),
                ("asked_at", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("packages", models.JSONField(default=dict)),
                ("earlier_attempts", models.JSONField(default=list)),
                ("billed_micros", models.BigIntegerField(default=0)),
                ("unknown_micros", models.BigIntegerField(default=0)),
                ("valid", models.BooleanField(null=True)),
                (
                    "validation_errors",
                    django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None),
                ),
                ("reason", models.TextField(blank=True, default="")),
                ("error_code", models.IntegerField(null=True)),
                ("response_time_ms", models.IntegerField(null=True)),
                ("request_id", models.TextField(blank=True, default="")),
                (
                    "organization",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="bulk_lookup.organization",
                    ),
                ),
            ],
            options={
                "db_table": "lookup",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["pending", "asking", "done", "failed", "skipped", "reused"])),
                        name="lookup_state_word",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "formatted_phone_number", "run_id"), name="lookup_of_number"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Import",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("contact_list_id", models.BigIntegerField()),
                ("file_name", models.TextField()),
                ("path", models.TextField()),
                ("mapping", models.JSONField(default=dict)),
                ("header", models.JSONField(default=list)),
                ("row_offset", models.BigIntegerField(default=0)),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("running", "Running"),
                            ("finished", "Finished"),
                            ("cancelled", "Cancelled"),
                            ("failed", "Failed"),
                        ],
                        default="waiting",
                    ),
                ),
                ("problem", models.TextField(blank=True, default="")),
                ("rows", models.BigIntegerField(default=0)),
                ("valid", models.BigIntegerField(default=0)),
                ("invalid", models.BigIntegerField(default=0)),
                ("duplicates", models.BigIntegerField(default=0)),
                ("last_row", models.BigIntegerField(default=0)),
                ("bytes_read", models.BigIntegerField(default=0)),
                ("bytes_total", models.BigIntegerField(default=0)),
                ("reasons", models.JSONField(default=dict)),
                ("row_problems", models.JSONField(default=dict)),
                ("other_region", models.TextField(blank=True, default="")),
                ("other_region_share", models.FloatField(default=0)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="bulk_lookup.organization",
                    ),
                ),
            ],
            options={
                "db_table": "import",
                "indexes": [
                    models.Index(fields=["organization", "contact_list_id", "created_at"], name="import_of_list")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "running", "finished", "cancelled", "failed"])),
                        name="import_state_word",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "rows",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("valid"), "+", models.F("invalid")
                                    ),
                                    "+",
                                    models.F("duplicates"),
                                ),
                            )
                        ),
                        name="import_adds_up",
                    ),
                    models.UniqueConstraint(fields=("organization", "contact_list_id", "id"), name="import_key"),
                ],
            },
        ),
        migrations.CreateModel(
            name="FacetCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("contact_list_id", models.BigIntegerField()),
                ("simulated", models.BooleanField()),
                ("status", models.TextField()),
                ("country_code", models.TextField()),
                ("line_type", models.TextField()),
                ("carrier_name", models.TextField()),
                ("reason", models.TextField()),
                ("contacts", models.BigIntegerField()),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="bulk_lookup.organization",
                    ),
                ),
            ],
            options={
                "db_table": "facet_count",
                "constraints": [
                    models.UniqueConstraint(
                        fields=(
                            "organization",
                            "contact_list_id",
                            "simulated",
                            "status",
                            "country_code",
                            "line_type",
                            "carrier_name",
                            "reason",
                        ),
                        name="facet_count_key",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Export",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("contact_list_id", models.BigIntegerField()),
                ("run_id", models.BigIntegerField()),
                ("path", models.TextField()),
                ("format", models.TextField()),
                ("options", models.JSONField(default=dict)),
                (
                    "state",
                    models.TextField(
                        choices=[("wanted", "Wanted"), ("ready", "Ready"), ("failed", "Failed")], default="wanted"
                    ),
                ),
                ("problem", models.TextField(blank=True, default="")),
                ("rows", models.BigIntegerField(default=0)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="bulk_lookup.organization",
                    ),
                ),
            ],
            options={
                "db_table": "export",
                "indexes": [models.Index(fields=["organization", "run_id"], name="export_of_run")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["wanted", "ready", "failed"])), name="export_state_word"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ContactList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.TextField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="bulk_lookup.organization",
                    ),
                ),
            ],
            options={
                "db_table": "contact_list",
                "indexes": [models.Index(fields=["organization", "created_at"], name="contact_list_newest")],
                "constraints": [models.UniqueConstraint(fields=("organization", "id"), name="contact_list_key")],
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("contact_list_id", models.BigIntegerField()),
                ("import_id", models.BigIntegerField()),
                ("row_number", models.BigIntegerField()),
                ("raw_phone_number", models.TextField()),
                ("cells", models.JSONField(default=list)),
                ("formatted_phone_number", models.TextField(db_collation="C", null=True)),
                ("country_code", models.TextField(blank=True, default="")),
                ("kind", models.TextField(blank=True, default="")),
                (
                    "repairs",
                    django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None),
                ),
                (
                    "other_phone_numbers",
                    django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None),
                ),
                ("duplicate_of", models.BigIntegerField(null=True)),
                ("last_verified_date", models.DateField(null=True)),
                (
                    "status",
                    models.TextField(
                        choices=[
                            ("pending", "Pending"),
                            ("completed", "Completed"),
                            ("failed", "Failed"),
                            ("invalid", "Invalid"),
                            ("duplicate", "Duplicate"),
                        ],
                        default="pending",
                    ),
                ),
                ("valid", models.BooleanField(null=True)),
                ("validation_error", models.TextField(blank=True, default="")),
                ("line_type", models.TextField(blank=True, default="")),
                ("carrier_name", models.TextField(blank=True, default="")),
                ("mobile_country_code", models.TextField(blank=True, default="")),
                ("mobile_network_code", models.TextField(blank=True, default="")),
                ("caller_name", models.TextField(blank=True, default="")),
                ("caller_type", models.TextField(blank=True, default="")),
                ("line_status", models.TextField(blank=True, default="")),
                ("is_number_reassigned", models.TextField(blank=True, default="")),
                ("answers", models.JSONField(default=dict)),
                ("answered_at", models.JSONField(default=dict)),
                ("simulated", models.BooleanField(default=False)),
                ("reason", models.TextField(blank=True, default="")),
                ("error_code", models.IntegerField(null=True)),
                ("api_cost_micros", models.BigIntegerField(default=0)),
                ("api_response_time_ms", models.IntegerField(null=True)),
                ("lookup_performed_at", models.DateTimeField(null=True)),
                ("run_id", models.BigIntegerField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "organization",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="bulk_lookup.organization",
                    ),
                ),
            ],
            options={
                "db_table": "contact",
                "indexes": [
                    models.Index(
                        condition=models.Q(("formatted_phone_number__isnull", False)),
                        fields=["organization", "formatted_phone_number", "contact_list_id"],
                        name="contact_number",
                    ),
                    models.Index(
                        condition=models.Q(("status", "pending")),
                        fields=["organization", "created_at"],
                        name="contact_pending",
                    ),
                    models.Index(
                        condition=models.Q(("status", "failed")),
                        fields=["organization", "updated_at"],
                        name="contact_failed",
                    ),
                    models.Index(fields=["organization", "status", "lookup_performed_at"], name="contact_looked_up"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["pending", "completed", "failed", "invalid", "duplicate"])),
                        name="contact_status_word",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "completed"), _negated=True),
                            ("lookup_performed_at__isnull", False),
                            _connector="OR",
                        ),
                        name="contact_completed_at",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "contact_list_id", "row_number"), name="contact_row"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Claim",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("run_id", models.BigIntegerField()),
                ("worker_id", models.UUIDField()),
                ("first", models.BigIntegerField()),
                ("last", models.BigIntegerField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="bulk_lookup.organization",
                    ),
                ),
            ],
            options={
                "db_table": "claim",
                "indexes": [models.Index(fields=["organization", "run_id", "first"], name="claim_of_run")],
            },
        ),
        migrations.CreateModel(
            name="Price",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("package", models.TextField()),
                ("country_code", models.TextField(blank=True, default="")),
                ("amount_micros", models.BigIntegerField()),
                ("currency", models.TextField(default="USD")),
                ("source", models.TextField(choices=[("list", "List"), ("yours", "Yours")], default="yours")),
                ("valid_from", models.DateField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="bulk_lookup.organization",
                    ),
                ),
            ],
            options={
                "db_table": "price",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("source__in", ["list", "yours"])), name="price_source_word"
                    ),
                    models.CheckConstraint(condition=models.Q(("amount_micros__gte", 0)), name="price_not_negative"),
                    models.UniqueConstraint(
                        fields=("organization", "package", "country_code", "valid_from"), name="price_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProviderAccount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.TextField()),
                ("provider", models.TextField(default="twilio")),
                ("account_sid", models.TextField()),
                ("key_sid", models.TextField(blank=True, default="")),
                ("secret", models.BinaryField()),
                ("region", models.TextField(blank=True, default="")),
                ("edge", models.TextField(blank=True, default="")),
                ("base_url", models.TextField(blank=True, default="")),
                ("ask_at", models.TextField(blank=True, default="")),
                ("account_key", models.TextField()),
                ("simulated", models.BooleanField(default=False)),
                ("ceiling", models.IntegerField(default=100)),
                ("requests_per_second", models.IntegerField(default=0)),
                ("state", models.TextField(choices=[("ok", "Ok"), ("halted", "Halted")], default="ok")),
                ("reason", models.TextField(blank=True, default="")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="bulk_lookup.organization",
                    ),
                ),
            ],
            options={
                "db_table": "provider_account",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["ok", "halted"])), name="provider_account_state_word"
                    ),
                    models.UniqueConstraint(fields=("organization", "id"), name="provider_account_key"),
                    models.UniqueConstraint(
                        fields=("organization", "provider", "account_sid", "key_sid", "base_url", "simulated"),
                        name="provider_account_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="QuarterHourStat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("quarter", models.DateTimeField()),
                ("simulated", models.BooleanField()),
                ("package", models.TextField()),
                ("currency", models.TextField()),
                ("asked", models.BigIntegerField(default=0)),
                ("completed", models.BigIntegerField(default=0)),
                ("failed", models.BigIntegerField(default=0)),
                ("unknown", models.BigIntegerField(default=0)),
                ("billed_micros", models.BigIntegerField(default=0)),
                ("unknown_micros", models.BigIntegerField(default=0)),
                ("latency", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="bulk_lookup.organization",
                    ),
                ),
            ],
            options={
                "db_table": "quarter_hour_stat",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "quarter", "simulated", "package", "currency"),
                        name="quarter_hour_stat_key",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Run",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("contact_list_id", models.BigIntegerField()),
                ("provider_account_id", models.BigIntegerField()),
                ("packages", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ("simulated", models.BooleanField()),
                ("reuse_days", models.IntegerField(null=True)),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("draft", "Draft"),
                            ("planning", "Planning"),
                            ("running", "Running"),
                            ("paused", "Paused"),
                            ("finished", "Finished"),
                            ("cancelled", "Cancelled"),
                            ("failed", "Failed"),
                        ],
                        default="draft",
                    ),
                ),
                ("reason", models.TextField(blank=True, default="")),
                ("detail", models.TextField(blank=True, default="")),
                ("currency", models.TextField(default="USD")),
                ("quote", models.JSONField(default=dict)),
                ("quoted_micros", models.BigIntegerField(default=0)),
                ("cap_micros", models.BigIntegerField(null=True)),
                ("dropped_packages", models.JSONField(default=dict)),
                ("numbers", models.BigIntegerField(default=0)),
                ("done", models.BigIntegerField(default=0)),
                ("failed", models.BigIntegerField(default=0)),
                ("skipped", models.BigIntegerField(default=0)),
                ("reused", models.BigIntegerField(default=0)),
                ("spent_micros", models.BigIntegerField(default=0)),
                ("unknown_micros", models.BigIntegerField(default=0)),
                ("reserved_micros", models.BigIntegerField(default=0)),
                ("saved_micros", models.BigIntegerField(default=0)),
                ("next_position", models.BigIntegerField(default=1)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="bulk_lookup.organization",
                    ),
                ),
            ],
            options={
                "db_table": "run",
                "indexes": [models.Index(fields=["organization", "created_at"], name="run_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["draft", "planning", "running", "paused", "finished", "cancelled", "failed"])
                        ),
                        name="run_state_word",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "paused"), _negated=True),
                            (
                                "reason__in",
                                [
                                    "user",
                                    "interrupted",
                                    "cap",
                                    "budget",
                                    "account_credentials",
                                    "account_suspended",
                                    "lookup_disabled",
                                    "trial_limit",
                                    "bad_request",
                                    "package_unavailable",
                                ],
                            ),
                            _connector="OR",
                        ),
                        name="run_pause_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reserved_micros__gte", 0), ("spent_micros__gte", 0), ("unknown_micros__gte", 0)
                        ),
                        name="run_money_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("cap_micros__isnull", True),
                            (
                                "cap_micros__gte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("spent_micros"), "+", models.F("reserved_micros")
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="run_within_cap",
                    ),
                    models.UniqueConstraint(fields=("organization", "id"), name="run_key"),
                ],
            },
        ),
        # What Django does not know: isolation by the database, composite keys, storage.
        refer("import", "contact_list_id", "contact_list"),
        refer("contact", "contact_list_id, import_id", "import", "contact_list_id, id"),
        refer("run", "contact_list_id", "contact_list"),
        refer("run", "provider_account_id", "provider_account"),
        refer("lookup", "run_id", "run"),
        refer("claim", "run_id", "run"),
        refer("export", "run_id", "run"),
        refer("export", "contact_list_id", "contact_list"),
        refer("facet_count", "contact_list_id", "contact_list"),
        # Django adds its own foreign keys at the very end, and a new key is checked by a query, to which the policies
        # apply: the tables are empty, so any organization will do.
        migrations.RunSQL("set local app.organization_id = '0'", migrations.RunSQL.noop),
        *(isolate(table) for table in ORGANIZATION_TABLES),
        store("lookup", fillfactor=50),
        store("contact", fillfactor=80),
        store("run", fillfactor=10),
        store("facet_count", fillfactor=50),
        store("account_allowance", fillfactor=10),
        store("allowance_share", fillfactor=10),
        store("worker", fillfactor=10),
    ]
