"""对账: what carriers, providers and agencies recorded against the permits that were used, day by day."""

from datetime import date, datetime

from django.http import Http404, HttpRequest, HttpResponse

from zhizhi.core.kernel.text import Text
from zhizhi.core.reconcile.facts import Kind
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.reconciliation.reads import (
    PAGE,
    RunRow,
    count_findings,
    load_findings,
    load_reasons,
    load_run,
    load_runs,
    load_runs_of_day,
    load_sources_seen,
)
from zhizhi.store.viewer import reading
from zhizhi.usecases.reconciliation.sources import KINDS
from zhizhi.web.console.access import screen
from zhizhi.web.console.pages import page

REASONS_SHOWN = 20
STATES = {
    "matched": Text("已核对", "matched"),
    "late": Text("文件迟到", "file late"),
    "unreadable": Text("文件无法读取", "file unreadable"),
}


@screen(Right.SEE_RECONCILIATION)
def reconciliations(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """The runs, the newest day first."""
    source = request.GET.get("source", "")
    with reading(desk.viewer):
        runs = load_runs(source=source, before=_before(request.GET.get("before", "")))
        sources = load_sources_seen()
    further = f"{runs[-1].on.isoformat()}~{runs[-1].id}" if len(runs) == PAGE else None
    shown = [(run, STATES[run.state], KINDS.get(run.source_kind)) for run in runs]
    context = {"here": "reconciliations", "runs": shown, "sources": sources, "source": source, "further": further}
    return page(request, desk, at, "reconciliations.html", context)


@screen(Right.SEE_RECONCILIATION)
def reconciliation(request: HttpRequest, desk: Desk, at: datetime, run_id: int) -> HttpResponse:
    """One run: its figures, what it found, the rows that could not be read."""
    kind, after = request.GET.get("kind", ""), request.GET.get("after", "")
    with reading(desk.viewer):
        run = _run_or_404(run_id)
        counted = count_findings(run_id)
        found = load_findings(run_id, kind=kind, after_id=int(after) if after.isdigit() else 0)
        reasons = load_reasons(run_id, limit=REASONS_SHOWN)
        versions = load_runs_of_day(run.source, run.on)
    context = {
        "here": "reconciliations",
        "run": run,
        "state": STATES[run.state],
        "recorded": run.permits - run.missing - run.carried,
        "kind_of_source": KINDS.get(run.source_kind),
        "versions": [(one, STATES[one.state]) for one in versions],
        "counted": list(counted.items()),
        "total": sum(counted.values()),
        "kind": kind,
        "kind_label": Kind(kind).label if kind in set(Kind) else None,
        "found": found,
        "further": found[-1].id if len(found) == PAGE else None,
        "reasons": reasons,
        "may_take_rows": desk.may(Right.TAKE_REFUSED_ROWS) and desk.may(Right.TAKE_EXPORT),
    }
    return page(request, desk, at, "reconciliation.html", context)


def _run_or_404(run_id: int) -> RunRow:
    run = load_run(run_id)
    if run is None:
        raise Http404
    return run


def _before(written: str) -> tuple[date, int] | None:
    on, _, row_id = written.partition("~")
    try:
        return date.fromisoformat(on), int(row_id)
    except ValueError:
        return None
