"""Before what is sensitive, the second factor again: `proven` stands below `screen`.

What was typed, files too, goes into the page that asks, and with the proof to where it was meant for: nothing is parked
on the server, and nothing is typed twice.
"""

import base64
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from functools import update_wrapper
from io import BytesIO
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from zhizhi.store.lenders.reads import Desk
from zhizhi.store.sign_in.factors import load_factors
from zhizhi.store.sign_in.sessions import prove_session
from zhizhi.usecases.sign_in.installed import provider_name
from zhizhi.usecases.sign_in.passkeys import ask_known
from zhizhi.usecases.sign_in.proving import ShownCode, prove_factor
from zhizhi.usecases.sign_in.refusals import SignInRefused, failing_closed
from zhizhi.web.console.access import Arguments, Screen
from zhizhi.web.console.pages import page
from zhizhi.web.console.way_in import keep_asked, shown_passkey, site_of
from zhizhi.web.shared.signed_in import replace_signed_in, signed_in_of

PROVEN_FOR = timedelta(minutes=10)
CODE, PASSKEY, FILE = "proof_code", "proof_passkey", "proof_file_"
OWN = (CODE, PASSKEY, "csrfmiddlewaretoken")
CARRIED_BYTES_MAX = 5 << 20  # with the third that base64 adds, below DATA_UPLOAD_MAX_MEMORY_SIZE
SEPARATOR = "|"


def proven(
    methods: Collection[str] = ("POST",),
) -> Callable[[Screen[Arguments]], Screen[Arguments]]:
    """A screen whose requests by these methods want a second factor that was shown in the last ten minutes."""

    def wrap(shown: Screen[Arguments]) -> Screen[Arguments]:
        def asked(
            request: HttpRequest, desk: Desk, at: datetime, /, *args: Arguments.args, **kwargs: Arguments.kwargs
        ) -> HttpResponse:
            is_asking = request.method in methods
            if is_asking and (refusal := _unproven(request, at)) is not None:
                return _ask(request, desk, at, refusal)
            return shown(request, desk, at, *args, **kwargs)

        update_wrapper(asked, shown)
        return asked

    return wrap


def _unproven(request: HttpRequest, at: datetime) -> dict[str, Any] | None:
    """What the page that asks has to say; None where it need not ask."""
    signed_in = signed_in_of(request)
    if signed_in is None:
        return {}
    if CODE in request.POST or PASSKEY in request.POST:
        try:
            answer = request.POST.get(PASSKEY)
            shown = shown_passkey(request, PASSKEY) if answer else ShownCode(request.POST.get(CODE, "")[:100])
            replace_signed_in(request, prove_session(signed_in, prove_factor(signed_in.staff_id, shown, at), at))
        except SignInRefused as refused:
            return {"because": refused.text}
        _take_back_files(request)
        return None
    return None if signed_in.is_proven(at, PROVEN_FOR) else {}


def ways_to_prove(request: HttpRequest, staff_id: int) -> dict[str, Any]:
    """What the page offers: a field for a code, and a passkey where the member has one and the page has a name."""
    try:
        with failing_closed():
            have = load_factors(staff_id)
            keys = [one for one in have if one.kind == "passkey"]
            site = site_of(request) if keys else None
            options = keep_asked(request, ask_known(site, keys)) if site is not None else None
    except SignInRefused as refused:
        return {"away": refused.text}
    return {
        "passkey_options": options,
        "has_passkey": bool(keys),
        "has_app": any(one.kind == "totp" for one in have),
    }


def _ask(request: HttpRequest, desk: Desk, at: datetime, said: dict[str, Any]) -> HttpResponse:
    """The page that asks; a download is gone on to afterwards by its address."""
    is_form, signed_in = request.method == "POST", signed_in_of(request)
    target = request.get_full_path() if is_form else reverse("prove_again")
    fields = _carried(request) if is_form else [("next", request.get_full_path())]
    context = {
        "fields": fields,
        "target": target,
        "is_form": is_form and target != reverse("prove_again"),
        "code_field": CODE,
        "passkey_field": PASSKEY,
        "provider": provider_name() if signed_in is not None and signed_in.proof == "provider" else None,
        **ways_to_prove(request, desk.staff_id),
        **said,
    }
    response = page(request, desk, at, "prove_again.html", context, status=400 if said else 200)
    if request.headers.get("HX-Request"):  # the question takes the whole page, wherever the part was meant for
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "body", "innerHTML"
    return response


def _carried(request: HttpRequest) -> list[tuple[str, str]]:
    """What was typed, and files that were brought, as fields that nobody sees. Refuses: more than a page can carry."""
    brought = [(name, one) for name, files in request.FILES.lists() for one in files]
    if sum(one.size or 0 for _, one in brought) > CARRIED_BYTES_MAX:
        raise SuspiciousOperation("more was brought than a page carries")
    typed = [(name, value) for name, values in request.POST.lists() if name not in OWN for value in values]
    return typed + [
        (FILE + name, SEPARATOR.join((one.name or "", one.content_type or "", base64.b64encode(one.read()).decode())))
        for name, one in brought
    ]


def _take_back_files(request: HttpRequest) -> None:
    """Files that came as hidden fields are files again. Refuses: a field that is none."""
    carried = [(name, value) for name, value in request.POST.items() if name.startswith(FILE)]
    files: MultiValueDict[str, Any] = MultiValueDict(dict(request.FILES.lists()))
    for field, value in carried:
        try:
            file_name, kind, body = str(value).rsplit(SEPARATOR, 2)
            octets = base64.b64decode(body, validate=True)
        except ValueError as broken:
            raise SuspiciousOperation("a carried file is broken") from broken
        name = field.removeprefix(FILE)
        files.appendlist(name, InMemoryUploadedFile(BytesIO(octets), name, file_name, kind, len(octets), None))
    request._files = files  # type: ignore[attr-defined]  # what Django parsed from the request
