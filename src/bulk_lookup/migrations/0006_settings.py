"""What the settings keep: when an account was halted, tested and given its secret, and how old an answer may be."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bulk_lookup", "0005_contact_search")]

    operations = [
        *(
            migrations.AddField(model_name="provideraccount", name=name, field=models.DateTimeField(null=True))
            for name in ("halted_at", "checked_at", "secret_set_at")
        ),
        migrations.AddField(model_name="organization", name="reuse_days", field=models.IntegerField(null=True)),
    ]
