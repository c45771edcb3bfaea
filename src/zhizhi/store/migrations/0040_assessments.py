"""Impact assessments that two persons approved."""

import datetime
import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0039_staff_changes'),
    ]

    operations = [
        migrations.CreateModel(
            name='Assessment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('activity', models.TextField()),
                ('from_at', models.DateTimeField()),
                ('until_at', models.DateTimeField()),
                ('approval', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.approval')),
                ('lender', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='store.lender')),
            ],
            options={
                'db_table': 'assessment',
                'indexes': [models.Index(fields=['lender', 'activity', '-until_at'], name='assessment_standing')],
                'constraints': [models.CheckConstraint(condition=models.Q(('activity__in', ['placement', 'scoring', 'speech', 'visits'])), name='assessment_activity_known'), models.CheckConstraint(condition=models.Q(('until_at__gt', models.F('from_at')), ('until_at__lte', django.db.models.expressions.CombinedExpression(models.F('from_at'), '+', models.Value(datetime.timedelta(days=366))))), name='assessment_has_an_end')],
            },
        ),
        run_sql_file("assessments.sql"),
    ]
