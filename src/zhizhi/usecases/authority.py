"""Whether the member of staff who acts may: asked again by every use case that changes something.

A screen and a command ask first, so that nobody is shown what they may not do; this is what stops one that forgot.
"""

from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.acting import Acting, load_acting
from zhizhi.store.lenders.rights import Right
from zhizhi.store.viewer import sees_person
from zhizhi.usecases.refused import UseCaseRefused


class NotAllowed(UseCaseRefused):
    """The role of whoever acts has no such right, or it is not their lender's."""

    def __init__(self, right: Right) -> None:
        said = right.text
        text = Text(f"您的角色无权：{said.zh}", f"your role has no right to this: {said.en}")
        super().__init__("not_allowed", text)


def require_reach(acting: Acting | None, right: Right, lender_id: int, agency_id: int | None) -> None:
    """`require` of somebody who was read together with a case. Refuses: NotAllowed, where nobody works here by that id,
    the role lacks the right, or a case of this lender and agency cannot be theirs."""
    if acting is None or not acting.may(right) or not acting.may_reach(lender_id, agency_id):
        raise NotAllowed(right)


def require(by: int, right: Right, *, lender_id: int | None = None, person_id: int | None = None) -> Acting:
    """Who acts. Refuses: NotAllowed, where nobody works here by that id, the role lacks the right, the lender that is
    named is not theirs, or the person that is named is not for their eyes."""
    acting = load_acting(by)
    if acting is None or not acting.may(right):
        raise NotAllowed(right)
    if lender_id is not None and not acting.works_for(lender_id):
        raise NotAllowed(right)
    if person_id is not None and not sees_person(by, person_id):
        raise NotAllowed(right)
    return acting
