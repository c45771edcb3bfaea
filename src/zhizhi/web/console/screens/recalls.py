"""停用: a wording is withdrawn at once, and what was done for those who had it is said."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.store.filings.reads import Recall, Receiver, load_recalls, load_receivers
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.templates.reads import access_template_version
from zhizhi.store.viewer import reading
from zhizhi.usecases.filings.recalling import CloseRecall, WithdrawWording, close_followed_up, withdraw_wording
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.filings import FollowedUpForm, WithdrawForm
from zhizhi.web.console.forms.worded import WordedForm
from zhizhi.web.console.pages import page, posted

FORM = ("GET", "HEAD", "POST")


@dataclass(frozen=True, slots=True)
class Recalled:
    """A recall on the page of its wording: who had it, how many they are, and whether the follow-up is late."""

    recall: Recall
    receivers: list[Receiver]
    count: int
    is_late: bool


def recalled(desk: Desk, version_id: int, at: datetime) -> Recalled | None:
    """The recall of a version, where it was withdrawn."""
    with reading(desk.viewer):
        found = load_recalls(version_id)
        if not found:
            return None
        receivers, count = load_receivers(version_id)
    return Recalled(found[0], receivers, count, found[0].closed_at is None and found[0].due_at < at)


@screen(Right.RECALL_WORDING, FORM)
def withdraw(request: HttpRequest, desk: Desk, at: datetime, version_id: int) -> HttpResponse:
    """Withdraw a version that is in use: one person, at once, for good."""
    form = WithdrawForm(desk.language, posted(request))

    def act() -> None:
        withdraw_wording(WithdrawWording(version_id, form.cleaned_data["reason"], desk.staff_id), at)

    return _asked(request, desk, at, version_id, form, act)


@screen(Right.RECALL_WORDING, FORM)
def follow_up(request: HttpRequest, desk: Desk, at: datetime, version_id: int) -> HttpResponse:
    """Say what was done for those who had it."""
    form = FollowedUpForm(desk.language, posted(request))

    def act() -> None:
        close_followed_up(CloseRecall(version_id, form.cleaned_data["followed_up"], desk.staff_id), at)

    return _asked(request, desk, at, version_id, form, act)


def _asked(
    request: HttpRequest, desk: Desk, at: datetime, version_id: int, form: WordedForm, act: Callable[[], None]
) -> HttpResponse:
    """The form above the wording that it is about; back to its page once it is done."""
    with reading(desk.viewer):
        found = access_template_version(desk.viewer, version_id)
    if found is None:
        raise Http404
    if request.method == "POST" and form.is_valid() and form.did(act):
        return redirect("wording", version_id)
    context = {"here": "approvals", "version": found[0], "form": form, "is_withdrawal": isinstance(form, WithdrawForm)}
    return page(request, desk, at, "withdraw_wording.html", context, status=400 if form.errors else 200)
