"""Reading: cases, persons, accounts and decisions, as row-level security shows them to the token."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from zhizhi.core.conduct.words import STATEMENT_KINDS
from zhizhi.core.kernel.masks import View
from zhizhi.store.api.reads import find_case_of_account, list_cases
from zhizhi.store.cases.reads import CaseHead, access_case, load_codes, search_cases
from zhizhi.store.contacts.reads import access_decision
from zhizhi.store.debts.reads import load_debts
from zhizhi.store.keyring import SearchKeys
from zhizhi.store.people.reads import PartyRow, load_parties
from zhizhi.store.templates.reads import load_wordings
from zhizhi.store.viewer import reading
from zhizhi.store.words import SERVICE_ROLE, STOPS
from zhizhi.usecases.see_person import see_person
from zhizhi.web.api import shown
from zhizhi.web.api.answered import Page, Reason, Texts
from zhizhi.web.api.fields import DEBT, PARTY, POINT, Line, OneOf, Shape, number_of
from zhizhi.web.api.operations import Call
from zhizhi.web.api.paging import Paged, page_of
from zhizhi.web.api.problems import NOT_THERE, Problem
from zhizhi.web.shared import vocabulary
from zhizhi.web.shared.clock import today

STAGES = tuple(code for code, _ in vocabulary.choices("stage"))
OWING = frozenset(("debtor", "co_borrower", "guarantor"))
NOT_AVAILABLE = Texts(zh="暂不可触达", en="not available")


class CasesAsked(Paged):
    """Which open cases."""

    stage: Annotated[str | None, OneOf("阶段", "stage", STAGES)] = None


class Sought(Shape):
    """What somebody reads off a letter: exact, never part of it. In the body, so that it stands in no address."""

    q: Annotated[str | None, Line("姓名、电话、证件号或案件编号", "name, telephone, identity or case number")] = None
    account: Annotated[str | None, Line("贷款账号", "the lender's account number")] = None


def not_there() -> Problem:
    """What is not there, and what is not this token's: nobody can tell which."""
    return Problem(404, "not_there", NOT_THERE)


def id_in(call: Call, name: str, letter: str = "") -> int:
    """An id that stands in the address. Refuses: what is none is not there."""
    number = number_of(call.named[name], letter)
    if number is None:
        raise not_there()
    return number


@contextmanager
def reading_case(call: Call) -> Iterator[CaseHead]:
    """The head of the case in the address, kept as seen, within a reading. Refuses: one this token does not see."""
    with reading(call.caller.viewer):
        head = access_case(call.named["case"])
        if head is None:
            raise not_there()
        see_person(head.person_id, call.caller.staff_id, SERVICE_ROLE, call.at)
        yield head


def case_of(call: Call) -> CaseHead:
    """The head of the case in the address. Refuses: one that this token does not see."""
    with reading_case(call) as head:
        return head


def cases_page(call: Call) -> Page[shown.Case]:
    """Open cases."""
    asked = call.asked(CasesAsked)
    after = asked.after("cases")
    with reading(call.caller.viewer):
        rows = list_cases(after, asked.limit, asked.stage)
    return page_of(rows, asked, "cases", lambda row: row.key, lambda row: shown.Case(**row.columns))


def find_cases(call: Call) -> shown.FoundCases:
    """Cases by what stands on a letter."""
    sought, caller = call.sent(Sought), call.caller
    with reading(caller.viewer):
        found = search_cases(caller.viewer, sought.q, [caller.lender_id], call.at) if sought.q else []
        numbers = [row.number for row in found]
        if sought.account is not None:
            key = SearchKeys(caller.lender_id).identity("account", sought.account)
            of_account = find_case_of_account(key, caller.lender_id, caller.staff_id, call.at)
            numbers += [of_account] if of_account is not None else []
    return shown.FoundCases(cases=list(dict.fromkeys(numbers)))


def whole_case(call: Call) -> shown.WholeCase:
    """One case."""
    head = case_of(call)
    return shown.WholeCase(
        case=head.number,
        lender=head.lender_name,
        agency=head.agency_name,
        name=head.name,
        phone=head.phone,
        product=head.product,
        stage=head.stage,
        stop=head.stop,
        days_past_due=head.days_past_due,
        balance_minor=head.balance_minor,
        currency=head.currency,
        opened_on=head.opened_on,
        closed_on=head.closed_on,
        exit=head.exit,
        next_step=head.next_step,
        next_step_at=head.next_step_at,
        aged_on=head.aged_on,
    )


def parties(call: Call) -> shown.Parties:
    """Everybody of a case with their points, masked."""
    with reading_case(call) as head:
        known = load_parties(head.person_id, head.seal, View.API)
    return shown.Parties(parties=[_party(party) for party in known])


def _party(party: PartyRow) -> shown.Party:
    return shown.Party(
        party=f"{PARTY}{party.id}",
        role=party.role,
        name=party.name,
        relation=party.relation,
        points=[
            shown.Point(
                point=f"{POINT}{point.id}",
                kind=point.kind,
                masked=point.masked,
                source=point.source,
                place=point.place,
                is_reserved=point.is_reserved,
                invalid_since=point.invalid_since,
            )
            for point in party.points
        ],
    )


def accounts(call: Call) -> shown.Accounts:
    """The debts of a case."""
    with reading_case(call) as head:
        debts = load_debts(head.person_id, head.seal, View.API)
    day = today(call.at)
    return shown.Accounts(
        accounts=[
            shown.Account(
                debt=f"{DEBT}{debt.id}",
                account=debt.account,
                product=debt.product,
                currency=debt.currency,
                state=debt.state,
                oldest_unpaid_due_on=debt.oldest_unpaid_due_on,
                days_past_due=debt.days_past_due(day),
                balance_minor=debt.balance_minor,
                components_minor=dict(debt.components),
                as_of_on=debt.as_of_on,
            )
            for debt in debts
        ]
    )


def whole_decision(call: Call) -> shown.WholeDecision:
    """One stored decision; of a third person an agency is told the verdict and its article, never a recipe."""
    decision_id = id_in(call, "decision")
    with reading_case(call) as head:
        found = access_decision(head.person_id, decision_id)
    if found is None:
        raise not_there()
    roles = {party["id"]: party["role"] for party in found.facts.get("parties", ())}
    reached = roles.get(found.facts.get("proposed", {}).get("party"), "debtor")
    told = tell_decision(found.body, reached, call)
    return shown.WholeDecision(decision=str(found.id), at=found.at, channel=found.channel, **dict(told))


def tell_decision(body: dict[str, Any], role: str, call: Call) -> shown.ToldDecision:
    """A decision about a party of a role, as this token may know it."""
    is_whole = role in OWING or call.caller.agency_id is None
    return shown.ToldDecision(
        is_whole=is_whole,
        verdict=body["verdict"],
        next_permitted_at=body.get("next_permitted_at") if is_whole else None,
        must_end_by=body.get("must_end_by"),
        reasons=[
            Reason(
                rule=reason["rule"],
                cites=reason.get("cites") or "",
                explain=Texts(**reason["explain"]) if is_whole else NOT_AVAILABLE,
            )
            for reason in (body["reasons"] if is_whole else body["reasons"][:1])
        ],
        document=body if is_whole else None,
    )


def words(call: Call) -> shown.Words:
    """What requests may name."""
    with reading(call.caller.viewer):
        codes, wordings = load_codes(), load_wordings(call.caller.lender_id)
    return shown.Words(
        codes=[shown.Code(list=code.list, code=code.code, zh=code.text.zh, en=code.text.en) for code in codes],
        wordings=[shown.Wording(code=one.code, name=one.name, channel=one.channel, kind=one.kind) for one in wordings],
        statements=list(STATEMENT_KINDS),
        stops=list(STOPS),
    )
