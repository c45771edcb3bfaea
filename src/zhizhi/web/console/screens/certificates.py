"""结清证明: what was certified, what stands, and what was taken back; a file of one leaves as every export does."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.store.certificates.reads import load_certificates
from zhizhi.store.lenders.reads import Desk, load_choices
from zhizhi.store.lenders.rights import Right
from zhizhi.store.viewer import reading
from zhizhi.usecases.certificates.issuing import certify_now
from zhizhi.web.console.access import screen
from zhizhi.web.console.pages import page


@screen(Right.SEE_RELIEF, ("GET", "HEAD", "POST"), posting=(Right.CERTIFY,))
def certificates(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """The latest; the day's run writes what is settled, whoever does not wait for it certifies now."""
    with reading(desk.viewer):
        lenders = [choice.id for choice in load_choices(desk.viewer) if choice.kind == "lender"]
        rows = load_certificates()
    if request.method == "POST":
        for lender_id in lenders:
            certify_now(lender_id, desk.staff_id, at)
        return redirect("certificates")
    context = {
        "here": "reliefs",
        "rows": rows,
        "may_certify": desk.may(Right.CERTIFY),
        "may_export": desk.may(Right.TAKE_EXPORT),
    }
    return page(request, desk, at, "certificates.html", context)
