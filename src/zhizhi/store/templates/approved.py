"""Approved wordings, ready to be rendered; nothing else can be."""

import json
from dataclasses import dataclass
from typing import Any

from django.db import connections


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


_APPROVED = """
SELECT v.id, t.code, t.name, t.channel, t.kind, v.subject, v.body, v.variables::text, v.marks::text, v.discloses_debt,
    v.provider_template, coalesce(nullif(l.signature, ''), l.name)
FROM template_version v JOIN template t ON t.id = v.template_id JOIN lender l ON l.id = t.lender_id
WHERE t.lender_id = %s AND v.state = 'approved' AND (%s::text IS NULL OR t.code = %s)
ORDER BY v.template_id, v.n
"""


def load_approved(lender_id: int, code: str | None = None) -> dict[str, ApprovedTemplate]:
    """By code: the newest approved version of each template of a lender, or of the one that is named."""
    with connections["gate"].cursor() as cursor:
        cursor.execute(_APPROVED, [lender_id, code, code])
        rows = cursor.fetchall()
    return {row[1]: _approved(row) for row in rows}


def _approved(row: tuple[Any, ...]) -> ApprovedTemplate:
    version_id, code, name, channel, kind, subject, body, variables, marks, *rest = row
    discloses_debt, provider_template, signature = rest
    return ApprovedTemplate(
        version_id=version_id,
        code=code,
        name=name,
        channel=channel,
        kind=kind,
        subject=subject,
        body=body,
        variables=tuple(json.loads(variables)),
        marks=None if marks is None else tuple(json.loads(marks)),
        discloses_debt=discloses_debt,
        provider_template=provider_template,
        signature=signature,
    )
