"""What people tell the office, and what the office writes down of it, with its own errors."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

from simulation.people import statement_of
from simulation.seeding import Staff
from simulation.world import NOT_ALLOWED, World
from zhizhi.usecases.record_note import RecordNote, record_note
from zhizhi.usecases.record_payment import RecordPayment, record_payment
from zhizhi.usecases.record_statement import RecordStatement, record_statement
from zhizhi.usecases.set_stop import LiftStop, SetStop, lift_stop, set_stop
from zhizhi.usecases.zones import civil_day

STOP_OF = {"hardship": "hardship", "dies": "deceased", "order": "no_contact_order"}
# What may come in between two steps of another process.
IN_BETWEEN = {
    "pays_part": 8, "pays_all": 2, "refuses_medium": 4, "complains": 2, "hardship": 1, "dies": 1, "represented": 1,
}  # fmt: skip
A_NUMBER = "回电 13800138000"
OPEN_CASE = "SELECT id FROM collection_case WHERE person_id = %s AND closed_on IS NULL"
IN_HANDS = """
SELECT c.id, s.id FROM collection_case c JOIN staff s ON s.id = c.collector_id
WHERE c.person_id = %s AND c.closed_on IS NULL AND s.is_active AND s.role = ANY (%s)
  AND c.agency_id IS NOT DISTINCT FROM s.agency_id ORDER BY c.id LIMIT 1
"""


OWN, ALL = ["collector"], ["collector", "agency_collector"]  # agencies book no payments


@dataclass
class Events:
    """Hears what happens and tells the product."""

    world: World
    staff: Staff
    payments: int = 0

    def hear(self, person: int, what: str) -> None:
        """One thing that happens to one person."""
        match what:
            case "pays_part" | "pays_all" | "pays_twice_noted" | "reference_misused":
                self.pay(person, what)
            case "hardship" | "dies" | "order":
                self.stop(person, what)
            case "stop_lifted":
                self.lift(person)
            case "third_refuses":
                self.third_refuses(person)
            case "promises" | "number_in_note":
                self.note(person, what)
            case _:
                self.say(person, what)

    def meanwhile(self) -> None:
        """Something that another process writes just now, mostly about somebody for whom something is under way."""
        busy = self.world.rows(
            "SELECT DISTINCT person_id FROM delivery WHERE state IN ('waiting', 'claimed') ORDER BY 1 LIMIT 50"
        ) or self.world.rows("SELECT person_id FROM collection_case WHERE closed_on IS NULL ORDER BY 1 LIMIT 50")
        if busy:
            self.something(self.world.random.choice(busy)[0])

    def something(self, person: int) -> None:
        """Whatever may happen to somebody just now."""
        random, only = self.world.random, self.world.plan.only
        may = {what: weight for what, weight in IN_BETWEEN.items() if not only or what in only}
        if may:
            self.hear(person, random.choices(list(may), list(may.values()))[0])

    def desk_of(self, person: int, roles: Sequence[str] = ALL) -> int:
        """Who writes down what concerns somebody: who has the case, else the supervisor."""
        in_hands = self.world.rows(IN_HANDS, person, roles)
        return in_hands[0][1] if in_hands else self.staff.supervisor

    def pay(self, person: int, what: str) -> None:
        """Money: a part, all of it, the same note twice, or one reference for two payments."""
        world, random = self.world, self.world.random
        debts = world.rows(
            "SELECT id, balance_minor FROM debt WHERE person_id = %s AND balance_minor > 0 ORDER BY id", person
        )
        if not debts:
            return
        chosen = debts if what == "pays_all" else [random.choice(debts)]
        for debt, balance in chosen:
            self.payments += 1
            amount = balance if what == "pays_all" else max(1, int(balance * random.choice((0.01, 0.3, 1.0, 1.2))))
            command = RecordPayment(
                person, debt, amount, civil_day(world.now), f"R{self.payments:07d}", "bank", self.desk_of(person, OWN)
            )
            is_known = self._post(command)
            if what == "pays_twice_noted":
                self._post(replace(command, by=self.desk_of(person, OWN)))
            if what == "reference_misused" and is_known:
                self._misuse(command)

    def _misuse(self, command: RecordPayment) -> None:
        """The reference of one payment for another; and a payment by somebody who may change nothing."""
        world, person, by = self.world, command.person_id, self.desk_of(command.person_id, OWN)
        other = replace(command, amount_minor=command.amount_minor + 1, by=by)
        world.must_refuse(
            person, "one reference for two payments", partial(record_payment, other, world.now), ("other_payment",), by
        )
        auditors = replace(command, reference=f"{command.reference}-A", by=self.staff.auditor)
        world.must_refuse(person, "an auditor's payment", partial(record_payment, auditors, world.now), (NOT_ALLOWED,))

    def _post(self, command: RecordPayment) -> bool:
        """Post it, and again where the process died: a bank's file comes again too. Whether it is surely there."""
        world, by = self.world, command.by
        assert by is not None, "somebody writes it down"
        for _ in range(3):
            done = world.tell(
                command.person_id,
                "payment",
                partial(record_payment, command, world.now),
                learned=lambda posted: {
                    "reference": command.reference,
                    "amount": command.amount_minor,
                    "applied": posted.applied_minor,
                    "surplus": posted.surplus_minor,
                    "repeated": posted.is_repeated,
                    "exit": posted.case_exit,
                },
                by=by,
            )
            if not done.died:
                break
        return done.went_well

    def stop(self, person: int, what: str) -> None:
        """The office stops: illness, death, an order."""
        world = self.world
        until = world.now + timedelta(days=world.random.choice((3, 30))) if what == "hardship" else None
        by = self.desk_of(person) if what == "hardship" else self.staff.supervisor
        command = SetStop(person, STOP_OF[what], None, "家属来电说明情况", until, by)
        facts = {"stop": STOP_OF[what], "until": until}
        world.tell(person, "stop", partial(set_stop, command, world.now), facts, by=by)

    def lift(self, person: int) -> None:
        """A stop ends by the word of a supervisor, not of a collector; death is not lifted."""
        world = self.world
        found = world.rows(
            "SELECT id, kind FROM stop WHERE person_id = %s AND lifted_at IS NULL AND kind <> 'deceased'"
            " AND (until_at IS NULL OR until_at > %s) ORDER BY id LIMIT 1", person, world.now,
        )  # fmt: skip
        for stop, kind in found:
            command = LiftStop(person, stop, "材料核实后恢复", self.staff.supervisor)
            collectors = replace(command, by=self.desk_of(person))
            if collectors.by != command.by:
                world.must_refuse(
                    person, "a collector's lift", partial(lift_stop, collectors, world.now), (NOT_ALLOWED,)
                )
            world.tell(person, "lifted", partial(lift_stop, command, world.now), {"stop": kind}, by=command.by)

    def say(self, person: int, what: str) -> None:
        """The debtor says something."""
        world = self.world
        debtors = world.rows(
            "SELECT id FROM party WHERE person_id = %s AND role = 'debtor' ORDER BY id LIMIT 1", person
        )
        if not debtors:
            return
        kind, body = statement_of(what, world.random)
        if kind in ("dispute", "claims_paid") and world.random.random() < 0.5:
            debts = world.rows("SELECT id FROM debt WHERE person_id = %s ORDER BY id LIMIT 1", person)
            body |= {"debt": f"d{debts[0][0]}"} if debts else {}
        by = self.desk_of(person)
        command = RecordStatement(person, debtors[0][0], kind, body, by)
        facts = {**body, "by": "debtor"}
        world.tell(person, kind, partial(record_statement, command, world.now), facts, by=by)

    def third_refuses(self, person: int) -> None:
        """A contact person wants no more of it."""
        world = self.world
        others = world.rows(
            "SELECT id FROM party WHERE person_id = %s AND role = 'contact' ORDER BY id LIMIT 1", person
        )
        for (party,) in others:
            by = self.desk_of(person)
            command = RecordStatement(person, party, "refuse_contact", {}, by)
            world.tell(person, "refuse_contact", partial(record_statement, command, world.now),
                       {"by": party}, by=by)  # fmt: skip

    def note(self, person: int, what: str) -> None:
        """A desk writes a note, with a promise; or one with a telephone number in it, or on another's case: refused."""
        world = self.world
        in_hands, cases = world.rows(IN_HANDS, person, ALL), world.rows(OPEN_CASE, person)
        if not cases:
            return
        case, by = in_hands[0] if in_hands else (cases[0][0], self.staff.supervisor)
        promise = (
            100 * world.random.randint(1, 500),
            civil_day(world.now) + timedelta(days=world.random.randint(0, 9)),
        )
        values: dict[str, Any] = {
            "person_id": person, "case_id": case, "action": "CALL_OUT", "outcome": "PROMISE",
            "overdue_reason": "CASH", "text": "客户说工资到账后还", "next_step": "CHECK_PROMISE",
            "next_step_at": world.now + timedelta(days=1), "contact_id": None, "promise": promise,
            "by": by,
        }  # fmt: skip
        if what == "number_in_note":
            command = RecordNote(**{**values, "text": A_NUMBER})
            world.must_refuse(
                person, "a number in a note", partial(record_note, command, world.now), ("number_in_text",), by
            )
            stranger = replace(command, by=self.staff.stranger)
            world.must_refuse(
                person, "a stranger's note", partial(record_note, stranger, world.now), ("number_in_text",), stranger.by
            )
            return
        world.tell(person, "promise", partial(record_note, RecordNote(**values), world.now),
                   {"amount": promise[0], "due_on": promise[1]}, by=by)  # fmt: skip
