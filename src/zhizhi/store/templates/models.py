"""What may be said: a template per purpose and channel, in versions that a second person approves."""

from django.db import models

from zhizhi.store.columns import one_of
from zhizhi.store.lenders.models import Lender, Staff
from zhizhi.store.personal import declare


class Template(models.Model):
    """A message, letter or call script of a lender.

    PII: none. Retention: five years after last use (proof of what was said).
    """

    lender = models.ForeignKey(Lender, on_delete=models.PROTECT)
    code = models.TextField()
    channel = models.TextField()
    kind = models.TextField(help_text="class: reminder, collection, plan_offer, relay, service")
    name = models.TextField()

    personal = declare(
        "id lender_id code channel kind name",
    )

    class Meta:
        db_table = "template"
        constraints = [models.UniqueConstraint(fields=["lender", "code"], name="template_code_once_a_lender")]


class TemplateVersion(models.Model):
    """One wording of a template; only an approved one can be used, and approval takes a second person.

    PII: none; variables are named, values come with each contact. Retention: five years after last use.
    """

    template = models.ForeignKey(Template, on_delete=models.PROTECT, related_name="versions")
    n = models.IntegerField()
    subject = models.TextField(default="")
    body = models.TextField()
    variables = models.JSONField(default=list)
    marks = models.JSONField(null=True, help_text="marks that a screening found; null: nobody screened")
    claims = models.JSONField(default=list, help_text="consequences that it claims, by its words or as declared")
    provider_template = models.TextField(default="", help_text="id under which the carrier filed it")
    discloses_debt = models.BooleanField()
    state = models.TextField(default="draft")
    created_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    approved_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)

    personal = declare(
        "id template_id n subject body variables marks claims provider_template discloses_debt state created_by_id "
        "created_at approved_by_id approved_at",
    )

    class Meta:
        db_table = "template_version"
        constraints = [
            one_of("template_version", "state", ("draft", "approved", "refused", "retired", "withdrawn")),
            models.UniqueConstraint(fields=["template", "n"], name="template_version_once"),
            models.CheckConstraint(
                condition=~models.Q(state="approved")
                | (models.Q(approved_by__isnull=False) & ~models.Q(approved_by=models.F("created_by"))),
                name="template_version_approved_by_another",
            ),
        ]
