"""The office of the simulation: a day's runs, the worker, the desks with their errors, and what people tell them."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any

from simulation.carrier import Notice
from simulation.people import STAFF_OFTEN, Answer, answer, happens
from simulation.seeding import LOCATE, Seeded
from simulation.truth import Dial, Told
from simulation.world import NOT_ALLOWED, SECOND, Desk, Done, World
from zhizhi.jobs.outbox import Outbox
from zhizhi.store.inbox.arrivals import Arrival, keep_arrivals
from zhizhi.store.keyring import person_seal
from zhizhi.store.people.rows import open_point
from zhizhi.store.transact.claims import give_up_lost_claims
from zhizhi.store.transact.sequencer import sequence
from zhizhi.usecases.propose_contact import ProposeContact, Proposed, propose_contact
from zhizhi.usecases.rule_hold import RuleHold, rule_hold
from zhizhi.usecases.run_day import RunDay, run_day
from zhizhi.usecases.settle_unknown import SettleUnknown, settle_unknown
from zhizhi.usecases.start_call import RecordOutcome, StartCall, record_outcome, start_call
from zhizhi.usecases.work_inbox import work_inbox
from zhizhi.usecases.zones import civil_day

_POINT_OF = """
SELECT o.id, o.sealed, p.data_key FROM permit m JOIN person p ON p.id = m.person_id
JOIN point o ON o.person_id = m.person_id AND o.id = m.point_id WHERE m.person_id = %s AND m.id = %s
"""
TICKS = ((7, 40), (8, 2), (9, 0), (10, 5), (11, 30), (12, 20), (14, 0), (16, 10), (18, 5), (19, 0), (20, 0), (20, 50),
         (21, 30), (21, 54), (22, 20), (23, 50))  # fmt: skip
ORDINARY_TICKS = ((7, 40), (8, 5), (9, 30), (12, 20), (16, 10), (19, 0), (20, 50), (21, 54))
WAITING_CALLS = """
SELECT d.person_id, d.permit_id, substr(n.by, 2)::bigint, m.point_id
FROM delivery d JOIN permit m ON m.person_id = d.person_id AND m.id = d.permit_id
JOIN decision n ON n.person_id = m.person_id AND n.id = m.decision_id
WHERE d.state = 'waiting' AND d.gateway = 'manual' AND m.expires_at > %s ORDER BY d.person_id, d.id
"""
DESKS = """
SELECT c.person_id, c.collector_id, t.id, p.id, p.kind, t.role FROM collection_case c
JOIN party t ON t.person_id = c.person_id JOIN point p ON p.person_id = t.person_id AND p.party_id = t.id
WHERE c.person_id = %s AND c.collector_id IS NOT NULL AND p.kind IN ('mobile', 'email', 'postal')
ORDER BY c.person_id, p.id
"""
AT_DESKS = """
SELECT DISTINCT c.person_id FROM collection_case c JOIN point p ON p.person_id = c.person_id
WHERE c.collector_id IS NOT NULL AND (c.closed_on IS NULL OR c.person_id %% 7 = 0)
  AND p.kind IN ('mobile', 'email', 'postal') ORDER BY 1
"""
CHANNEL_OF = {"mobile": ("voice", "voice", "sms"), "email": ("email",), "postal": ("letter",)}
CALLS_AGAIN_AND_AGAIN = 0.6
EAGER_SHARE, ORDINARY_SHARE = 12, 100  # of how many persons a desk wants more of one, on a day
TEMPLATE_OF = {"voice": "call-plan", "sms": "plan-sms", "email": "plan-email", "letter": "letter"}


@dataclass
class Office:
    """Everybody who works there."""

    world: World
    seeded: Seeded
    hear: Callable[[int, str], None]
    workers: int = 0
    pending: list[Any] = field(default_factory=list)
    asked: set[tuple[int, int]] = field(default_factory=set)

    def plan_day(self, day: int) -> None:
        """Put a day's work into the future, each tick a little off its hour."""
        world = self.world
        for hour, minute in ORDINARY_TICKS if world.plan.is_ordinary else TICKS:
            off = timedelta(seconds=world.random.randrange(240))
            world.at(world.on(day, time(hour, minute)) + off, self.tick)
        world.at(world.on(day, time(9, 30)), self.rule)
        world.at(world.on(day, time(17, 0)), self.settle)
        persons = self.persons()
        for person in persons * world.plan.pressure:
            what = happens(world.random, world.plan.only, 3 if world.plan.is_ordinary else 1)
            if what is not None:
                at = world.on(day, time(8)) + timedelta(seconds=world.random.randrange(15 * 3600))
                world.at(at, partial(self.hear, person, what))
        share = ORDINARY_SHARE if world.plan.is_ordinary else EAGER_SHARE
        for _ in range(max(2, len(persons) // share) * world.plan.pressure):
            at = world.on(day, time(7, 50)) + timedelta(seconds=world.random.randrange(14 * 3600))
            world.at(at, self.want_more)

    def persons(self) -> list[int]:
        """Everybody in the book."""
        return [row[0] for row in self.world.rows("SELECT id FROM person ORDER BY id")]

    def tick(self) -> None:
        """What a machine does every now and then: the day's run, the outbox, what came back, the numbering."""
        world = self.world
        for lender, _ in self.seeded.lenders:
            command = RunDay(lender, civil_day(world.now), "system")
            world.step("day", partial(run_day, command, world.now, lambda _: None, lambda *_: None))
        for person, permit, by, _ in world.rows(WAITING_CALLS, world.now):
            if (person, permit) not in self.asked and world.random.random() < 0.85:
                self.asked.add((person, permit))
                later = world.now + timedelta(seconds=world.random.randrange(700))
                world.at(later, partial(self.call, person, permit, by))
        delay = timedelta(seconds=world.random.choice((0, 20, 20, 240, 620)))
        world.at(world.now + delay, self.deliver)

    def deliver(self) -> None:
        """The worker's round."""
        world = self.world
        self.drain()
        self.receive()
        world.step("lost claims", partial(give_up_lost_claims, world.now))
        if world.random.random() < 0.3:
            world.step("sequencer", partial(sequence, world.now))

    def drain(self) -> Done:
        """One worker empties the outbox."""
        world = self.world
        self.workers += 1
        channels = {"sink": dict.fromkeys(("sms", "email", "letter"), world.carrier)}
        outbox = Outbox(channels, f"worker {self.workers}", monotonic=world.carrier.steady)
        limit = world.random.choice((2, 20, 500))
        at = world.now
        return world.step("outbox", lambda: outbox.drain(at, limit=limit))

    def receive(self) -> None:
        """Fetch what the provider tells, keep it, work on it."""
        world = self.world
        for source, fetched in self._polls():
            arrivals = [Arrival(notice.key, notice.body) for notice in fetched]
            cursor = fetched[-1].key
            done = world.step("keep notices", partial(keep_arrivals, source, arrivals, cursor, world.now))
            if done.died:
                world.carrier.notices += fetched  # they are asked for again
                continue
            for notice in fetched:
                world.truth.notice_keys.add((source, notice.key))
                if "state" in notice.body:
                    reported = world.truth.notices.setdefault(notice.body["provider_message_id"], set())
                    reported.add(notice.body["state"])
                if notice.said:
                    self.pending.append(notice)
        if world.step("inbox", partial(work_inbox, world.now)).went_well:
            for notice in self.pending:
                facts = {"channel": "sms", "by": "debtor"}
                told = Told(world.truth.next(), world.now, notice.person, notice.said, True, facts)
                world.truth.told.append(told)
            self.pending.clear()

    def _polls(self) -> Iterator[tuple[str, list[Notice]]]:
        """What is fetched in one go: of one source, few or many, now and then one twice."""
        due: dict[str, list[Notice]] = defaultdict(list)
        for notice in self.world.carrier.due_notices(self.world.now):
            due[notice.source].append(notice)
        for source, notices in due.items():
            while notices:
                few = self.world.random.choice((1, 5, 40))
                yield source, notices[:few]
                del notices[:few]

    def want_more(self) -> None:
        """A desk wants more contacts with one person than its strategy does, perhaps one after another."""
        world = self.world
        at_desks = world.rows(AT_DESKS)
        if not at_desks:
            return
        person = world.random.choice(at_desks)[0]
        mine = world.rows(DESKS, person)
        if world.random.random() < CALLS_AGAIN_AND_AGAIN:
            mine = [row for row in mine if row[4] == "mobile" and row[5] == "debtor"] or mine
            gaps, channels = (12, 20, 35), {**CHANNEL_OF, "mobile": ("voice",)}
        else:
            gaps, channels = (0, 1, 30), CHANNEL_OF
        at = world.now
        for _ in range(world.random.randint(1, 2 * STAFF_OFTEN)):
            _, by, party, point, kind, role = world.random.choice(mine)
            channel = world.random.choice(channels[kind])
            world.at(at, partial(self.propose, person, party, point, channel, role, by))
            at += timedelta(minutes=world.random.choice(gaps))

    def propose(self, person: int, party: int, point: int, channel: str, role: str, by: int) -> None:
        """A desk asks for a contact, and calls where it may."""
        world = self.world
        is_third = role != "debtor" and channel == "voice"
        purpose, template = ("locate", LOCATE) if is_third else ("collect", TEMPLATE_OF[channel])
        form = "interactive" if channel == "voice" else "notification"
        command = ProposeContact(person, party, point, channel, form, purpose, template, by)
        desk = Desk(person, by)
        done = world.step("propose", lambda: propose_contact(command, world.now), desk=desk)
        if not done.went_well or not isinstance(done.value, Proposed):
            return
        permit = done.value.permit_id
        if world.random.random() < 0.2:  # clicks twice
            again = world.step("propose again", lambda: propose_contact(command, world.now + SECOND), desk=desk)
            permit = again.value.permit_id if again.went_well else None
        if channel == "voice" and permit is not None:
            self.asked.add((person, permit))
            later = world.now + timedelta(seconds=world.random.choice((5, 5, 60, 60, 500, 900)))
            world.at(later, partial(self.call, person, permit, by))
        elif permit is not None and world.random.random() < 0.5:
            world.at(world.now + SECOND, self.deliver)

    def call(self, person: int, permit: int, by: int) -> None:
        """Click, ring, talk, and what the desk writes of it."""
        world, roll = self.world, self.world.random.random
        if roll() < 0.03:
            stranger = StartCall(person, permit, self.seeded.staff.stranger)
            if self.seeded.staff.stranger != by:
                world.must_refuse(
                    person, "another's call", lambda: start_call(stranger, world.now), ("not_yours", "no_open_call"),
                    stranger.by,
                )  # fmt: skip
        command, order = StartCall(person, permit, by), world.truth.next()
        done = world.step("start call", lambda: start_call(command, world.now), desk=Desk(person, by))
        if not done.went_well:
            return
        if roll() < 0.05:
            world.must_refuse(person, "call begun twice", lambda: start_call(command, world.now), ("no_open_call",), by)
        told = self._in_time(answer(world.random), done.value.must_end_by)
        talk = told.talk_seconds
        begun, rang = world.now, timedelta(seconds=told.ring_seconds)
        ended = begun + rang + timedelta(seconds=talk)
        number = done.value.number if done.value.masked is None else self._shown(person, permit)
        written = self._written(told)

        def finish() -> None:
            self._write_outcome(person, permit, by, told, written, talk)
            recorded = self._recorded(person, permit)
            world.truth.dials.append(
                Dial(order, begun, ended, person, permit, number, told.is_answered, talk, recorded)
            )  # fmt: skip

        world.at(ended + timedelta(seconds=world.random.choice((5, 60, 1200))), finish)

    def _shown(self, person: int, permit: int) -> str:
        """The number of a permit as somebody of an agency has it shown who dials by hand."""
        ((point, sealed, data_key),) = self.world.rows(_POINT_OF, person, permit)
        return open_point(person_seal(bytes(data_key)), bytes(sealed), point)

    def _in_time(self, told: Answer, must_end_by: datetime | None) -> Answer:
        """A desk hangs up in time, also where it still rings."""
        if must_end_by is None:
            return told
        left = int((must_end_by - self.world.now).total_seconds()) - 1
        if told.ring_seconds >= left:
            return Answer("no_answer", "no_answer", max(0, left), 0, False)
        return replace(told, talk_seconds=min(told.talk_seconds, left - told.ring_seconds))

    def _written(self, told: Answer) -> str | None:
        """What the desk will write: mostly the truth, now and then another outcome, or nothing."""
        roll = self.world.random.random()
        if roll < 0.03:
            return None
        if roll < 0.06:
            return "no_answer" if told.outcome == "conversation" else "busy"
        return told.outcome

    def _write_outcome(self, person: int, permit: int, by: int, told: Answer, written: str | None, talk: int) -> None:
        world = self.world
        if written is None:
            return
        if written == "conversation" and talk == 0:
            written = "answered_dropped"
        is_talk = written == "conversation"
        command = RecordOutcome(
            person,
            permit,
            written,
            told.ring_seconds,
            told.line_result,
            talk if is_talk else None,
            is_talk,
            is_talk,
            by,
        )
        for _ in range(3):
            done = world.step("record outcome", lambda: record_outcome(command, world.now))
            if not done.died:
                break
        if done.went_well and world.random.random() < 0.05:
            world.must_refuse(
                person, "outcome written twice", lambda: record_outcome(command, world.now), ("no_open_call",), by
            )

    def _recorded(self, person: int, permit: int) -> str | None:
        rows = self.world.rows("SELECT outcome FROM contact WHERE person_id = %s AND permit_id = %s", person, permit)
        return rows[0][0] if rows else None

    def rule(self) -> None:
        """Somebody rules on what waits for a person."""
        world = self.world
        open_holds = world.rows("SELECT person_id, id FROM hold WHERE state = 'open' ORDER BY opened_at, id LIMIT 40")
        for person, hold in open_holds:
            if world.random.random() > 0.3:
                continue
            release = world.random.random() < 0.3
            until = world.now + timedelta(days=2) if release else None
            channels = ("sms", "voice") if world.random.random() < 0.5 else ()
            by = self.seeded.staff.approver
            command = RuleHold(person, hold, release, "核实材料后裁定", until, channels, by)
            collectors = replace(command, by=self.seeded.staff.stranger)
            world.must_refuse(person, "a collector's ruling", partial(rule_hold, collectors, world.now), (NOT_ALLOWED,))
            world.tell(person, "hold_ruled", partial(rule_hold, command, world.now), by=by)

    def settle(self) -> None:
        """Somebody asks the carrier about what nobody knows, and writes down what the carrier's books say."""
        world = self.world
        left = {departure.key: departure for departure in world.truth.departures}
        dialled = {(one.person, one.permit) for one in world.truth.dials}
        dialled |= {(one.person, one.permit) for one in world.truth.rings}
        for person, delivery, permit, channel in world.rows(
            "SELECT d.person_id, d.id, d.permit_id, d.channel FROM delivery d WHERE d.state = 'unknown'"
            " OR (d.state = 'claimed' AND d.gateway = 'manual' AND d.claimed_at < %s) ORDER BY d.id",
            world.now - timedelta(hours=8),
        ):
            if world.random.random() < 0.4 and not world.is_quiet:
                continue
            has_left = f"{person}-{permit}" in left if channel != "voice" else (person, permit) in dialled
            outcome = None if not has_left or channel != "voice" else "answered_dropped"
            by = self.seeded.staff.approver
            command = SettleUnknown(person, delivery, has_left, outcome, "与渠道商对账单核对", by, f"BILL-{permit}")
            facts = {"permit": permit, "left": has_left}
            world.tell(person, "settled", partial(settle_unknown, command, world.now), facts, by=by)
