"""Another system that asks about a person has a ground of its own."""

from django.db import migrations, models

GROUNDS = ["work", "lead", "matter", "oversee", "quality", "audit", "rule", "system"]


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0035_person_views"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="personview", name="person_view_ground_known"),
        migrations.AddConstraint(
            model_name="personview",
            constraint=models.CheckConstraint(condition=models.Q(ground__in=GROUNDS), name="person_view_ground_known"),
        ),
    ]
