"""触达记录审计: bring a log, watch it being judged, read what was found and take it away."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.core.conduct.audit.severity import Severity
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.sheets import ENCODING, sheet_cells
from zhizhi.core.kernel.text import Text
from zhizhi.store.audits.runs import AuditRow, load_audit, load_audit_findings, load_audits
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.viewer import reading
from zhizhi.usecases.ask_audit import AskAudit, ask_audit
from zhizhi.usecases.audit.findings import Finding
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.auditing import AuditForm, profile_title
from zhizhi.web.console.pages import page, posted_files

SHOWN = 25
FILTERS = ("rule", "severity", "collector", "agency", "hour", "verdict")
_FIELD_OF_REFUSAL = {
    "bad_map": "map",
    "map_not_toml": "map",
    "too_large": "log",
    "bad_format": "log",
    "bad_facts": "facts",
}


@screen(Right.SEE_AUDITS, ("GET", "HEAD", "POST"), posting=(Right.BRING_AUDIT,))
def audits(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """The runs, and the form for those who may bring a log."""
    form = AuditForm(desk.language, *posted_files(request)) if desk.may(Right.BRING_AUDIT) else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            return redirect("audit", ask_audit(_command(form, desk), at))
        except Refused as refused:
            form.wrong(_FIELD_OF_REFUSAL.get(refused.code, "log"), refused.text)
    with reading(desk.viewer):
        runs = load_audits()
    context = {"here": "audits", "form": form, "runs": runs}
    return page(request, desk, at, "audits.html", context, status=400 if form is not None and form.errors else 200)


@screen(Right.SEE_AUDITS)
def audit(request: HttpRequest, desk: Desk, at: datetime, run_id: int) -> HttpResponse:
    """One run; while it is judged, htmx asks for its progress again."""
    chosen = {name: request.GET.get(name, "") for name in FILTERS}
    page_of = request.GET.get("page", "")
    with reading(desk.viewer):
        run = _run_or_404(run_id)
        written = load_audit_findings(run_id) if run.state == "finished" and run.erased_at is None else None
    lines = [line for line in _lines(written) if _matches(line, chosen)]
    first = (int(page_of) - 1) * SHOWN if page_of.isdigit() and int(page_of) > 0 else 0
    context = {
        "here": "audits",
        "run": run,
        "profile": profile_title(run.profile),
        "lines": lines[first : first + SHOWN],
        "found": len(lines),
        "chosen": chosen,
        "is_narrowed": any(chosen.values()),
        "page_of": first // SHOWN + 1,
        "further": first + SHOWN < len(lines),
        **_figures(run),
    }
    part = "audit_figures.html" if request.headers.get("HX-Request") else "audit.html"
    return page(request, desk, at, part, context)


def _run_or_404(run_id: int) -> AuditRow:
    run = load_audit(run_id)
    if run is None:
        raise Http404
    return run


def _command(form: AuditForm, desk: Desk) -> AskAudit:
    given = form.cleaned_data
    facts_body, facts = given["facts"]
    return AskAudit(
        name=given["log"].name,
        chunks=given["log"].chunks(),
        map_body=given["map"],
        profile=given["profile"],
        reading=given["reading"],
        lender_id=desk.viewer.lender_id,
        by=desk.staff_id,
        facts=facts,
        facts_body=facts_body,
    )


def _lines(written: bytes | None) -> list[Finding]:
    if written is None:
        return []
    _, *lines = sheet_cells(written.decode(ENCODING))
    return [Finding.from_cells(cells) for cells in lines]


def _matches(line: Finding, chosen: dict[str, str]) -> bool:
    return all(not wanted or getattr(line, name) == wanted for name, wanted in chosen.items())


def _figures(run: AuditRow) -> dict[str, object]:
    """The tables and the chart. Boundary: a run that was erased, or is not finished, has none."""
    if run.summary is None:
        return {}
    counts, grades = run.summary["counts"], run.summary["severities"]
    hours = [
        (hour, counts["hours_all"].get(str(hour), 0), counts["hours_broke"].get(str(hour), 0)) for hour in range(24)
    ]
    return {
        "counts": counts,
        "rules": [(rule, Text(**rule["title"])) for rule in run.summary["rules"]],
        "severities": [
            (key.value, Text(grades[key]["zh"], grades[key]["en"]), grades[key]["findings"]) for key in Severity
        ],
        "hours": hours,
        "agencies": _shares(counts["agencies_broke"], counts["agencies_all"]),
        "collectors": _shares(counts["collectors_broke"], counts["collectors_all"]),
        "assumed": [(Text(one["zh"], one["en"]), one["findings"]) for one in run.summary["assumed"]],
        "in_row": _missing(run.summary["not_judged"]["row"]),
        "in_log": _missing(run.summary["not_judged"]["log"]),
        "kept": run.summary.get("findings_kept", 0),
    }


def _shares(broke: dict[str, int], everything: dict[str, int]) -> list[tuple[str, int, int, str]]:
    return [
        (name, count, everything.get(name, count), f"{count / max(1, everything.get(name, count)):.1%}")
        for name, count in sorted(broke.items(), key=lambda one: (-one[1], one[0]))
    ]


def _missing(listed: list[dict[str, object]]) -> list[tuple[Text, int, object]]:
    found = []
    for one in listed:
        text, rules = one["text"], one["rules"]
        assert isinstance(text, dict), "the report writes texts in both languages"
        assert isinstance(rules, list), "the report lists the rules"
        found.append((Text(text["zh"], text["en"]), len(rules), one["contacts"]))
    return found
