"""Wordings and their approval; two persons, enforced by the table as well."""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.db import transaction

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.templates.models import Template, TemplateVersion
from zhizhi.store.transact.leaves import NewLeaf, add_leaves
from zhizhi.store.words import LOCK_SCREEN_WORDING, SIGN_IN_WORDING

CHECKED_KINDS = frozenset((LOCK_SCREEN_WORDING, SIGN_IN_WORDING))
"""Classes whose words are checked when they are drafted: no version of theirs is drafted as another's."""


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A wording to be kept as a draft; `marks` None where nobody screened it yet.

    `claims`: consequences that it claims (core/consequence), by its words or as its author declares.
    """

    lender_id: int
    code: str
    channel: str
    kind: str
    name: str
    subject: str
    body: str
    variables: tuple[str, ...]
    marks: tuple[str, ...] | None
    discloses_debt: bool
    provider_template: str
    by: int
    claims: tuple[str, ...] = ()


def add_version(new: NewVersion, at: datetime) -> int:
    """Insert a draft under its template. Refuses: a code that belongs to another channel, or to another class
    whose words are checked."""
    with transaction.atomic(using="gate", durable=True):
        template, _ = Template.objects.using("gate").get_or_create(
            lender_id=new.lender_id,
            code=new.code,
            defaults={"channel": new.channel, "kind": new.kind, "name": new.name},
        )
        if template.channel != new.channel:
            raise Refused(
                "other_channel",
                Text(f"模板 `{new.code}` 属于其他渠道", f"template `{new.code}` belongs to another channel"),
            )
        if template.kind != new.kind and CHECKED_KINDS & {template.kind, new.kind}:
            raise Refused(
                "other_kind",
                Text(
                    f"模板 `{new.code}` 属于其他类别；请另起代码",
                    f"template `{new.code}` is of another class; help: give it a code of its own",
                ),
            )
        latest = TemplateVersion.objects.using("gate").filter(template=template).order_by("-n").first()
        version = TemplateVersion.objects.using("gate").create(
            template=template,
            n=latest.n + 1 if latest else 1,
            subject=new.subject,
            body=new.body,
            variables=list(new.variables),
            marks=None if new.marks is None else list(new.marks),
            discloses_debt=new.discloses_debt,
            claims=list(new.claims),
            provider_template=new.provider_template,
            created_by_id=new.by,
            created_at=at,
        )
        return version.pk


def rule_version(version_id: int, *, approve: bool, at: datetime, by: int) -> None:
    """Approve or refuse a draft and leave a leaf."""
    with transaction.atomic(using="gate", durable=True):
        version = TemplateVersion.objects.using("gate").select_for_update().filter(pk=version_id).first()
        if version is None or version.state != "draft":
            raise Refused("no_draft", Text("该版本不是待审稿", "this version is no draft"))
        if version.created_by_id == by:
            raise Refused(
                "same_person", Text("须由第二人审批，不能审批自己的稿件", "a second person approves; not the author")
            )
        if approve and version.marks is None:
            raise Refused("unscreened", Text("尚未筛查内容，不能批准", "the wording was not screened yet"))
        version.state = "approved" if approve else "refused"
        version.approved_by_id, version.approved_at = (by, at) if approve else (None, None)
        version.save(using="gate", update_fields=["state", "approved_by", "approved_at"])
        values = {
            "version": version_id,
            "approve": approve,
            "by": by,
            "body": version.body,
            "subject": version.subject,
            "marks": version.marks,
        }
        leaf = NewLeaf(LeafKind.TEMPLATE, at, uuid4(), values, None, version_id, source_table="template_version")
        add_leaves([leaf])
