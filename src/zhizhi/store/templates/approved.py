"""Approved wordings, ready to be rendered; nothing else can be."""

import json
from dataclasses import dataclass
from typing import Any

from zhizhi.store.many import Question, Rows, ask


@dataclass(frozen=True, slots=True)
class ApprovedTemplate:
    """The newest approved version of a template; where a newer one was withdrawn, none is."""

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
    claims: tuple[str, ...] = ()


_APPROVED = """
SELECT v.id, t.code, t.name, t.channel, t.kind, v.subject, v.body, v.variables::text, v.marks::text, v.discloses_debt,
    v.provider_template, coalesce(nullif(l.signature, ''), l.name), v.claims::text
FROM template_version v JOIN template t ON t.id = v.template_id JOIN lender l ON l.id = t.lender_id
WHERE t.lender_id = {lender} AND v.state = 'approved' AND (%s::text IS NULL OR t.code = %s)
  AND NOT EXISTS (SELECT 1 FROM template_version w
                  WHERE w.template_id = v.template_id AND w.state = 'withdrawn' AND w.n > v.n)
ORDER BY v.template_id, v.n
"""
_OF_LENDER = _APPROVED.format(lender="%s")
_OF_PERSON = _APPROVED.format(lender="(SELECT p.lender_id FROM person p WHERE p.id = %s)") + "DESC LIMIT 1"


def load_approved(lender_id: int, code: str | None = None) -> dict[str, ApprovedTemplate]:
    """By code: the newest approved version of each template of a lender, or of the one that is named."""
    return ask(approved_of(lender_id, code))


def approved_of(lender_id: int, code: str | None) -> Question[dict[str, ApprovedTemplate]]:
    """The question of `load_approved`, to be asked together with others."""
    return Question(_OF_LENDER, [lender_id, code, code], _by_code)


def approved_for(person_id: int, code: str | None) -> Question[dict[str, ApprovedTemplate]]:
    """The named wording of a person's lender, to be asked together with others; no name, no wording."""
    return Question(_OF_PERSON if code is not None else None, [person_id, code, code], _by_code)


def _by_code(rows: Rows) -> dict[str, ApprovedTemplate]:
    return {row[1]: _approved(row) for row in rows}


def _approved(row: tuple[Any, ...]) -> ApprovedTemplate:
    version_id, code, name, channel, kind, subject, body, variables, marks, *rest = row
    discloses_debt, provider_template, signature, claims = rest
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
        claims=tuple(json.loads(claims)),
    )
