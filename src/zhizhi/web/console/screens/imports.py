"""导入: bring a file, watch it, read why rows did not pass, take them away to be mended."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.sheets import ENCODING, sheet_line
from zhizhi.store.imports.reads import (
    PAGE,
    ImportRow,
    load_import,
    load_imports,
    load_refused_reasons,
)
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.viewer import reading
from zhizhi.usecases.accept_upload import AcceptUpload, accept_upload
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.uploading import UploadForm
from zhizhi.web.console.pages import page, posted_files

REASONS_SHOWN = 100
REASONS_IN_FILE = 100_000
_REASON_HEADING = ("行号 row", "列 column", "代码 code", "原因 reason")


@screen(Right.SEE_IMPORTS, ("GET", "HEAD", "POST"), posting=(Right.IMPORT,))
def imports(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """The list, and the form for those who may bring a file."""
    may_import = desk.may(Right.IMPORT)
    resends = _resends(request, desk)
    form = UploadForm(desk.language, *posted_files(request)) if may_import else None
    if request.method == "POST" and form is not None and form.is_valid():
        brought = form.cleaned_data["file"]
        command = AcceptUpload(
            name=brought.name,
            chunks=brought.chunks(),
            map_body=form.cleaned_data["map"],
            lender_id=desk.viewer.lender_id,
            by=desk.staff_id,
            resends_id=resends,
        )
        try:
            return redirect("imported_file", accept_upload(command))
        except Refused as refused:
            if getattr(refused, "field", None) is None:
                form.wrong("map", refused.text)
            else:
                form.refuse(refused)
    before = request.GET.get("before", "")
    with reading(desk.viewer):
        files = load_imports(before_id=int(before) if before.isdigit() else None)
    context = {
        "here": "imports",
        "form": form,
        "files": files,
        "resends": resends,
        "further": files[-1].id if len(files) == PAGE else None,
    }
    return page(request, desk, at, "imports.html", context, status=400 if form is not None and form.errors else 200)


@screen(Right.SEE_IMPORTS)
def imported_file(request: HttpRequest, desk: Desk, at: datetime, file_id: int) -> HttpResponse:
    """One file; while it is worked, htmx asks for its progress again."""
    with reading(desk.viewer):
        file = _file_or_404(file_id)
        reasons = load_refused_reasons(file_id, limit=REASONS_SHOWN)
    context = {
        "here": "imports",
        "file": file,
        "reasons": reasons,
        "is_moving": file.state in ("waiting", "running"),
        "may_take_rows": desk.may(Right.TAKE_REFUSED_ROWS) and desk.may(Right.TAKE_EXPORT),
        "is_cut": file.counts.refused > len(reasons),
    }
    part = "import_progress.html" if request.headers.get("HX-Request") else "imported_file.html"
    return page(request, desk, at, part, context)


@screen(Right.SEE_IMPORTS)
def refused_reasons(request: HttpRequest, desk: Desk, at: datetime, file_id: int) -> HttpResponse:
    """Which rows did not pass and why, without their cells: no personal data is in it, so no limit holds it back."""
    del request, at
    with reading(desk.viewer):
        _file_or_404(file_id)
        reasons = load_refused_reasons(file_id, limit=REASONS_IN_FILE)
    lines = [sheet_line(_REASON_HEADING)]
    lines += [sheet_line((row, column, code, text.in_language(desk.language))) for row, column, code, text in reasons]
    response = HttpResponse("".join(lines).encode(ENCODING), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="reasons-{file_id}.csv"'
    return response


def _resends(request: HttpRequest, desk: Desk) -> int | None:
    """The file whose refused rows come back mended; 404 where this desk does not see it."""
    written = request.GET.get("resend", "")
    if not written.isdigit():
        return None
    with reading(desk.viewer):
        return _file_or_404(int(written)).id


def _file_or_404(file_id: int) -> ImportRow:
    file = load_import(file_id)
    if file is None:
        raise Http404
    return file
