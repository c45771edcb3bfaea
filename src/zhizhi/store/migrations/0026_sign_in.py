"""Sign-in: second factors, recovery codes, devices, sessions, waits and acts, guarded in SQL."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0025_gate_kept_questions'),
    ]

    operations = [
        migrations.CreateModel(
            name='SignInWait',
            fields=[
                ('mark', models.BinaryField(primary_key=True, serialize=False)),
                ('failures', models.IntegerField(default=0)),
                ('latest_at', models.DateTimeField()),
                ('open_at', models.DateTimeField()),
                ('locked_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'sign_in_wait',
                'indexes': [models.Index(fields=['latest_at'], name='sign_in_wait_by_time')],
                'constraints': [models.CheckConstraint(condition=models.Q(('failures__gte', 0)), name='sign_in_wait_failures_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='StaffDevice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mark', models.BinaryField()),
                ('label', models.TextField()),
                ('first_seen_at', models.DateTimeField()),
                ('noticed_at', models.DateTimeField(help_text='when the member said: seen', null=True)),
                ('forgotten_at', models.DateTimeField(null=True)),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'staff_device',
            },
        ),
        migrations.CreateModel(
            name='StaffSession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mark', models.BinaryField(unique=True)),
                ('standing', models.BinaryField(help_text='digest of role, lender, agency, password and is_active at the beginning')),
                ('proof', models.TextField()),
                ('proved_at', models.DateTimeField(help_text='the newest proof by a second factor', null=True)),
                ('started_at', models.DateTimeField()),
                ('seen_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_because', models.TextField(default='')),
                ('device', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='store.staffdevice')),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'staff_session',
            },
        ),
        migrations.CreateModel(
            name='RecoveryCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mark', models.BinaryField()),
                ('made_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(null=True)),
                ('void_at', models.DateTimeField(null=True)),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'recovery_code',
                'constraints': [models.UniqueConstraint(fields=('staff', 'mark'), name='recovery_code_once')],
            },
        ),
        migrations.CreateModel(
            name='SecondFactor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.TextField()),
                ('label', models.TextField()),
                ('sealed', models.BinaryField()),
                ('mark', models.BinaryField(help_text="SHA-256 of a passkey's id: no passkey twice", null=True, unique=True)),
                ('count', models.BigIntegerField(default=0, help_text="newest time step used, or the passkey's own count")),
                ('added_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'second_factor',
                'indexes': [models.Index(condition=models.Q(('ended_at', None)), fields=['staff'], name='second_factor_standing')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['totp', 'passkey'])), name='second_factor_kind_known'), models.CheckConstraint(condition=models.Q(('count__gte', 0)), name='second_factor_count_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='SignInAct',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.TextField()),
                ('ground', models.TextField(default='')),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'sign_in_act',
                'indexes': [models.Index(fields=['staff', '-at'], name='sign_in_act_of_staff')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['factor_added', 'factor_ended', 'factors_reset', 'passkey_copied', 'codes_made', 'code_used', 'sessions_ended', 'device_forgotten', 'unlocked', 'password_changed'])), name='sign_in_act_kind_known')],
            },
        ),
        migrations.AddConstraint(
            model_name='staffdevice',
            constraint=models.UniqueConstraint(fields=('staff', 'mark'), name='staff_device_once'),
        ),
        migrations.AddIndex(
            model_name='staffsession',
            index=models.Index(condition=models.Q(('ended_at', None)), fields=['staff'], name='staff_session_standing'),
        ),
        migrations.AddConstraint(
            model_name='staffsession',
            constraint=models.CheckConstraint(condition=models.Q(('proof__in', ['totp', 'passkey', 'recovery', 'demonstration', 'password'])), name='staff_session_proof_known'),
        ),
        run_sql_file("sign_in.sql"),
    ]
