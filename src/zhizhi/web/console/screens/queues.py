"""队列与班组: which team works on which queue, so that its leader sees the cases; another one is asked for."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.queues import load_own_teams, load_queue_team, load_queues
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.viewer import reading
from zhizhi.usecases.staff.queue_team import AskQueueTeam, ask_queue_team
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.queues import QueueTeamForm
from zhizhi.web.console.pages import page, posted


@screen(Right.SEE_STAFF)
def queues(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """The queues of the viewer's lenders; an agency's people have none."""
    with reading(desk.viewer):
        rows = [] if desk.viewer.agency_id is not None else load_queues()
    may_ask = desk.viewer.agency_id is None and desk.may(Right.ASK_STAFF)
    return page(request, desk, at, "queues.html", {"here": "staff", "rows": rows, "may_ask": may_ask})


@screen(Right.ASK_STAFF, ("GET", "HEAD", "POST"))
def ask_team(request: HttpRequest, desk: Desk, at: datetime, queue_id: int) -> HttpResponse:
    """Ask for another team of one queue."""
    with reading(desk.viewer):
        seen = {row.id for row in load_queues()}
    queue = load_queue_team(queue_id) if queue_id in seen and desk.viewer.agency_id is None else None
    if queue is None:
        raise Http404
    form = QueueTeamForm(desk.language, load_own_teams(queue.lender_id), posted(request), initial={"team": queue.team})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        command = AskQueueTeam(queue_id, said["team"], said["ground"], desk.staff_id)
        if form.did(lambda: ask_queue_team(command, at)):
            return redirect("queues")
    title = Text(f"队列 {queue.name} 的班组", f"Team of queue {queue.name}")
    context = {"here": "staff", "form": form, "form_title": title}
    return page(request, desk, at, "queue_team.html", context, status=400 if form.errors else 200)
