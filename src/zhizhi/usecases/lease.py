"""Lease permits for calls that another system makes: decided by the same law, committed by the same gate, used at once.

What a lease counts is the whole of a call, from the second of its commit until a record proves that it never rang.
Requests that come at the same time are decided in one commit (docs/decisions/0037-leases.md).
"""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from zhizhi.core.conduct.decide import Decision
from zhizhi.core.kernel.errors import Refused, told
from zhizhi.core.kernel.text import Text
from zhizhi.store.ids import ids
from zhizhi.store.keyring import KeyUnavailable
from zhizhi.store.leases.answers import kept_answer
from zhizhi.store.leases.candidates import Candidate
from zhizhi.store.leases.minting import HeldPerson, begin_campaign, one_commit, write_leases
from zhizhi.store.leases.wanted import Known, Wanted, load_known
from zhizhi.store.outbound.taking import Room, hold_numbers, note_leased, why_not
from zhizhi.store.outbound.words import FULL
from zhizhi.store.people.rows import mask_number
from zhizhi.store.transact.gate import Decided, LeaseTo, OtherLaw
from zhizhi.usecases.lease_decide import UNKNOWN_CALLER, LeaseTerms, decide_lease
from zhizhi.usecases.lease_words import lease_document, refusal_document, unknown_document
from zhizhi.usecases.outbound.needed import told as told_of_number
from zhizhi.usecases.propose_contact import wording_of
from zhizhi.usecases.refused import UseCaseRefused

LOG = logging.getLogger("zhizhi.leases")
SECONDS_MIN, SECONDS_MAX = 5, 120
PERSONS_MAX = 100
NUMBER_SCOPE = "lease.number"
TRIES_MAX = 5  # how often the house rules of a lender may change before a commit
CAMPAIGN_OVER = Text("该活动已结束，不再发放许可", "the campaign has ended; help: lease for another campaign")
Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LeasePermits(Wanted):
    """A system wants to ring some persons within the next seconds."""

    seconds: int
    purpose: str


@dataclass(frozen=True, slots=True)
class _Request:
    """A request that may be decided, and by place whom it named."""

    place: int
    command: LeasePermits
    terms: LeaseTerms
    campaign_id: int
    candidates: Mapping[int, Candidate]
    number_id: int | None

    def taken(self) -> set[object]:
        """What no second request of the same commit may have: its persons and its key."""
        key = (self.command.asked.token_id, self.command.asked.key)
        return {key, *(one.person_id for one in self.candidates.values())}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the law said to one person of a request, and the number as the token may see it."""

    decision: Decision
    decided: Decided
    number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A request of which everything is decided; `answers` of persons about whom the law was asked are still to come."""

    request: _Request
    answers: list[Answer]
    asked: Mapping[int, _Asked]


def lease_permits(command: LeasePermits, at: datetime) -> Answer:
    """Decide and lease; answers the document of the API, the same one to the same request.

    Refuses: a key of another request, an unknown script or caller, a campaign that ended, no outbound number where the
    lender keeps a register of them.
    """
    (answer,) = _together([command], at, waits=True)
    assert answer is not None, "whoever waits for the persons is answered"
    if isinstance(answer, Refused):
        raise answer
    return answer


def lease_together(commands: Sequence[LeasePermits], at: datetime) -> list[Answer | Refused | None]:
    """`lease_permits` of several requests in one commit, each with its own answer or refusal.

    None is to be asked alone: a person of it is held by somebody else, or stands in an earlier request as its key may,
    or something failed that is its own. What fails for all of them is raised, and nothing is written.
    """
    return _together(commands, at, waits=False)


def _together(commands: Sequence[LeasePermits], at: datetime, *, waits: bool) -> list[Answer | Refused | None]:
    for _ in range(TRIES_MAX - 1):
        with suppress(OtherLaw):  # a lender's house rules changed before the commit: everything is decided again
            return _once(commands, at, waits=waits)
    return _once(commands, at, waits=waits)


def _once(commands: Sequence[LeasePermits], at: datetime, *, waits: bool) -> list[Answer | Refused | None]:
    known = load_known(commands)
    answers: list[Answer | Refused | None] = [one.answer for one in known]
    requests: list[_Request] = []
    for place, answer in enumerate(answers):
        if answer is None:
            try:
                requests.append(_request(place, commands[place], known[place], at))
            except UseCaseRefused as refused:
                answers[place] = refused
    requests = list(_apart(requests))
    if requests:
        persons = {one.person_id for request in requests for one in request.candidates.values()}
        with one_commit(persons, at, waits=waits) as held:
            lines = _Lines(hold_numbers((one.number_id for one in requests if one.number_id is not None), at))
            prepared = list(_prepared(requests, held, lines, waits=waits))
            _commit(prepared, at)
        for one in prepared:
            answers[one.request.place] = {"leases": one.answers}
    return answers


def _request(place: int, command: LeasePermits, known: Known, at: datetime) -> _Request:
    """Refuses: an unknown script or caller, a campaign that ended, an outbound number that is not named or known."""
    template = wording_of(known.templates, command.script, "voice")
    assert template is not None, "a script is named"
    if known.collector is None:
        raise UseCaseRefused("unknown_caller", UNKNOWN_CALLER, "caller")
    why = why_not(known.number, command.goes_from)
    if why is not None:
        raise UseCaseRefused(why, told_of_number(why), "goes_from")
    campaign = known.campaign or begin_campaign(command.bearer, command.campaign, at)
    if campaign.is_over:
        raise UseCaseRefused("campaign_over", CAMPAIGN_OVER, "campaign")
    terms = LeaseTerms(command.bearer.token_id, known.collector, template, command.purpose, command.seconds, at)
    return _Request(place, command, terms, campaign.id, known.candidates, known.number.id)


def _apart(requests: Iterable[_Request]) -> Iterator[_Request]:
    """Those that share neither a person nor a key with an earlier one: a person is decided on once in a commit."""
    taken: set[object] = set()
    for request in requests:
        own = request.taken()
        if taken.isdisjoint(own):
            taken |= own
            yield request


class _Lines:
    """The outbound numbers that a commit holds, each with the calls that it has left."""

    def __init__(self, rooms: Mapping[int, Room]) -> None:
        self._rooms = rooms
        self._taken: Counter[int] = Counter()

    def why_not(self, number_id: int | None) -> str | None:
        """Why no call goes out from it; where one may, it is counted."""
        if number_id is None:
            return None
        room = self._rooms[number_id]
        if room.why is None and self._taken[number_id] < room.left:
            self._taken[number_id] += 1
            return None
        return room.why or FULL


def _prepared(
    requests: Iterable[_Request], held: Mapping[int, HeldPerson], lines: _Lines, *, waits: bool
) -> Iterator[_Prepared]:
    """The requests whose persons are held, decided."""
    for request in requests:
        if all(one.person_id in held for one in request.candidates.values()):
            try:
                yield _prepare(request, held, lines)
            except Exception as error:
                if waits:
                    raise
                # whatever it is, it is this request's own: it hears of it when it asks alone, the others go on
                LOG.warning("a request of a group is asked alone: %s", told(error))


def _prepare(request: _Request, held: Mapping[int, HeldPerson], lines: _Lines) -> _Prepared:
    in_clear = NUMBER_SCOPE in request.command.bearer.scopes
    answers: list[Answer] = []
    asked: dict[int, _Asked] = {}
    seen: set[int] = set()
    for place, _ in enumerate(request.command.persons):
        candidate = request.candidates.get(place)
        answers.append(_refusal(candidate, seen))
        if candidate is None or answers[place]:
            continue
        seen.add(candidate.person_id)
        falls = lines.why_not(request.number_id)
        if falls is not None:
            answers[place] = unknown_document(falls)
            continue
        person = held[candidate.person_id]
        try:
            number = candidate.number(person.data_key)
            shown = number if in_clear else mask_number(number)
            asked[place] = _Asked(*decide_lease(request.terms, candidate, person), shown)
        except (UseCaseRefused, KeyUnavailable) as refused:
            answers[place] = _unanswered(refused)
    return _Prepared(request, answers, asked)


def _refusal(candidate: Candidate | None, seen: set[int]) -> Answer:
    """Why nothing can be decided; empty where it can."""
    if candidate is None:
        return unknown_document("unknown_case")
    if candidate.person_id in seen:
        return unknown_document("named_twice")
    return unknown_document("no_number") if candidate.point_id is None else {}


def _unanswered(refused: UseCaseRefused | KeyUnavailable) -> Answer:
    return unknown_document("erased_person" if isinstance(refused, KeyUnavailable) else refused.code)


def _commit(prepared: Sequence[_Prepared], at: datetime) -> None:
    """Put every answer in its place, and commit what was decided with them: of persons that are held it is final."""
    decided: list[Decided] = []
    lines: list[tuple[int, int, int]] = []
    for one in prepared:
        for place, said in one.asked.items():
            lease = _lease(one.request, said.decided)
            decided.append(replace(said.decided, lease=lease))
            if lease is not None and one.request.number_id is not None:
                lines.append((said.decided.person_id, lease.id, one.request.number_id))
            one.answers[place] = _answer(said, lease, at)
    write_leases(decided, [kept_answer(one.request.command.asked, {"leases": one.answers}, at) for one in prepared])
    note_leased(lines, at)


def _lease(request: _Request, decided: Decided) -> LeaseTo | None:
    return LeaseTo(ids.take(), request.campaign_id, request.terms.token_id) if decided.terms else None


def _answer(said: _Asked, lease: LeaseTo | None, at: datetime) -> Answer:
    if lease is None:
        return refusal_document(said.decision)
    assert said.decided.terms is not None, "it was permitted"
    name = said.decided.person_id, lease.id
    return lease_document(name, said.decision, said.number, said.decided.terms.expires_at, at)
