"""The worker's half of the portal's way in: who asked is found out, and the law decides whether the code leaves.

The code is the answer to somebody's own request: purpose `answer_request`, in an approved wording of the kind
`sign_in`, that speaks of no debt. Hours, refusals, stops and caps hold as for any contact, where the law does not
except answers. Where it refuses, nothing leaves, and the page says what it says to everybody.
"""

import logging
from datetime import datetime, timedelta

from zhizhi.store.portal.finding import Asker, find_asker
from zhizhi.store.portal.requests import (
    CODE_LASTS,
    WaitingRequest,
    end_late,
    end_request,
    grant_code,
    load_waiting,
    new_code,
    waits_still,
)
from zhizhi.store.templates.approved import ApprovedTemplate, load_approved
from zhizhi.store.transact.gate import holding
from zhizhi.usecases.portal.words import CHANNEL, NO_WORDING, PURPOSE, SIGN_IN
from zhizhi.usecases.proposal import Proposal
from zhizhi.usecases.propose_contact import Proposed, load_person, propose_many
from zhizhi.usecases.refused import UseCaseRefused

LOG = logging.getLogger("zhizhi.portal")
NO_ANSWER_AFTER = timedelta(minutes=5)
"""A code that comes so late is no answer any more; whoever still wants it asks again."""


def answer_requests(at: datetime) -> int:
    """Answer those that wait; answers how many codes leave."""
    end_late(at - NO_ANSWER_AFTER, at)
    return sum(_answer(waiting, at) for waiting in load_waiting())


def _answer(waiting: WaitingRequest, at: datetime) -> bool:
    asker = find_asker(waiting.reference, waiting.number)
    if asker is None:
        end_request(waiting.id, at)
        return False
    with holding(asker.person_id):
        if not waits_still(waiting.id):  # another worker was quicker
            return False
        code = new_code()
        if leaves := _leaves(asker, code, at):
            grant_code(waiting.id, asker, code, at)
        else:
            end_request(waiting.id, at)
    return leaves


def _leaves(asker: Asker, code: str, at: datetime) -> bool:
    """Whether the law lets the code go; then it stands in the outbox, in the open transaction."""
    try:
        facts = load_person(asker.person_id, at)
        proposal = Proposal(
            person_id=asker.person_id,
            party_id=asker.party_id,
            point_id=asker.point_id,
            channel=CHANNEL,
            form="notification",
            purpose=PURPOSE,
            template=_wording(asker.lender_id),
            robot=True,
            own=(("code", code), ("minutes", str(CODE_LASTS // timedelta(minutes=1)))),
        )
        (answer,) = propose_many([proposal], {asker.person_id: facts}, at, origin="system")
    except UseCaseRefused as refused:
        answer = refused
    if isinstance(answer, UseCaseRefused):  # no wording, no channel: the operator's to mend, so it is told by its code
        LOG.warning("a code of the portal could not leave: %s", answer.code)
        return False
    return isinstance(answer, Proposed) and answer.permit_id is not None


def _wording(lender_id: int) -> ApprovedTemplate:
    """The lender's approved wording for codes. Refuses: none, or one that speaks of a debt."""
    for template in load_approved(lender_id).values():
        if (template.kind, template.channel, template.discloses_debt) == (SIGN_IN, CHANNEL, False):
            return template
    raise UseCaseRefused("no_template", NO_WORDING)
