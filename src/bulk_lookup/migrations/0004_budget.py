"""An organization's monthly budget."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bulk_lookup", "0003_uploads")]

    operations = [
        migrations.AddField(
            model_name="organization", name="monthly_budget_micros", field=models.BigIntegerField(null=True)
        ),
    ]
