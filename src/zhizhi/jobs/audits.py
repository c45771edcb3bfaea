"""Contact logs that the console was given, judged one after another. The log is deleted when it is judged."""

import json
import secrets
from collections.abc import Callable
from datetime import datetime
from itertools import islice
from pathlib import Path

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.sheets import ENCODING
from zhizhi.core.kernel.text import Text
from zhizhi.core.law.pack import Pack
from zhizhi.gateways.contact_log.opening import open_log
from zhizhi.gateways.contact_log.paper import PaperRefused, set_report
from zhizhi.gateways.contact_log.spool import DiskSpool
from zhizhi.gateways.files.table import TableOptions
from zhizhi.jobs.long_job import LongJob, open_upload, work_oldest
from zhizhi.store.audits.runs import AuditRow, advance_audit, claim_audit, fail_audit, finish_audit, give_audit_back
from zhizhi.store.law.houses import packs_over_time
from zhizhi.store.law.releases import NotKept
from zhizhi.usecases.audit.facts import Facts, read_facts
from zhizhi.usecases.audit.findings import HEADING, Finding
from zhizhi.usecases.audit.guess import guess_log_map
from zhizhi.usecases.audit.log_map import read_log_map
from zhizhi.usecases.audit.report import report_document
from zhizhi.usecases.audit.rows import LogReading
from zhizhi.usecases.audit.run import Outlets, run_audit
from zhizhi.usecases.audit.workers import AuditPlace
from zhizhi.usecases.intake.limits import SAMPLE_ROWS

FINDINGS_MAX = 200_000
"""Findings that a run keeps; counts are of all, and the command writes all."""


def work_waiting_audit(uploads: Path, at: datetime, beat: Callable[[], None] = lambda: None) -> bool:
    """Judge the oldest log that waits. Answers whether there was one. A failure is kept with the run."""

    def log_of(run: AuditRow) -> tuple[Path, Path]:
        return uploads / f"audit-{run.id}", uploads / f"audit-{run.id}.facts"

    def work(run: AuditRow, at: datetime) -> None:
        _judge(run, *log_of(run), at, beat)
        erase(run)

    def fail(run: AuditRow, _code: str, text: Text, at: datetime) -> None:
        fail_audit(run.id, text, at)
        erase(run)

    def erase(run: AuditRow) -> None:
        for path in log_of(run):
            path.unlink(missing_ok=True)

    return work_oldest(LongJob("audit", claim_audit, work, fail, give_audit_back), at)


def _judge(run: AuditRow, log: Path, facts: Path, at: datetime, beat: Callable[[], None]) -> None:
    if not run.map_body.strip():
        raise _proposed_map(log)
    log_map = read_log_map(run.map_body)
    tables = Facts()
    if facts.exists():
        tables = read_facts(json.loads(facts.read_bytes()), run.profile, log_map.debtor_zone or log_map.zone)
    houses = _houses(run)
    place = AuditPlace(LogReading(log_map, at), run.profile, run.reading, tables, secrets.token_bytes(16), houses)
    kept = _Findings()

    def advance(_phase: str, rows: int) -> None:
        advance_audit(run.id, rows)
        beat()

    outlets = Outlets(kept.add, lambda *_: None, advance)
    options = TableOptions(encoding=log_map.encoding, delimiter=log_map.delimiter, sheet=log_map.sheet)
    with open_upload(open_log, log, options) as table, DiskSpool() as spool:
        tally = run_audit(place, table, spool, outlets)
    document = report_document(place, tally, run.name, at) | {"findings_kept": kept.count}
    finish_audit(run.id, document, kept.octets(), _paper(document, at), at)


def _houses(run: AuditRow) -> tuple[Pack, ...]:
    """The lender's own packs of then. Refuses: one that cannot be read back, since nothing would be judged by it."""
    try:
        return () if run.lender_id is None else packs_over_time(run.lender_id, run.profile)
    except NotKept as missing:
        raise Refused("house_pack", Text(
            f"机构内部规则包 {str(missing)[:16]} 缺失或字节已变；请先再次启用同一规则包",
            f"house pack {str(missing)[:16]} is missing or altered; help: activate the same pack again first",
        )) from missing  # fmt: skip


def _paper(document: dict[str, object], at: datetime) -> bytes | None:
    """The PDF; a run without one is still a run."""
    try:
        return set_report(document, at)
    except PaperRefused:
        return None


class MapProposed(Refused):
    """No map was brought: one is proposed, to be read and sent with the log."""


def _proposed_map(log: Path) -> MapProposed:
    with open_upload(open_log, log) as table:
        samples = [row[1] for row in islice(table.rows(), SAMPLE_ROWS) if isinstance(row, tuple)]
        cells = [["" if cell is None else str(cell) for cell in sample] for sample in samples]
        proposed = guess_log_map(table.columns, cells)
    text = Text(
        f"没有映射;请核对下面推测的映射,存为 map.toml 后与日志一起重新上传。\n{proposed}",
        f"there is no map; read the proposed one below, save it as map.toml and bring it with the log.\n{proposed}",
    )
    return MapProposed("map_proposed", text)


class _Findings:
    """Findings as CSV in memory, at most so many."""

    def __init__(self) -> None:
        self._lines = [HEADING]

    @property
    def count(self) -> int:
        """How many are kept."""
        return len(self._lines) - 1

    def add(self, finding: Finding) -> None:
        """One finding, while there is room."""
        if self.count < FINDINGS_MAX:
            self._lines.append(finding.to_line())

    def octets(self) -> bytes:
        """The CSV."""
        return "".join(self._lines).encode(ENCODING)
