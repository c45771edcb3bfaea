"""The next contacts of the case screen: what is lawful now as buttons, what is not with its reason."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from zhizhi.core.conduct.words import OWING_ROLES
from zhizhi.core.kernel.text import Text
from zhizhi.store.people.reads import PartyRow
from zhizhi.store.templates.reads import WordingRow
from zhizhi.usecases.preview_contacts import PreviewedAction
from zhizhi.web.console.told import ToldDecision, tell, without_recipe

OWING = frozenset(OWING_ROLES)
KEYS = 9  # the actions that a digit of the keyboard reaches
NOT_CONNECTED = Text("渠道未接入", "this channel is not connected")


@dataclass(frozen=True, slots=True)
class Action:
    """One possible contact. `key` and `wordings` only where it is lawful now and its channel is connected."""

    channel: str
    verb: Text
    role: str
    name: str
    party_id: int
    point_id: int
    point: str
    told: ToldDecision
    key: int | None = None
    wordings: tuple[WordingRow, ...] = ()
    chosen: str = ""
    because: Text | None = None
    untrue: Text | None = None

    @property
    def is_third_party(self) -> bool:
        """Whether this would reach somebody who does not owe."""
        return self.role not in OWING


def arrange(
    previewed: Iterable[PreviewedAction], parties: Iterable[PartyRow], wordings: Iterable[WordingRow]
) -> tuple[list[Action], list[Action]]:
    """Lawful contacts, numbered for the keyboard; and the others, each with its reason."""
    names = {party.id: party.name for party in parties}
    points = {point.id: point.masked for party in parties for point in party.points}
    offered = list(wordings)
    open_ones: list[Action] = []
    shut: list[Action] = []
    for one in previewed:
        told = tell(one.decision.to_document())
        is_open = told.verdict == "permit" and one.is_connected and one.stopped is None
        number = len(open_ones) + 1
        action = Action(
            channel=one.channel,
            verb=one.verb,
            role=one.role,
            name=names.get(one.party_id, "*"),
            party_id=one.party_id,
            point_id=one.point_id,
            point=points.get(one.point_id, "*"),
            told=told if one.role in OWING else without_recipe(told),
            key=number if is_open and number <= KEYS else None,
            wordings=tuple(row for row in offered if row.channel == one.channel) if is_open else (),
            chosen=one.template_code or "",
            because=one.stopped if one.is_connected else NOT_CONNECTED,
            untrue=one.untrue if one.role in OWING else None,
        )
        (open_ones if is_open else shut).append(action)
    return open_ones, _one_line_a_reason(shut)


def _one_line_a_reason(shut: list[Action]) -> list[Action]:
    """What one rule says of several numbers of a party is said once; that a third person is not available, too."""
    lines: dict[tuple[object, ...], Action] = {}
    for action in shut:
        first = action.told.first
        where = () if action.is_third_party else (action.channel, first.rule if first else "", action.because)
        key = (action.party_id, action.told.verdict, *where)
        known = lines.get(key)
        lines[key] = replace(known, point=f"{known.point} · {action.point}") if known else action
    return list(lines.values())


def warnings_of(actions: Iterable[Action]) -> list[Text]:
    """What warns about several contacts is said once."""
    return list(dict.fromkeys(warning for action in actions for warning in action.told.warnings))


def is_third_party(facts: Mapping[str, Any]) -> bool:
    """Whether the contact of a case document would reach somebody who does not owe."""
    roles = {party["id"]: party["role"] for party in facts.get("parties", ())}
    return roles.get(facts.get("proposed", {}).get("party"), "debtor") not in OWING
