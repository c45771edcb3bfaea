"""Audit a log: rows in, put in order of persons and time, every contact judged, findings out. Nothing is stored."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Protocol

from zhizhi.core.conduct.audit.judge import Breach, Judge, Judged, Unjudged
from zhizhi.core.conduct.audit.story import Contact
from zhizhi.core.kernel.instants import zone_of
from zhizhi.core.law.evaluate import Effect
from zhizhi.core.law.law import Law
from zhizhi.usecases.audit.fact_words import fact_text
from zhizhi.usecases.audit.facts import Facts
from zhizhi.usecases.audit.findings import Finding
from zhizhi.usecases.audit.rows import LogReader, LogReading
from zhizhi.usecases.audit.tally import Tally
from zhizhi.usecases.intake.problems import Problem

CHUNK_CONTACTS = 4_000
CELLS_APART = "\x1f"

Ordered = tuple[str, int, int, str]
"""A row in order: person, instant in microseconds, row number, picked cells joined."""


class Spool(Protocol):
    """Rows laid down in any order and taken up by person and time; it may use the disk."""

    def add(self, rows: Sequence[Ordered]) -> None:
        """Lay rows down."""

    def ordered(self) -> Iterator[Sequence[Ordered]]:
        """Take all rows up: by person, then instant, then row."""


@dataclass(frozen=True, slots=True)
class AuditLog:
    """What is to be judged by what. `key` hashes persons in findings; None shows them as they are."""

    reading_of_log: LogReading
    law: Law
    reading: str
    facts: Facts = field(default_factory=Facts)
    key: bytes | None = None


@dataclass(slots=True)
class Worked:
    """What came of a chunk of persons."""

    tally: Tally
    findings: list[Finding]
    rejected: list[tuple[int, Problem]]


Chunk = list[Ordered]
Submit = Callable[[Chunk], "Future[Worked]"]


class Desk:
    """What one process needs to judge chunks."""

    def __init__(self, command: AuditLog) -> None:
        self._reader = LogReader(command.reading_of_log)
        knowledge = command.facts.adds_to(command.reading_of_log.knowledge)
        self._judge = Judge(command.law, command.reading, knowledge)
        self._facts, self._key = command.facts, command.key
        log_map = command.reading_of_log.log_map
        zone = command.law.zone or log_map.debtor_zone or log_map.zone
        self._zone = zone_of(zone)
        self._zones = tuple(dict.fromkeys(one for one in (log_map.debtor_zone, zone) if one))

    def work(self, chunk: Chunk) -> Worked:
        """Judge the rows of whole persons."""
        worked = Worked(Tally(), [], [])
        for person, rows in groupby(chunk, key=itemgetter(0)):
            contacts = self._contacts(rows, worked)
            worked.tally.persons += 1
            for judged in self._judge.judge(self._facts.story(person, contacts, self._zones)):
                worked.tally.add(judged, self._zone)
                worked.findings += self._findings(person, judged)
        worked.tally.rejected = len(worked.rejected)
        return worked

    def _contacts(self, rows: Iterable[Ordered], worked: Worked) -> list[Contact]:
        contacts = []
        for _, _, number, cells in rows:
            contact = self._reader.contact(cells.split(CELLS_APART), number)
            if isinstance(contact, Problem):
                worked.rejected.append((number, contact))
                continue
            contacts.append(contact)
            worked.tally.inbound += contact.event.direction == "in"
        return contacts

    def _findings(self, person: str, judged: Judged) -> Iterator[Finding]:
        if not judged.breaches and not judged.in_row:
            return
        who = person if self._key is None else hidden(person, self._key)
        for breach in judged.breaches:
            verdict = "breach" if breach.effect is Effect.FORBID else breach.effect.value
            yield self._finding(who, judged.contact, breach, verdict)
        if not judged.breaches:
            for lacking in judged.in_row:
                yield self._finding(who, judged.contact, lacking, "cannot_judge")

    def _finding(self, who: str, contact: Contact, said: Breach | Unjudged, verdict: str) -> Finding:
        rule = said.rule
        found = Finding(
            row=int(contact.row[1:]),
            at=f"{contact.proposed.at.astimezone(self._zone):%Y-%m-%d %H:%M:%S}",
            who=who,
            channel=contact.proposed.channel,
            collector=contact.worker,
            agency=contact.team,
            verdict=verdict,
            rule=rule.id if rule else "",
            cites=rule.cites if rule else "",
            confidence=rule.confidence if rule else "",
        )
        if isinstance(said, Unjudged):
            missing = [fact_text(fact) for fact in said.missing_kinds]
            zh, en = "、".join(one.zh for one in missing), "; ".join(one.en for one in missing)
            return replace(found, zh=f"缺少事实:{zh}", en=f"missing: {en}", counted=_rows_of(said))
        return replace(
            found,
            severity=said.severity,
            zh=said.explain.zh,
            en=said.explain.en,
            counted=" ".join(row[1:] for row in said.facts),
            rests_on=" ".join(sorted(said.rests_on)),
        )


def _rows_of(unjudged: Unjudged) -> str:
    """The rows that lack a fact: `events.r17.outcome` is row 17."""
    rows = [fact.split(".")[1] for fact in unjudged.missing if fact.startswith("events.r")]
    return " ".join(dict.fromkeys(row[1:] for row in rows))


def hidden(person: str, key: bytes) -> str:
    """A person as a report shows it: the same for all his contacts, and no way back without the key of the run."""
    return hashlib.blake2b(person.encode(), key=key, digest_size=6).hexdigest()


def lay_down(
    command: AuditLog, rows: Iterable[tuple[int, Sequence[str]]], spool: Spool
) -> Iterator[tuple[int, Problem]]:
    """Lay the rows of a log down in the spool; answers those that have no time or no person."""
    reader = LogReader(command.reading_of_log)
    batch: list[Ordered] = []
    for number, cells in rows:
        key = reader.key(cells)
        if isinstance(key, Problem):
            yield number, key
            continue
        batch.append((key.person, _micros(key.at), number, _joined(cells)))
        if len(batch) >= CHUNK_CONTACTS:
            spool.add(batch)
            batch = []
    if batch:
        spool.add(batch)


def _joined(cells: Sequence[str]) -> str:
    """The cells as one; what sets them apart is a blank within a cell."""
    joined = CELLS_APART.join(cells)
    if joined.count(CELLS_APART) == len(cells) - 1:
        return joined
    return CELLS_APART.join(cell.replace(CELLS_APART, " ") for cell in cells)


def chunks(spool: Spool, size: int = CHUNK_CONTACTS) -> Iterator[Chunk]:
    """Chunks of whole persons, about `size` rows each."""
    kept: Chunk = []
    for batch in spool.ordered():
        for row in batch:
            if len(kept) >= size and row[0] != kept[-1][0]:
                yield kept
                kept = []
            kept.append(row)
    if kept:
        yield kept


def work_all(spool: Spool, submit: Submit, ahead: int) -> Iterator[Worked]:
    """Every chunk worked, in order, so many at a time."""
    pending: list[Future[Worked]] = []
    for chunk in chunks(spool):
        pending.append(submit(chunk))
        if len(pending) > ahead:
            yield pending.pop(0).result()
    for future in pending:
        yield future.result()


def _micros(at: datetime) -> int:
    return int(at.timestamp()) * 1_000_000 + at.microsecond
