"""What contacts are found and ordered by: their last digits, three original columns, when they came and were looked up."""

import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bulk_lookup", "0004_budget")]

    operations = [
        migrations.AddField(
            model_name="contact",
            name="number_reversed",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.db.models.functions.text.Reverse("formatted_phone_number"),
                output_field=models.TextField(db_collation="C"),
            ),
        ),
        *(
            migrations.AddField(
                model_name="contact",
                name=f"search_{place}",
                field=models.TextField(db_collation="C", null=True),
            )
            for place in (1, 2, 3)
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["organization", "created_at", "id"], name="contact_created"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                fields=["organization", "lookup_performed_at", "id"],
                name="contact_performed",
                condition=models.Q(("lookup_performed_at__isnull", False)),
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                fields=["organization", "carrier_name"],
                name="contact_carrier",
                condition=models.Q(("carrier_name", ""), _negated=True),
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                fields=["organization", "number_reversed"],
                name="contact_last_digits",
                condition=models.Q(("number_reversed__isnull", False)),
            ),
        ),
        *(
            migrations.AddIndex(
                model_name="contact",
                index=models.Index(
                    fields=["organization", f"search_{place}"],
                    name=f"contact_search_{place}",
                    condition=models.Q((f"search_{place}__isnull", False)),
                ),
            )
            for place in (1, 2, 3)
        ),
    ]
