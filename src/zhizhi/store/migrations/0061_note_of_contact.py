"""Notes that speak of a contact are asked for by their time."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0060_claims_waiting'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='note',
            index=models.Index(condition=models.Q(('contact_id__isnull', False)), fields=['at'], name='note_of_contact_by_time'),
        ),
    ]
