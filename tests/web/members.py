"""Members of a real lender's kind: not synthetic, so that they need a second factor."""

from web.book import password_hash
from zhizhi.store.models import Staff
from zhizhi.usecases.sign_in.enrolling import enrol_app
from zhizhi.usecases.sign_in.one_time_codes import STEP_SECONDS, code_at
from zhizhi.web.shared import clock

SECRET = b"a secret of an app.."


def make_member(login: str, role: str = "collector", lender: int | None = None, *, is_admitted: bool = False) -> int:
    """Somebody who has a password and nothing else; `is_admitted`: what they may see takes two persons from now on."""
    row = Staff.objects.using("gate").create(
        login=login,
        name=f"成员{login}",
        role=role,
        lender_id=lender,
        is_admitted=is_admitted,
        password=password_hash("default"),
    )
    return int(row.pk)


def code_now(secret: bytes = SECRET, off: int = 0) -> str:
    """What the app shows at this instant, or so many steps later."""
    return code_at(secret, int(clock.now().timestamp()) // STEP_SECONDS + off)


def with_app(staff_id: int, off: int = -1) -> list[str]:
    """Enrol the app by the code of the step before; answers the recovery codes."""
    return list(enrol_app(staff_id, SECRET, code_now(off=off), "工作手机", clock.now()))
