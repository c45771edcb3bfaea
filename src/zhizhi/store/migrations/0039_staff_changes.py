"""Two persons let staff in and one turns out; invitations, and identities at a provider."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0038_no_address_book'),
    ]

    operations = [
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mark', models.BinaryField()),
                ('made_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(null=True)),
                ('void_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'invitation',
            },
        ),
        migrations.CreateModel(
            name='ProviderLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('issuer', models.TextField()),
                ('subject_mark', models.BinaryField()),
                ('linked_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'provider_link',
            },
        ),
        migrations.CreateModel(
            name='ProviderSession',
            fields=[
                ('session', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='store.staffsession')),
                ('subject_mark', models.BinaryField()),
                ('sid_mark', models.BinaryField(null=True)),
            ],
            options={
                'db_table': 'provider_session',
            },
        ),
        migrations.CreateModel(
            name='StaffChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.TextField()),
                ('role', models.TextField()),
                ('team', models.TextField(default='')),
                ('ground', models.TextField()),
                ('asked_at', models.DateTimeField()),
                ('state', models.TextField(default='asked')),
                ('ruled_at', models.DateTimeField(null=True)),
                ('ruled_ground', models.TextField(default='')),
            ],
            options={
                'db_table': 'staff_change',
            },
        ),
        migrations.RemoveConstraint(
            model_name='signinact',
            name='sign_in_act_kind_known',
        ),
        migrations.RemoveConstraint(
            model_name='staffsession',
            name='staff_session_proof_known',
        ),
        migrations.AddField(
            model_name='staff',
            name='is_admitted',
            field=models.BooleanField(default=False, help_text='two persons said that this one may sign in, and as what; files change it no more'),
        ),
        migrations.AddConstraint(
            model_name='signinact',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['factor_added', 'factor_ended', 'factors_reset', 'passkey_copied', 'codes_made', 'code_used', 'sessions_ended', 'device_forgotten', 'unlocked', 'password_changed', 'invited', 'invitation_used', 'provider_linked', 'broke_glass', 'left'])), name='sign_in_act_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='staffsession',
            constraint=models.CheckConstraint(condition=models.Q(('proof__in', ['totp', 'passkey', 'recovery', 'demonstration', 'password', 'provider'])), name='staff_session_proof_known'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='made_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='invitation',
            name='staff',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='providerlink',
            name='staff',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='providersession',
            index=models.Index(fields=['subject_mark'], name='provider_session_by_subject'),
        ),
        migrations.AddIndex(
            model_name='providersession',
            index=models.Index(fields=['sid_mark'], name='provider_session_by_sid'),
        ),
        migrations.AddField(
            model_name='staffchange',
            name='agency',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.agency'),
        ),
        migrations.AddField(
            model_name='staffchange',
            name='asked_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='staffchange',
            name='lender',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.lender'),
        ),
        migrations.AddField(
            model_name='staffchange',
            name='ruled_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='staffchange',
            name='staff',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.UniqueConstraint(condition=models.Q(('used_at', None), ('void_at', None)), fields=('staff',), name='invitation_one_open_a_member'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(('used_at', None), ('void_at', None), _connector='OR'), name='invitation_used_or_void'),
        ),
        migrations.AddConstraint(
            model_name='providerlink',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('staff', 'issuer'), name='provider_link_one_a_member'),
        ),
        migrations.AddConstraint(
            model_name='providerlink',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('subject_mark',), name='provider_link_one_a_subject'),
        ),
        migrations.AddIndex(
            model_name='staffchange',
            index=models.Index(fields=['staff', '-asked_at'], name='staff_change_of_staff'),
        ),
        migrations.AddIndex(
            model_name='staffchange',
            index=models.Index(condition=models.Q(('state', 'asked')), fields=['asked_at', 'id'], name='staff_change_waiting'),
        ),
        migrations.AddConstraint(
            model_name='staffchange',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['begin', 'join', 'admit', 'move', 'return', 'password', 'leave'])), name='staff_change_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='staffchange',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['administrator', 'head', 'compliance', 'supervisor', 'team_leader', 'quality', 'assignment', 'settlement_approver', 'settlement_clerk', 'complaint_handler', 'legal', 'collector', 'agency_manager', 'agency_collector', 'field_officer', 'auditor'])), name='staff_change_role_known'),
        ),
        migrations.AddConstraint(
            model_name='staffchange',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['asked', 'done', 'refused', 'withdrawn'])), name='staff_change_state_known'),
        ),
        migrations.AddConstraint(
            model_name='staffchange',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'asked')), fields=('staff',), name='staff_change_one_open_a_member'),
        ),
        migrations.AddConstraint(
            model_name='staffchange',
            constraint=models.CheckConstraint(condition=models.Q(('kind', 'begin'), ('asked_by__isnull', False), _connector='OR'), name='staff_change_asked_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='staffchange',
            constraint=models.CheckConstraint(condition=models.Q(('asked_by', None), models.Q(('asked_by', models.F('staff')), _negated=True), _connector='OR'), name='staff_change_not_asked_by_oneself'),
        ),
        migrations.AddConstraint(
            model_name='staffchange',
            constraint=models.CheckConstraint(condition=models.Q(('ruled_by', None), models.Q(models.Q(('ruled_by', models.F('staff')), _negated=True), models.Q(('ruled_by', models.F('asked_by')), _negated=True)), _connector='OR'), name='staff_change_ruled_by_a_third'),
        ),
        migrations.AddConstraint(
            model_name='staffchange',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ruled_at', None), ('ruled_by', None), ('state', 'asked')), models.Q(('ruled_at__isnull', False), ('ruled_by__isnull', False), ('state__in', ('done', 'refused'))), models.Q(('ruled_at__isnull', False), ('state', 'withdrawn')), models.Q(('kind__in', ('begin', 'leave')), ('ruled_at__isnull', False), ('state', 'done')), _connector='OR'), name='staff_change_ruled_by_somebody'),
        ),
        run_sql_file("staff_changes.sql"),
    ]
