"""审批权限: who may grant what. More that is waived, or over more months, never needs less authority."""

from zhizhi.core.debt.components import Component
from zhizhi.core.debt.relief.offers import Catalogue, Level
from zhizhi.core.debt.relief.trial import Trial

LEVEL_OF_ROLE = {
    "collector": Level.COLLECTOR,
    "settlement_clerk": Level.COLLECTOR,
    "team_leader": Level.LEADER,
    "supervisor": Level.LEADER,
    "settlement_approver": Level.APPROVER,
    "head": Level.HEAD,
}


def level_needed(catalogue: Catalogue, trial: Trial, days_past_due: int) -> Level:
    """The lowest level that may grant a trial; the head may grant whatever an offer says."""
    fitting = [
        grant.level
        for grant in catalogue.grants
        if grant.days_from <= days_past_due
        and trial.rate <= grant.share_most
        and trial.waived_minor <= grant.minor_most
        and trial.months <= grant.months_most
        and (grant.principal or Component.PRINCIPAL not in trial.waived)
    ]
    return min(fitting, default=Level.HEAD)


def may_grant_alone(role: str, needed: Level) -> bool:
    """Whether somebody of this role needs no second person. Boundary: a role without a level always does."""
    level = LEVEL_OF_ROLE.get(role)
    return level is not None and level >= needed
