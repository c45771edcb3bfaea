"""Bring a contact log to be judged: the map is read at once, its author hears of a mistake; rows are a job's."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from zhizhi.core.kernel.text import Text
from zhizhi.store.audits.runs import BroughtLog, open_audit, queue_audit
from zhizhi.store.imports.uploads import UploadRefused, upload_path, write_upload
from zhizhi.store.lenders.rights import Right
from zhizhi.usecases.audit.facts import read_facts
from zhizhi.usecases.audit.log_map import read_log_map
from zhizhi.usecases.authority import require

SUFFIXES = (".csv", ".xlsx", ".parquet", ".json")
DEFAULT_ZONE = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class AskAudit:
    """A log, its map (empty: one is to be proposed), side tables, and by which law; `lender_id` as for an import."""

    name: str
    chunks: Iterable[bytes] = field(repr=False)
    map_body: str = field(repr=False)
    profile: str
    reading: str
    lender_id: int | None
    by: int
    facts: object = field(default=None, repr=False)
    facts_body: bytes = field(default=b"", repr=False)


def ask_audit(command: AskAudit, at: datetime) -> int:
    """Keep the log until the job has judged it; answers the run. Refuses: another format, a map or tables that fail."""
    require(command.by, Right.BRING_AUDIT, lender_id=command.lender_id)
    name = Path(command.name).name
    if Path(name).suffix.lower() not in SUFFIXES:
        text = Text("只接受 CSV、XLSX、Parquet 或 JSON 文件", "only CSV, XLSX, Parquet and JSON files are read")
        raise UploadRefused("bad_format", text)
    zone = DEFAULT_ZONE
    if command.map_body.strip():
        log_map = read_log_map(command.map_body)
        zone = log_map.debtor_zone or log_map.zone
    if command.facts is not None:
        read_facts(command.facts, command.profile, zone)
    brought = BroughtLog(command.lender_id, name, command.profile, command.reading, command.map_body, command.by)
    run_id = open_audit(brought, at)
    write_upload(log_path(run_id), command.chunks)
    if command.facts_body:
        write_upload(facts_path(run_id), [command.facts_body])
    queue_audit(run_id)
    return run_id


def log_path(run_id: int) -> Path:
    """Where the bytes of a log lie until it is judged."""
    return upload_path(run_id).with_name(f"audit-{run_id}")


def facts_path(run_id: int) -> Path:
    """Where its side tables lie."""
    return upload_path(run_id).with_name(f"audit-{run_id}.facts")
