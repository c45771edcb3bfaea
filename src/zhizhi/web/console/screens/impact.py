"""规则影响: what a proposed pack would have done to what was decided."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.core.conduct.replay import Shift
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.core.law.errors import PackError
from zhizhi.core.law.pack import Pack, Parameter
from zhizhi.store.cases.reads import case_numbers
from zhizhi.store.law.impacts import ImpactRow, load_run, load_runs
from zhizhi.store.law.releases import load_release
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.packs import list_packs
from zhizhi.store.viewer import reading
from zhizhi.usecases.ask_impact import AskImpact, OneNumber, ask_impact
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.weighing import APART, WeighForm
from zhizhi.web.console.pages import page, posted_files
from zhizhi.web.shared.clock import today

SPAN_SHOWN_FIRST = timedelta(days=30)
CHANGES = (Shift.NEWLY_REFUSED, Shift.NEWLY_HELD, Shift.NEWLY_PERMITTED, Shift.OTHER_GROUND)
ALONG = ("rule", "channel", "stage", "collector")


@dataclass(frozen=True, slots=True)
class Line:
    """One key of a dimension with the counts of `CHANGES`, in their order."""

    key: str
    pack: str
    counts: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(count for _, count in self.counts)


@dataclass(frozen=True, slots=True)
class Example:
    """A decision to look at."""

    shift: str
    case_number: str | None
    decision_id: int


@dataclass(frozen=True, slots=True)
class ChangedNumber:
    """A parameter whose value differs between the pack of this release and the proposed one."""

    text: Text
    was: str
    becomes: str


@screen(Right.SEE_IMPACT, ("GET", "HEAD", "POST"), posting=(Right.WEIGH_RULES,))
def impacts(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """The runs, and the form for those who may ask for one."""
    on = today(at)
    first = {"since": on - SPAN_SHOWN_FIRST, "until": on}
    may_ask = desk.may(Right.WEIGH_RULES)
    form = WeighForm(desk.language, _packs(), *posted_files(request), initial=first) if may_ask else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            return redirect("impact", ask_impact(_command(form, desk), at))
        except Refused as refused:
            form.refuse(refused)
    with reading(desk.viewer):
        runs = load_runs()
    context = {"here": "impacts", "form": form, "runs": runs}
    return page(request, desk, at, "impacts.html", context, status=400 if form is not None and form.errors else 200)


@screen(Right.SEE_IMPACT)
def impact(request: HttpRequest, desk: Desk, at: datetime, run_id: int) -> HttpResponse:
    """One run; while it is worked, htmx asks for its progress again."""
    with reading(desk.viewer):
        run = load_run(run_id)
        if run is None:
            raise Http404
        numbers = _changed_numbers(run)
        figures = _figures(run)
    context = {
        "here": "impacts",
        "run": run,
        "numbers": numbers,
        "changes": [kind.value for kind in CHANGES],
        **figures,
    }
    part = "impact_figures.html" if request.headers.get("HX-Request") else "impact.html"
    return page(request, desk, at, part, context)


def _command(form: WeighForm, desk: Desk) -> AskImpact:
    given = form.cleaned_data
    pack, _, parameter = given["parameter"].partition(APART)
    return AskImpact(
        since=given["since"],
        until=given["until"],
        lender_id=desk.viewer.lender_id,
        by=desk.staff_id,
        zipped=given["zipped"],
        number=OneNumber(pack, parameter, given["value"]) if parameter and given["zipped"] is None else None,
    )


def _packs() -> list[Pack]:
    try:
        return list_packs()
    except PackError:
        return []  # a pack that does not parse has no number to try; a zip may still be brought


def _changed_numbers(run: ImpactRow) -> list[ChangedNumber]:
    proposed = load_release(run.sha256, using="default")
    today_s = next((pack for pack in _packs() if pack.id == run.pack), None)
    if today_s is None:
        return []
    return [
        ChangedNumber(parameter.text, _series(today_s.params.get(name)), _series(parameter))
        for name, parameter in sorted(proposed.params.items())
        if _series(today_s.params.get(name)) != _series(parameter)
    ]


def _series(parameter: Parameter | None) -> str:
    return "—" if parameter is None else ", ".join(str(value.value) for value in parameter.values)


def _figures(run: ImpactRow) -> dict[str, Any]:
    if run.summary is None:
        return {}
    along = run.summary["along"]
    tables = [(name, _lines(along[name])) for name in ALONG]
    found = [(kind, *pair) for kind in CHANGES for pair in run.summary["examples"].get(kind.value, ())]
    numbers = case_numbers({person_id for _, person_id, _ in found})
    examples = [Example(kind.value, numbers.get(person_id), decision_id) for kind, person_id, decision_id in found]
    return {
        "shifts": [(kind.value, run.summary["shifts"][kind.value]) for kind in Shift],
        "asked": run.summary["asked"],
        "not_concerned": run.summary["not_concerned"],
        "cannot": sum(run.summary["cannot"].values()),
        "tables": tables,
        "tables_changed": any(lines for _, lines in tables),
        "days": _lines(along["day"], keep_all=True),
        "examples": examples,
    }


def _lines(keys: dict[str, dict[str, int]], *, keep_all: bool = False) -> list[Line]:
    lines = [
        Line(key, key.partition("/")[0], tuple((kind.value, counts.get(kind.value, 0)) for kind in CHANGES))
        for key, counts in keys.items()
    ]
    if keep_all:
        return lines
    return sorted((line for line in lines if line.total), key=lambda line: (-line.total, line.key))
