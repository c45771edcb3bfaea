"""A lease keeps the version of its person, so that the law is asked again where somebody committed since."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0021_campaigns"),
    ]

    operations = [
        migrations.AddField(
            model_name="lease",
            name="version",
            field=models.BigIntegerField(
                default=0, help_text="of the person once it was leased; another asks the law again"
            ),
        ),
    ]
