"""What screens read about templates: every version with its wording, marks and who approved it."""

from dataclasses import dataclass
from datetime import datetime

from zhizhi.store.templates.models import TemplateVersion
from zhizhi.store.viewer import Viewer
from zhizhi.store.words import SIGN_IN_WORDING

VERSIONS_MAX = 500


@dataclass(frozen=True, slots=True)
class TemplateVersionRow:
    """One wording of a template; `marks` is None where nobody screened it."""

    id: int
    template_id: int
    lender: str
    code: str
    name: str
    channel: str
    kind: str
    n: int
    state: str
    subject: str
    body: str
    variables: tuple[str, ...]
    marks: tuple[str, ...] | None
    provider_template: str
    discloses_debt: bool
    created_by_id: int
    created_by: str
    created_at: datetime
    approved_by: str
    approved_at: datetime | None
    signature: str
    claims: tuple[str, ...]


_COLUMNS = (
    "id",
    "template_id",
    "template__lender__name",
    "template__code",
    "template__name",
    "template__channel",
    "template__kind",
    "n",
    "state",
    "subject",
    "body",
    "variables",
    "marks",
    "provider_template",
    "discloses_debt",
    "created_by_id",
    "created_by__name",
    "created_at",
    "approved_by__name",
    "approved_at",
    "template__lender__signature",
    "claims",
)


def load_template_versions(viewer: Viewer, template_id: int | None = None) -> list[TemplateVersionRow]:
    """The versions of this viewer's templates, or of one template, the newest of each first."""
    rows = TemplateVersion.objects.order_by("template__lender__name", "template__code", "-n")
    if viewer.lender_id is not None:
        rows = rows.filter(template__lender_id=viewer.lender_id)
    if template_id is not None:
        rows = rows.filter(template_id=template_id)
    return [_row(*row) for row in rows.values_list(*_COLUMNS)[:VERSIONS_MAX]]


def access_template_version(
    viewer: Viewer, version_id: int
) -> tuple[TemplateVersionRow, TemplateVersionRow | None] | None:
    """A version and the one before it, of a template of this viewer's lender."""
    rows = TemplateVersion.objects.filter(template__versions__id=version_id).order_by("-n")
    if viewer.lender_id is not None:
        rows = rows.filter(template__lender_id=viewer.lender_id)
    versions = [_row(*row) for row in rows.values_list(*_COLUMNS)[:VERSIONS_MAX]]
    for position, version in enumerate(versions):
        if version.id == version_id:
            return version, versions[position + 1] if position + 1 < len(versions) else None
    return None


def _row(*row: object) -> TemplateVersionRow:
    values = dict(zip(_COLUMNS, row, strict=True))
    variables, marks = values["variables"], values["marks"]
    assert isinstance(variables, list)
    assert marks is None or isinstance(marks, list)
    assert isinstance(values["claims"], list)
    values["claims"] = tuple(values["claims"])
    values |= {"variables": tuple(variables), "marks": None if marks is None else tuple(marks)}
    values["approved_by__name"] = values["approved_by__name"] or ""
    values["template__lender__signature"] = values["template__lender__signature"] or values["template__lender__name"]
    return TemplateVersionRow(*values.values())  # type: ignore[arg-type]  # the columns of a row are untyped in Django


@dataclass(frozen=True, slots=True)
class WordingRow:
    """An approved wording that a desk can choose."""

    code: str
    name: str
    channel: str
    kind: str


def load_wordings(lender_id: int) -> list[WordingRow]:
    """The wordings of a lender that a desk may use now."""
    rows = TemplateVersion.objects.filter(template__lender_id=lender_id, state="approved").order_by("template__code")
    rows = rows.exclude(template__kind=SIGN_IN_WORDING)
    columns = ("template__code", "template__name", "template__channel", "template__kind")
    return [WordingRow(*row) for row in rows.values_list(*columns)[:VERSIONS_MAX]]
