"""Approved wordings, ready to be rendered; nothing else can be."""

from dataclasses import dataclass

from zhizhi.store.templates.models import TemplateVersion


@dataclass(frozen=True, slots=True)
class ApprovedTemplate:
    """The newest approved version of a template."""

    version_id: int
    code: str
    name: str
    channel: str
    kind: str
    subject: str
    body: str
    variables: tuple[str, ...]
    marks: tuple[str, ...] | None
    discloses_debt: bool
    provider_template: str
    signature: str


def load_approved(lender_id: int) -> dict[str, ApprovedTemplate]:
    """By code: the newest approved version of each template of a lender."""
    versions = (
        TemplateVersion.objects.using("gate")
        .select_related("template", "template__lender")
        .filter(template__lender_id=lender_id, state="approved")
        .order_by("template_id", "n")
    )
    return {
        version.template.code: ApprovedTemplate(
            version_id=version.pk,
            code=version.template.code,
            name=version.template.name,
            channel=version.template.channel,
            kind=version.template.kind,
            subject=version.subject,
            body=version.body,
            variables=tuple(version.variables),
            marks=None if version.marks is None else tuple(version.marks),
            discloses_debt=version.discloses_debt,
            provider_template=version.provider_template,
            signature=version.template.lender.signature or version.template.lender.name,
        )
        for version in versions
    }
