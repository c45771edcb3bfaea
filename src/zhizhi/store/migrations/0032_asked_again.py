"""A delivery says at which version of its person the law last permitted it."""

from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0031_approvals'),
    ]

    operations = [
        migrations.AddField(
            model_name='delivery',
            name='stands_at',
            field=models.BigIntegerField(help_text='version of the person at which the law last permitted it', null=True),
        ),
        run_sql_file("asked_again.sql"),
    ]
