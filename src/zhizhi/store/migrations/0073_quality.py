"""Human quality inspection: draws and reviews."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0072_calling_campaigns'),
    ]

    operations = [
        migrations.CreateModel(
            name='QualityDraw',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.UUIDField(default=uuid.uuid4, help_text='random id that stands for it in the evidence log', unique=True)),
                ('from_on', models.DateField()),
                ('until_on', models.DateField(help_text='last day, included')),
                ('plan', models.JSONField(help_text='share, floors and blind share in thousandths')),
                ('seeds', models.JSONField(help_text='by day: size and root of the checkpoint that was signed after it')),
                ('candidates', models.IntegerField()),
                ('drawn', models.IntegerField()),
                ('digest', models.CharField(help_text='SHA-256 of the names that were drawn, in their order', max_length=64)),
                ('drawn_at', models.DateTimeField()),
                ('drawn_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lender', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='store.lender')),
            ],
            options={
                'db_table': 'quality_draw',
                'constraints': [models.UniqueConstraint(fields=('lender', 'from_on'), name='quality_draw_once_a_day'), models.CheckConstraint(condition=models.Q(('until_on__gte', models.F('from_on'))), name='quality_draw_has_days')],
            },
        ),
        migrations.CreateModel(
            name='QualityReview',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('id', models.BigIntegerField()),
                ('draw_id', models.BigIntegerField()),
                ('contact_id', models.BigIntegerField()),
                ('n', models.IntegerField()),
                ('at', models.DateTimeField(help_text='of the contact')),
                ('channel', models.TextField()),
                ('lender_id', models.BigIntegerField()),
                ('team', models.TextField(default='')),
                ('because', models.JSONField(help_text='for which strata it was drawn')),
                ('state', models.TextField(default='waiting')),
                ('is_revealed', models.BooleanField(default=False, help_text='every reviewer of this contact is done')),
                ('marks', models.JSONField(default=list, help_text='code and second of each')),
                ('score', models.IntegerField(null=True)),
                ('severity', models.TextField(null=True)),
                ('remark', models.TextField(default='')),
                ('done_at', models.DateTimeField(null=True)),
                ('appeal_until', models.DateField(help_text="last day for the collector's appeal", null=True)),
                ('appeal', models.TextField(default='')),
                ('appealed_at', models.DateTimeField(null=True)),
                ('ruled_at', models.DateTimeField(null=True)),
                ('ruling', models.TextField(default='')),
                ('consequence', models.TextField(null=True)),
                ('consequence_at', models.DateTimeField(null=True)),
                ('consequence_ground', models.TextField(default='')),
                ('agency', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.agency')),
                ('consequence_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reviewer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ruled_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('staff', models.ForeignKey(help_text='who made the contact', on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'quality_review',
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['reviewer'], name='quality_review_waiting'), models.Index(fields=['staff', '-done_at'], name='quality_review_of_staff'), models.Index(fields=['draw_id'], name='quality_review_of_draw')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'done', 'appealed', 'upheld', 'changed'])), name='quality_review_state_known'), models.CheckConstraint(condition=models.Q(('severity__in', ['clean', 'minor', 'severe', 'red_line'])), name='quality_review_severity_known'), models.CheckConstraint(condition=models.Q(('consequence__in', ['none', 'coaching', 'retraining'])), name='quality_review_consequence_known'), models.UniqueConstraint(fields=('person_id', 'contact_id', 'n'), name='quality_review_once'), models.CheckConstraint(condition=models.Q(('n__in', (1, 2))), name='quality_review_one_or_two'), models.CheckConstraint(condition=models.Q(models.Q(('done_at', None), ('is_revealed', False), ('score', None), ('severity', None), ('state', 'waiting')), models.Q(models.Q(('state', 'waiting'), _negated=True), ('done_at__isnull', False), ('score__range', (0, 100)), ('severity__isnull', False)), _connector='OR'), name='quality_review_done_with_a_verdict'), models.CheckConstraint(condition=models.Q(('reviewer', models.F('staff')), _negated=True), name='quality_review_not_of_oneself'), models.CheckConstraint(condition=models.Q(('ruled_by', None), models.Q(models.Q(('ruled_by', models.F('reviewer')), _negated=True), models.Q(('ruled_by', models.F('staff')), _negated=True)), _connector='OR'), name='quality_review_ruled_by_another'), models.CheckConstraint(condition=models.Q(models.Q(('appealed_at', None), ('ruled_at', None), ('state__in', ('waiting', 'done'))), models.Q(('appealed_at__isnull', False), ('n', 1), ('ruled_at', None), ('state', 'appealed')), models.Q(('n', 1), ('ruled_at__isnull', False), ('ruled_by__isnull', False), ('state__in', ('upheld', 'changed'))), _connector='OR'), name='quality_review_ruled_on_appeal'), models.CheckConstraint(condition=models.Q(models.Q(('consequence', None), ('consequence_by', None)), models.Q(('consequence__isnull', False), ('consequence_by__isnull', False), ('is_revealed', True), ('n', 1), models.Q(('consequence_by', models.F('staff')), _negated=True)), _connector='OR'), name='quality_review_consequence_by_somebody')],
            },
        ),
        run_sql_file("quality.sql"),
    ]
