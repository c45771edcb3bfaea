"""The database holds caps itself: limits that activation writes, slots of a day, a recount at commit, closer guards."""

from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0014_reconciliation'),
    ]

    operations = [
        migrations.CreateModel(
            name='CapActivation',
            fields=[
                ('profile', models.TextField(primary_key=True, serialize=False)),
                ('packs', models.JSONField(help_text='id and digest of every pack')),
                ('activated_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'cap_activation',
            },
        ),
        migrations.CreateModel(
            name='CapLimit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('profile', models.TextField()),
                ('reading', models.TextField()),
                ('rule', models.TextField()),
                ('from_on', models.DateField()),
                ('until_on', models.DateField(null=True)),
                ('names', models.JSONField(help_text='under which a review releases the rule')),
                ('channels', models.JSONField()),
                ('forms', models.JSONField(null=True)),
                ('purposes', models.JSONField(null=True)),
                ('roles', models.JSONField(null=True)),
                ('lifting_purposes', models.JSONField()),
                ('callback_lifts', models.BooleanField()),
                ('spares_reminders', models.BooleanField()),
                ('counts', models.TextField(help_text='the kind of count')),
                ('min_seconds', models.IntegerField()),
                ('most', models.IntegerField(help_text='the limit of the law; null: only what was agreed', null=True)),
                ('agreed', models.TextField(null=True)),
                ('higher_counts', models.BooleanField()),
                ('days', models.IntegerField()),
                ('minutes', models.IntegerField(null=True)),
                ('per', models.JSONField()),
                ('to_one_point', models.BooleanField()),
                ('by_one_collector', models.BooleanField()),
                ('consent_days', models.IntegerField()),
                ('zone', models.TextField(help_text="null: the person's own", null=True)),
            ],
            options={
                'db_table': 'cap_limit',
                'constraints': [models.UniqueConstraint(fields=('profile', 'reading', 'rule', 'from_on'), name='cap_limit_once_a_day')],
            },
        ),
        migrations.CreateModel(
            name='PermitSlot',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'rule', 'key', 'on_day', 'number', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('permit_id', models.BigIntegerField()),
                ('rule', models.TextField()),
                ('key', models.TextField(help_text='what the cap counts by: party, number, debt, collector')),
                ('on_day', models.DateField()),
                ('number', models.IntegerField()),
                ('bound', models.IntegerField(null=True)),
            ],
            options={
                'db_table': 'permit_slot',
                'constraints': [models.CheckConstraint(condition=models.Q(('number__gte', 1), models.Q(('bound__isnull', True), ('number__lte', models.F('bound')), _connector='OR')), name='permit_slot_within_its_bound')],
            },
        ),
        run_sql_file("gate_caps.sql"),
        run_sql_file("gate_bindings.sql"),
    ]
