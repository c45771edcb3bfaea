"""Two questions of a desk that read every open case of a large book: who rests for what, and one case of the own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Two indexes of open cases."""

    dependencies = (("store", "0074_credit_objections"),)

    operations = (
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("closed_on", None), ("stop__isnull", False)),
                fields=["lender_id", "stop"],
                name="case_open_by_stop",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("agency_id", None), ("closed_on", None)), fields=["id"], name="case_open_own"
            ),
        ),
    )
