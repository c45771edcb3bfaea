"""Calling campaigns."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0071_creditors'),
    ]

    operations = [
        migrations.CreateModel(
            name='CallingCampaign',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.TextField()),
                ('script', models.TextField(help_text='code of the wording')),
                ('purpose', models.TextField()),
                ('from_on', models.DateField()),
                ('until_on', models.DateField(help_text='the last day')),
                ('opens_minute', models.IntegerField(help_text='of each day, after midnight in Beijing')),
                ('closes_minute', models.IntegerField()),
                ('state', models.TextField(default='draft')),
                ('ratio', models.IntegerField(default=100, help_text='lines a free seat, in hundredths')),
                ('stepped_at', models.DateTimeField(help_text='when the ratio last moved', null=True)),
                ('created_at', models.DateTimeField()),
                ('lender', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='store.lender')),
            ],
            options={
                'db_table': 'calling_campaign',
            },
        ),
        migrations.CreateModel(
            name='CallingLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='store.callingcampaign')),
                ('number', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.outboundnumber')),
            ],
            options={
                'db_table': 'calling_line',
            },
        ),
        migrations.CreateModel(
            name='CallingSeat',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='seats', to='store.callingcampaign')),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'calling_seat',
            },
        ),
        migrations.CreateModel(
            name='CallingStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.TextField()),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='store.callingcampaign')),
            ],
            options={
                'db_table': 'calling_step',
            },
        ),
        migrations.CreateModel(
            name='CallingTarget',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('id', models.BigIntegerField()),
                ('case_number', models.TextField()),
                ('state', models.TextField(default='waiting')),
                ('next_at', models.DateTimeField(help_text='not before; null: now', null=True)),
                ('why', models.TextField(default='', help_text='a rule of the law, or a code')),
                ('lease_id', models.BigIntegerField(null=True)),
                ('at', models.DateTimeField()),
                ('campaign', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.callingcampaign')),
            ],
            options={
                'db_table': 'calling_target',
            },
        ),
        migrations.AddConstraint(
            model_name='callingcampaign',
            constraint=models.UniqueConstraint(fields=('lender', 'name'), name='calling_campaign_once'),
        ),
        migrations.AddConstraint(
            model_name='callingcampaign',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'running', 'paused', 'ended'])), name='calling_campaign_state_known'),
        ),
        migrations.AddConstraint(
            model_name='callingcampaign',
            constraint=models.CheckConstraint(condition=models.Q(('closes_minute__lte', 1440), ('opens_minute__gte', 0), ('from_on__lte', models.F('until_on')), ('opens_minute__lt', models.F('closes_minute'))), name='calling_campaign_has_a_time'),
        ),
        migrations.AddConstraint(
            model_name='callingcampaign',
            constraint=models.CheckConstraint(condition=models.Q(('ratio__gte', 100), ('ratio__lte', 300)), name='calling_campaign_ratio'),
        ),
        migrations.AddConstraint(
            model_name='callingline',
            constraint=models.UniqueConstraint(fields=('campaign', 'number'), name='calling_line_once'),
        ),
        migrations.AddConstraint(
            model_name='callingseat',
            constraint=models.UniqueConstraint(fields=('campaign', 'staff'), name='calling_seat_once'),
        ),
        migrations.AddConstraint(
            model_name='callingstep',
            constraint=models.CheckConstraint(condition=models.Q(('what__in', ['created', 'started', 'paused', 'resumed', 'ended'])), name='calling_step_what_known'),
        ),
        migrations.AddIndex(
            model_name='callingtarget',
            index=models.Index(fields=['campaign', 'state', 'next_at'], name='calling_target_by_state'),
        ),
        migrations.AddIndex(
            model_name='callingtarget',
            index=models.Index(condition=models.Q(('state__in', ('talking', 'answered', 'abandoned'))), fields=['campaign', 'at'], name='calling_target_answered'),
        ),
        migrations.AddConstraint(
            model_name='callingtarget',
            constraint=models.UniqueConstraint(fields=('campaign', 'person_id'), name='calling_target_once'),
        ),
        migrations.AddConstraint(
            model_name='callingtarget',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'reserved', 'leased', 'talking', 'answered', 'abandoned', 'unanswered', 'withheld', 'unknown'])), name='calling_target_state_known'),
        ),
        run_sql_file("calling.sql"),
    ]
