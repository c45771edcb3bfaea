"""What requests for leases name, and what stands about it: all of it in one round trip, whatever the number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from zhizhi.store.leases.answers import Asked, OtherRequest, answers_to
from zhizhi.store.leases.callers import caller_of
from zhizhi.store.leases.candidates import Candidate, Named, candidates_of
from zhizhi.store.leases.minting import KnownCampaign, campaign_of
from zhizhi.store.leases.tokens import Bearer
from zhizhi.store.lenders.collectors import Collector
from zhizhi.store.many import rows_of
from zhizhi.store.templates.approved import ApprovedTemplate, approved_of


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who asks, for which campaign, with which script, who will speak, and whom to ring."""

    bearer: Bearer
    campaign: str
    script: str
    caller: str | None
    persons: tuple[Named, ...] = field(repr=False)
    asked: Asked


@dataclass(frozen=True, slots=True)
class Known:
    """What stands about one request; what is not there is absent.

    `answer`: what the same request was answered before. `candidates` by place among its persons.
    """

    answer: dict[str, Any] | OtherRequest | None = field(repr=False)
    templates: Mapping[str, ApprovedTemplate]
    collector: Collector | None
    campaign: KnownCampaign | None
    candidates: Mapping[int, Candidate] = field(repr=False)


def load_known(requests: Sequence[Wanted]) -> list[Known]:
    """What stands about each request; what several of them name is asked for once."""
    answers = answers_to([one.asked for one in requests])
    named = [(place, n, one) for place, request in enumerate(requests) for n, one in enumerate(request.persons)]
    candidates = candidates_of([(requests[place].bearer, one) for place, _, one in named])
    scripts = {(one.bearer.lender_id, one.script): approved_of(one.bearer.lender_id, one.script) for one in requests}
    callers = {(one.bearer, one.caller): caller_of(one.bearer, one.caller) for one in requests}
    campaigns = {(one.bearer, one.campaign): campaign_of(one.bearer, one.campaign) for one in requests}
    rows = iter(rows_of(answers, candidates, *scripts.values(), *callers.values(), *campaigns.values()))
    known_answers, found = answers.read(next(rows)), candidates.read(next(rows))
    templates = {key: question.read(next(rows)) for key, question in scripts.items()}
    collectors = {key: question.read(next(rows)) for key, question in callers.items()}
    begun = {key: question.read(next(rows)) for key, question in campaigns.items()}
    of_request: list[dict[int, Candidate]] = [{} for _ in requests]
    for index, candidate in found.items():
        place, n, _ = named[index]
        of_request[place][n] = candidate
    return [
        Known(
            answer=known_answers[place],
            templates=templates[one.bearer.lender_id, one.script],
            collector=collectors[one.bearer, one.caller],
            campaign=begun[one.bearer, one.campaign],
            candidates=of_request[place],
        )
        for place, one in enumerate(requests)
    ]
