"""Ask to plant canaries in a book."""

from dataclasses import dataclass
from datetime import datetime

from zhizhi.core.kernel.text import Text
from zhizhi.store.canaries.reads import find_agency_code
from zhizhi.store.canaries.words import EACH_TIME_MAX
from zhizhi.usecases.approvals.asking import Ask, ask
from zhizhi.usecases.canaries.act import CANARY
from zhizhi.usecases.refused import UseCaseRefused


@dataclass(frozen=True, slots=True)
class AskCanaries:
    """So many among the cases of a lender, those placed with an agency or its own, and why."""

    lender_id: int
    agency_id: int | None
    count: int
    ground: str
    by: int


def ask_canaries(command: AskCanaries, at: datetime) -> int:
    """Ask a second person of compliance; answers the request. Refuses: NotAllowed, none or too many at once, an unknown
    agency, a ground that is too short or holds a number."""
    if not 1 <= command.count <= EACH_TIME_MAX:
        text = Text(f"每次 1 至 {EACH_TIME_MAX} 份", f"1 to {EACH_TIME_MAX} at once")
        raise UseCaseRefused("bad_count", text, "count")
    code = ""
    if command.agency_id is not None:
        found = find_agency_code(command.agency_id)
        if found is None:
            raise UseCaseRefused("no_agency", Text("没有该外包机构", "there is no such agency"), "agency")
        code = found
    request = {"agency": command.agency_id, "agency_code": code, "count": command.count}
    return ask(CANARY, Ask(request, command.ground, command.by, command.lender_id), at)
