"""The worker's part of invitations by mail: what waits leaves one by one, each with a code that was made just then."""

from collections.abc import Callable
from datetime import datetime

from zhizhi.gateways.invitations.sender import InvitationLetter, InvitationSender
from zhizhi.gateways.permit import Failed, FailureKind, Sent
from zhizhi.jobs.steps import Beat, Work
from zhizhi.jobs.telling import with_trusted_clock
from zhizhi.usecases.staff.mailing import Letter, did_not_leave, has_left, may_have_left, next_letter, refuse_all


def steps_of_invitations(sender: InvitationSender | None, now: Callable[[], datetime]) -> dict[str, Work]:
    """The step by name. Without a sender what waits is ended with that reason, for whoever asked to read."""

    def work(_at: datetime, beat: Beat) -> int:
        if sender is None:
            return refuse_all(now())
        sent = 0
        while (letter := next_letter(now())) is not None:
            send(sender, letter, now)
            sent += 1
            beat()
        return sent

    return {"invitations": with_trusted_clock(work)}


def send(sender: InvitationSender, letter: Letter, now: Callable[[], datetime]) -> None:
    """Send one and write how it ended."""
    key = f"invitation/{letter.mail.id}/{letter.mail.tries}"
    outcome = sender.send(InvitationLetter(letter.address, letter.code, letter.ends_at, key), now())
    if isinstance(outcome, Sent):
        has_left(letter, now())
    elif isinstance(outcome, Failed):
        did_not_leave(letter, outcome.code, now(), again=outcome.kind is FailureKind.TEMPORARY)
    else:
        may_have_left(letter, outcome.code, now())
