"""No point of contact comes from an address book or was bought."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0037_incidents'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='point',
            constraint=models.CheckConstraint(condition=models.Q(('source__in', ['address_book', 'purchased']), _negated=True), name='point_of_no_address_book'),
        ),
    ]
