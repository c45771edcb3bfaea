"""A year of a lawful floor: what was sent, who was called, when, by whom, with what result."""

from typing import NamedTuple

from zhizhi.gateways.generator import planted, talks
from zhizhi.gateways.generator.behaviour import Behaviour, CallOutcome
from zhizhi.gateways.generator.casework import FOR_EVER, Casework, instant
from zhizhi.gateways.generator.organisation import RINGS_ONCE, Organisation
from zhizhi.gateways.generator.seasons import iso
from zhizhi.gateways.generator.servicing import Accounts, Settlement

_GATE_HOURS = (9, 13, 18)  # three bands of the day, hours apart: what a claim of lost contact is built on
_BETWEEN_DIALS = 61
_LOCATE_AGAIN_DAYS = 14
_EMPTY_DIALS = 3
_REMIND_BEFORE = 2
_EVIDENCE = frozenset({"no_answer", "empty_number", "off", "suspended"})


class Arrears(NamedTuple):
    """One day in arrears: the age of the oldest, the day on which these are paid (0: not in sight), whose they are."""

    age: int
    end: int
    account: int


class Shift(NamedTuple):
    """One day of one person's arrears: its age, how many days until it is paid (-1: not in sight), who works it."""

    day: int
    age: int
    pays_in: int
    by: str
    agency: str


class Floor:
    """Works one person after the other; nothing is shared between persons."""

    def __init__(self, behaviour: Behaviour, organisation: Organisation, accounts: Accounts) -> None:
        """The floor of one organisation, one calibration and one book."""
        self._accounts = accounts
        self.behaviour = behaviour
        self.organisation = organisation
        self._parameters = behaviour.parameters

    def work(self, case: Casework, arrears: dict[int, Arrears], reminders: frozenset[int]) -> None:
        """The year of one person, day by day. `reminders`: due days of which the person is reminded beforehand."""
        self._life(case, arrears)
        days = sorted({*arrears, *reminders, *(due - _REMIND_BEFORE for due in reminders)})
        for day in days:
            owed = arrears.get(day)
            if owed is None:
                case.account = case.accounts[0]
                if not case.stopped(day):
                    self._remind(case, day, reminders)
                continue
            case.account = case.accounts[owed.account]
            if not case.stopped(day):
                placement = self.organisation.placement(case.account, owed.age)
                by = self.organisation.collector(case.account, owed.age, placement)
                pays_in = owed.end - day if owed.end else -1
                self._work_day(case, Shift(day, owed.age, pays_in, by, placement.agency if placement else ""))
            planted.call_beside_system(self, case, day, owed.age)

    def _remind(self, case: Casework, day: int, reminders: frozenset[int]) -> None:
        shift = Shift(day, 0, -1, "", "")
        if day in reminders:
            self.message(case, shift, "app", "REMIND-DUE-0", "remind")
        else:
            self.message(case, shift, "sms", "REMIND-DUE-2", "remind")

    def _life(self, case: Casework, arrears: dict[int, Arrears]) -> None:
        """What becomes known of the person in the year, and the plans of the accounts."""
        truth, dice, start = case.truth, case.dice, case.start
        if truth.deceased >= 0:
            case.stop("deceased", start + truth.deceased + dice.between(5, 20), FOR_EVER, "death_certificate")
        ill = start + truth.gravely_ill + dice.between(5, 30)
        if truth.gravely_ill >= 0 and ill in arrears:
            case.stop("hardship", ill, ill + 90, "medical_papers")
        represented = start + truth.represented
        if truth.represented >= 0 and represented in arrears:
            talks.say(case, represented, 10 * 60, "represented_by_attorney", {})
            case.stop("represented", represented, FOR_EVER, "letter_of_authority")
        for account in case.accounts:
            if account.plan:
                case.account = account
                case.stop("plan", account.plan.agreed, account.plan.broken or FOR_EVER, "agreed_plan")
                talks.record_plan(case, account.plan, Settlement(self._accounts, account).plan_each)

    def _work_day(self, case: Casework, shift: Shift) -> None:
        chances, days, dice = self._parameters.chances, self._parameters.day_lists, case.dice
        if case.locate_on and case.locate_on <= shift.day:
            case.locate_on = 0
            self.locate(case, shift)
            return
        if shift.age == 1:
            self.message(case, shift, "sms", "SERVICE-1", "collect")
        elif shift.age == 3:
            self.message(case, shift, "app", "SERVICE-3", "collect")
        elif shift.age in days["notice"]:
            if dice.happens(chances["cadence.robot_share"]) and "calls" not in case.refused:
                self.robot(case, shift)
            else:
                self.message(case, shift, "sms", "NOTICE-EARLY", "collect")
        elif shift.age > 10:
            threshold = next(share for first, share in reversed(self._parameters.call_sessions) if shift.age >= first)
            if shift.age in days["call_always"] or dice.happens(threshold):
                self.session(case, shift)
            elif shift.age % self._parameters.numbers["cadence.quarterly_message_days"] == 0 or (
                shift.age <= 90 and shift.age % 7 == 0
            ):
                self.message(case, shift, "sms", "NOTICE-LATER", "collect")
        if shift.age in days["letter"]:
            self._contact(
                case,
                shift,
                case.minute(),
                {"channel": "letter", "point": "a1", "template": "LETTER", "outcome": "sent"},
            )

    def _contact(self, case: Casework, shift: Shift, minute: int, values: dict[str, str | int]) -> str:
        return case.add(
            "contacts",
            "K",
            {
                "at": instant(shift.day, minute, case.dice.below(60)),
                "direction": "out",
                "party": "debtor",
                "form": "notification",
                "robot": "false",
                "purpose": "collect",
                "about_debt": "true",
                "by": shift.by or "SYSTEM",
                "agency_code": shift.agency,
                **values,
            },
        )

    def message(self, case: Casework, shift: Shift, channel: str, template: str, purpose: str) -> None:
        """One text message or app notice, unless the person refused the medium."""
        if channel in case.refused or not case.start <= shift.day < case.on:
            return
        sms = channel == "sms"
        lost = sms and case.truth.number_dead and case.truth.is_lost(max(shift.age, 1))
        minute = case.minute()
        sent = self._contact(
            case,
            shift._replace(by="SYSTEM", agency=""),
            minute,
            {
                "channel": channel,
                "point": "m1" if sms else "p1",
                "template": template,
                "purpose": purpose,
                "outcome": "undelivered" if lost else "delivered",
            },
        )
        if sms and not lost and "refuse_sms" in case.wishes and case.dice.below(3) == 0:
            talks.unsubscribe(case, shift.day, minute + 4, sent)

    def robot(self, case: Casework, shift: Shift) -> None:
        """A notice read by a robot: one dial."""
        told = self._dial(case, shift, minute := case.minute(), 0)
        self.voice(case, shift._replace(by="ROBOT", agency=""), minute, told, form="notification", robot="true")

    def _dial(self, case: Casework, shift: Shift, minute: int, attempts: int) -> CallOutcome:
        if case.dead_by(shift.day):
            return self.behaviour.unanswered(case.dice)
        soon = 1 if 0 < shift.pays_in <= 3 else 0
        festival = shift.day in self.behaviour.seasons.festival_days
        threshold = self.behaviour.answers(shift.age, minute // 60, attempts, festival=festival, pays_soon=soon)
        return self.behaviour.dial(case.dice, case.truth, shift.age, threshold, gone=case.reassigned_by(shift.day))

    def voice(
        self, case: Casework, shift: Shift, minute: int, told: CallOutcome, *, point: str = "m1", **values: str
    ) -> str:
        """Record one call to the debtor's own number, and what followed from it."""
        right = told.right_party
        key = self._contact(
            case,
            shift,
            minute,
            {
                "channel": "voice",
                "point": point,
                "form": "interactive",
                "outcome": told.outcome,
                "line_result": told.line_result,
                "ring_seconds": told.ring_seconds,
                "talk_seconds": told.talk_seconds,
                "exchanged": "true" if told.exchanged else "false",
                "right_party": "" if right is None else ("true" if right else "false"),
                **values,
                **({} if right else {"about_debt": "false"}),
            },
        )
        at = instant(shift.day, minute, case.dice.below(60))
        planted.record_carrier(self._parameters, case, told, agency=shift.agency, at=at)
        case.empty_dials = case.empty_dials + 1 if told.line_result == "empty_number" else 0
        if right is not None:
            talks.maybe_complain(self.behaviour, case, shift.day, key)
            case.talks.append(shift.day)
        if right is False:
            case.strangers += case.reassigned_by(shift.day)
            talks.stranger(case, shift.day, minute, key)
        return key

    def session(self, case: Casework, shift: Shift) -> None:
        """A collector works the person for a day: one to three dials, an hour apart, until somebody answers."""
        if "calls" in case.refused:
            return
        if shift.by == RINGS_ONCE and planted.ring_once(self, case, shift):
            return
        given_up = case.empty_dials >= _EMPTY_DIALS or "m1" in case.refused
        gate = shift.age >= 31 and case.failed_sessions >= 3 and shift.day - case.located_on >= _LOCATE_AGAIN_DAYS
        gate = gate and case.window[1] - case.window[0] > 600 and case.bad_span == (0, 0)
        dials = 3 if gate else self._parameters.dials_in_session.pick(case.dice.word())
        minute, evidence, told = case.minute(), 0, None
        for attempt in range(0 if given_up else dials):
            if gate:
                minute = _GATE_HOURS[attempt] * 60 + case.dice.below(50)
            elif attempt:
                minute += _BETWEEN_DIALS + case.dice.below(80)
            if not case.is_open(minute):
                break
            told = self._dial(case, shift, minute, attempt)
            key = self.voice(case, shift, minute, told)
            evidence += told.line_result in _EVIDENCE and (told.ring_seconds >= 25 or told.line_result != "no_answer")
            if told.right_party is not None:
                self._after_answer(case, shift, minute, told, key)
                return
        if case.person.mobile_2 and (case.failed_sessions or given_up) and self._second_number(case, shift, minute):
            return
        case.failed_sessions += 1
        if gate and (case.empty_dials >= _EMPTY_DIALS if given_up else evidence == dials):
            case.locate_on = shift.day + 1
        if told is not None:
            talks.note(case, shift, minute + 5, "", ("call_own", talks.unanswered_code(told), ""))

    def _second_number(self, case: Casework, shift: Shift, minute: int) -> bool:
        """The other number left with the lender, after the reserved one failed; True where the person answered."""
        minute += 20 + case.dice.below(30)
        if not case.is_open(minute):
            return False
        threshold = self.behaviour.answers(shift.age, minute // 60, 1, festival=False, pays_soon=0) // 2
        reachable = not case.truth.is_lost(shift.age) and not case.dead_by(shift.day)
        if not (reachable and case.dice.happens(threshold)):
            self.voice(case, shift, minute, self.behaviour.unanswered(case.dice), point="m2")
            return False
        told = CallOutcome("conversation", "answered", 12, case.dice.between(30, 200), exchanged=True, right_party=True)
        key = self.voice(case, shift, minute, told, point="m2")
        self._after_answer(case, shift, minute, told, key)
        return True

    def _after_answer(self, case: Casework, shift: Shift, minute: int, told: CallOutcome, key: str) -> None:
        if told.right_party:
            case.failed_sessions = case.locate_on = 0
            talks.right_party(self.behaviour, case, shift, minute, key)
            self._visit(case, shift)
        else:
            case.failed_sessions += 1
            talks.note(case, shift, minute + 3, key, ("call_own", "wrong_person", ""))

    def _visit(self, case: Casework, shift: Shift) -> None:
        """The visit that the person consented to in this talk, two visitors, in daylight."""
        agreed = [
            row
            for row in case.rows.get("statements", [])
            if row["kind"] == "consent_visit" and str(row["at"]) > iso(shift.day)
        ]
        day = shift.day + 4
        if not agreed or day >= case.on or case.stopped(day):
            return
        met = case.dice.below(10) < 6
        self._contact(
            case,
            shift._replace(day=day, by="V1+V2", agency=""),
            case.minute(),
            {
                "channel": "visit",
                "point": "a1",
                "form": "interactive",
                "outcome": "met" if met else "nobody_met",
                "exchanged": "true" if met else "false",
                "right_party": "true" if met else "",
            },
        )

    def locate(self, case: Casework, shift: Shift) -> None:
        """A call to one person whom the debtor named: asks to pass a message on, says nothing of the debt."""
        party = next((party for party in case.contact_parties if party not in case.refused), None)
        if party is None:
            return
        case.located_on = shift.day
        minute, dice, chances = case.minute(), case.dice, self._parameters.chances
        answered = dice.happens(chances["answers.contact_person_answers"])
        told = (
            CallOutcome(
                "conversation", "answered", dice.between(5, 20), dice.between(20, 90), exchanged=True, right_party=None
            )
            if answered
            else self.behaviour.unanswered(dice)
        )
        key = self._contact(
            case,
            shift,
            minute,
            {
                "channel": "voice",
                "party": party,
                "point": f"{party}-m1",
                "form": "interactive",
                "purpose": "locate",
                "outcome": told.outcome,
                "line_result": told.line_result,
                "ring_seconds": told.ring_seconds,
                "talk_seconds": told.talk_seconds,
                "exchanged": "true" if told.exchanged else "false",
                "about_debt": "false",
            },
        )
        talks.note(case, shift, minute + 3, key, ("call_contact", "message_left" if answered else "no_answer", ""))
        if answered and dice.happens(chances["answers.contact_person_refuses"]):
            case.refused.add(party)
            talks.say(case, shift.day, minute + 1, "refuse_contact", {"by": party, "contact_id": key})
