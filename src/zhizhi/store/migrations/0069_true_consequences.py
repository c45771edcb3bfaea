"""What is true of debts, and what wordings claim of it."""

from typing import Any

from django.db import migrations, models

from zhizhi.core.consequence.claims import claims_in
from zhizhi.store.sql_files import run_sql_file


def _claims_of_versions(apps: Any, schema: Any) -> None:
    """Wordings from before are read as new ones are."""
    versions = apps.get_model("store", "TemplateVersion").objects.using(schema.connection.alias)
    for version_id, subject, body in versions.values_list("pk", "subject", "body"):
        claims = sorted(claims_in(f"{subject} {body}"))
        if claims:
            versions.filter(pk=version_id).update(claims=claims)


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0068_outbound_numbers'),
    ]

    operations = [
        migrations.AddField(
            model_name='templateversion',
            name='claims',
            field=models.JSONField(default=list, help_text='consequences that it claims, by its words or as declared'),
        ),
        migrations.CreateModel(
            name='DebtFact',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('id', models.BigIntegerField()),
                ('lender_id', models.BigIntegerField()),
                ('debt_id', models.BigIntegerField()),
                ('fact', models.TextField()),
                ('n', models.IntegerField(help_text='of the rows of this debt and fact')),
                ('holds', models.BooleanField()),
                ('on_day', models.DateField(help_text='from this day on')),
                ('source', models.TextField()),
                ('how', models.TextField(help_text='of a notice: how it reached the person', null=True)),
                ('evidence', models.TextField(help_text='where the proof is kept; no name and no number')),
                ('by_id', models.BigIntegerField()),
                ('at', models.DateTimeField()),
            ],
            options={
                'db_table': 'debt_fact',
                'constraints': [models.CheckConstraint(condition=models.Q(('fact__in', ['credit_reporting', 'adverse_notice', 'adverse_reported', 'interest_stopped', 'accelerated'])), name='debt_fact_fact_known'), models.CheckConstraint(condition=models.Q(('source__in', ['core_file', 'clerk', 'legal'])), name='debt_fact_source_known'), models.CheckConstraint(condition=models.Q(('how__in', ['sms', 'email', 'letter', 'call', 'portal', 'counter', 'court'])), name='debt_fact_how_known'), models.CheckConstraint(condition=models.Q(models.Q(('fact', 'adverse_notice'), ('holds', True), ('how__isnull', False)), models.Q(models.Q(('fact', 'adverse_notice'), ('holds', True), _negated=True), ('how', None)), _connector='OR'), name='debt_fact_notice_says_how'), models.UniqueConstraint(fields=('person_id', 'debt_id', 'fact', 'n'), name='debt_fact_numbered')],
            },
        ),
        migrations.RunPython(_claims_of_versions, migrations.RunPython.noop),
        run_sql_file("consequences.sql"),
    ]
