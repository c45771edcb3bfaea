"""The way from the sign-in form to a session: what is kept between the steps, and what a browser shows of itself."""

import ipaddress
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.utils.http import url_has_allowed_host_and_scheme

from zhizhi.core.kernel.text import Text
from zhizhi.store.sign_in.devices import ShownDevice
from zhizhi.store.sign_in.members import Member, begin, load_member
from zhizhi.store.sign_in.sessions import NewSession, ProviderMarks
from zhizhi.usecases.sign_in.passkeys import Site
from zhizhi.usecases.sign_in.proving import ShownCode, ShownPasskey
from zhizhi.usecases.sign_in.refusals import WRONG_FACTOR, SignInRefused
from zhizhi.web.shared.signed_in import SESSION_KEY

STEP_KEY, PASSKEY_KEY = "way_in", "asked_passkey"
STEP_LASTS = timedelta(minutes=10)
DEVICE_COOKIE = "zhizhi_device"
DEVICE_COOKIE_SECONDS = 400 * 24 * 3600
ANSWER_MAX = 16_384
BROWSERS = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)
CHANGED = Text("登录信息已变化，请重新登录", "something changed meanwhile; sign in again")


@dataclass(frozen=True, slots=True)
class Step:
    """Somebody who gave a right password and is not signed in yet."""

    member: Member
    name: str
    goes_to: str
    provided: ProviderMarks | None = None


def keep_step(
    request: HttpRequest,
    member: Member,
    name: str,
    goes_to: str,
    at: datetime,
    provided: ProviderMarks | None = None,
) -> None:
    """Remember that the password was right, or the provider's word, in a session with a new key."""
    request.session.flush()
    request.session[STEP_KEY] = {
        "staff": member.id,
        "standing": member.standing.hex(),
        "name": name,
        "next": goes_to,
        "at": at.isoformat(),
        "provided": None if provided is None else [provided.subject.hex(), (provided.session or b"").hex()],
    }


def step_of(request: HttpRequest, name: str, at: datetime) -> Step | None:
    """Who is at this step; None after ten minutes, or where the member changed meanwhile."""
    kept = request.session.get(STEP_KEY)
    if not isinstance(kept, dict) or kept["name"] != name:
        return None
    since = at - datetime.fromisoformat(kept["at"])
    member = load_member(kept["staff"]) if timedelta(0) <= since < STEP_LASTS else None
    if member is None or member.standing.hex() != kept["standing"]:
        return None
    return Step(member, name, kept["next"], _provided(kept.get("provided")))


def _provided(kept: object) -> ProviderMarks | None:
    if not isinstance(kept, list):
        return None
    subject, session = (bytes.fromhex(one) for one in kept)
    return ProviderMarks(subject, session or None)


def enter(
    request: HttpRequest, member: Member, proof: str, at: datetime, provided: ProviderMarks | None = None
) -> NewSession:
    """Begin the session. Refuses: SignInRefused where the member changed meanwhile."""
    begun = begin(member, shown_device(request), proof, at, provided)
    if begun is None:
        raise SignInRefused("changed", CHANGED)
    hold(request, begun)
    return begun


def hold(request: HttpRequest, begun: NewSession) -> None:
    """From now on the browser holds this session, under a new key."""
    request.session.flush()
    rotate_token(request)
    request.session[SESSION_KEY] = begun.secret


def with_device(response: HttpResponse, begun: NewSession) -> HttpResponse:
    """The answer, with the cookie by which the browser is known again."""
    response.set_cookie(
        DEVICE_COOKIE,
        begun.device_secret,
        max_age=DEVICE_COOKIE_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=bool(settings.SESSION_COOKIE_SECURE),
    )
    return response


def shown_device(request: HttpRequest) -> ShownDevice:
    """What the browser shows of itself."""
    return ShownDevice(device_secret_of(request), label_of(request.headers.get("User-Agent", "")))


def device_secret_of(request: HttpRequest) -> str | None:
    """The cookie by which the browser is known; a value that we never gave is unknown anyway."""
    return request.COOKIES.get(DEVICE_COOKIE) or None


def label_of(agent: str) -> str:
    """A coarse name, such as `Chrome · Windows`: enough to recognise one's own, and no more."""
    browser = next((name for sign, name in BROWSERS if sign in agent), "浏览器")
    system = next((name for sign, name in SYSTEMS if sign in agent), "未知系统")
    return f"{browser} · {system}"


def goes_to(request: HttpRequest) -> str:
    """Where to go on: a path of ours, never an address, not even one of this host."""
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    return wanted if wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, None) else "/"


def origin_of(request: HttpRequest) -> str:
    """The one origin of the pages, else that of the request, which the permitted hosts bound."""
    return str(settings.ORIGIN) or f"{request.scheme}://{request.get_host()}"


def site_of(request: HttpRequest) -> Site | None:
    """Where passkeys belong; None at a bare address, where browsers make none."""
    origin = origin_of(request)
    name = urlsplit(origin).hostname or ""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return Site(name, origin) if name else None
    return None


def keep_asked(request: HttpRequest, asked: tuple[dict[str, Any], dict[str, Any]]) -> str:
    """Keep what an answer is compared with; answers what the page asks the browser, as JSON."""
    options, state = asked
    request.session[PASSKEY_KEY] = state
    return json.dumps(options)


def shown_passkey(request: HttpRequest, field: str = "passkey") -> ShownPasskey:
    """What the browser answered; what it was asked is forgotten now. Refuses: SignInRefused for anything else."""
    state, site, answer = request.session.pop(PASSKEY_KEY, None), site_of(request), request.POST.get(field, "")
    try:
        parsed = json.loads(answer) if len(answer) <= ANSWER_MAX else None
    except ValueError:
        parsed = None
    if site is None or not isinstance(state, dict) or not isinstance(parsed, dict):
        raise SignInRefused("factor", WRONG_FACTOR)
    return ShownPasskey(site, state, parsed)


def shown_factor(request: HttpRequest) -> ShownCode | ShownPasskey:
    """A passkey where one was shown, else what was typed. Refuses: SignInRefused."""
    if request.POST.get("passkey"):
        return shown_passkey(request)
    return ShownCode(request.POST.get("code", "")[:100])
