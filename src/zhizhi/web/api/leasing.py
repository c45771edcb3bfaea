"""Requests for leases, gathered: what a group needs is asked and written in few statements and one commit."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import close_old_connections, connections

from zhizhi.core.kernel.errors import Refused, told
from zhizhi.store.kept_plans import keep_plans
from zhizhi.store.leases.answers import Asked
from zhizhi.store.leases.candidates import Named
from zhizhi.store.leases.tokens import Bearer, load_bearers
from zhizhi.usecases.gathering import Gathered
from zhizhi.usecases.lease import PERSONS_MAX, LeasePermits, lease_permits, lease_together
from zhizhi.web.api.asking import SCOPE, again_where_overtaken, may
from zhizhi.web.api.problems import Problem
from zhizhi.web.api.shapes import LeaseTerms
from zhizhi.web.shared import clock

LOG = logging.getLogger("zhizhi.api")
GROUP_PERSONS_MAX = PERSONS_MAX
GATHER_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Posted:
    """A request for leases as it came, its body read; who asks is found out with the others."""

    secret: str = field(repr=False)
    key: str
    request: bytes = field(repr=False)
    terms: LeaseTerms
    persons: tuple[Named, ...] = field(repr=False)

    def command(self, bearer: Bearer) -> LeasePermits:
        """What the bearer of its secret wants."""
        return LeasePermits(
            bearer=bearer,
            campaign=self.terms.campaign,
            seconds=self.terms.seconds,
            script=self.terms.script,
            caller=self.terms.caller,
            purpose=self.terms.purpose,
            persons=self.persons,
            asked=Asked(bearer.token_id, self.key, self.request),
            goes_from=self.terms.goes_from,
        )


Answer = dict[str, Any] | Refused | Problem


def lease(posted: Posted) -> dict[str, Any]:
    """The answer to a request, decided with those that came at the same time. Refuses: as `lease_permits`; no token."""
    answer = GATHERED.ask(posted) or lease_alone(posted)
    if isinstance(answer, Exception):
        raise answer
    return answer


def lease_alone(posted: Posted) -> dict[str, Any]:
    """The answer to a request by itself, which waits for whoever holds its persons. Refuses: as `lease`."""
    at = clock.now()
    (bearer,) = load_bearers([posted.secret], at)
    command = posted.command(may(bearer, SCOPE))
    return again_where_overtaken(lambda: lease_permits(command, at))


def lease_group(group: Sequence[Posted]) -> list[Answer | None]:
    """The answer, refusal or problem of each; None is to be asked alone. What fails for all of them is raised."""
    keep_plans()
    at = clock.now()
    answers: list[Answer | None] = [None] * len(group)
    commands: dict[int, LeasePermits] = {}
    for place, bearer in enumerate(load_bearers([one.secret for one in group], at)):
        try:
            commands[place] = group[place].command(may(bearer, SCOPE))
        except Problem as problem:
            answers[place] = problem
    if commands:
        for place, answer in zip(commands, lease_together(list(commands.values()), at), strict=True):
            answers[place] = answer
    return answers


def group_failed(error: Exception) -> None:
    """It is on the log, and the connection is made anew where it broke; each of the group is asked alone."""
    close_old_connections()  # one that broke is made anew for the next group
    LOG.warning("a group of requests is asked one by one: %s", told(error))


GATHERED: Gathered[Posted, Answer] = Gathered(
    lease_group,
    size=lambda posted: len(posted.persons),
    most=GROUP_PERSONS_MAX,
    seconds=GATHER_SECONDS,
    failed=group_failed,
    ended=connections.close_all,
)
