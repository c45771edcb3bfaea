"""`law audit` on a generated log with planted breaches: recall and precision by kind, time beside the bare group-by.

    .venv/bin/python benchmarks/audit.py --rows 1000000

The bare group-by is what no audit can be cheaper than: DuckDB reads the same CSV and counts contacts by person, number
and day. Both run in one process tree on one machine, one after the other.
"""

import argparse
import json
import platform
import resource
import sys
import tempfile
import time
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from audit_log import LABELS, NOT_JUDGED, PROFILE, write_log

from zhizhi.gateways.contact_log.opening import open_log
from zhizhi.gateways.contact_log.spool import DiskSpool
from zhizhi.usecases.audit.facts import read_facts
from zhizhi.usecases.audit.findings import Finding
from zhizhi.usecases.audit.log_map import read_log_map
from zhizhi.usecases.audit.rows import LogReading
from zhizhi.usecases.audit.run import Outlets, run_audit
from zhizhi.usecases.audit.tally import Tally
from zhizhi.usecases.audit.workers import AuditPlace

GROUP_BY = """
SELECT count(*), max(n) FROM (
  SELECT "客户编号", "被叫号码", CAST("呼叫开始时间" AS DATE) AS day, count(*) AS n
  FROM read_csv(?, header = true, all_varchar = true) GROUP BY ALL
)
"""


def group_by(log: Path) -> float:
    """Seconds of the bare group-by."""
    began = time.perf_counter()
    with duckdb.connect() as database:
        database.execute(GROUP_BY, [str(log)]).fetchall()
    return time.perf_counter() - began


def audit(folder: Path, reading: str) -> tuple[Tally, list[Finding], float]:
    """The audit as the command makes it, its findings kept."""
    findings: list[Finding] = []
    began = time.perf_counter()
    log_map = read_log_map((folder / "map.toml").read_text(encoding="utf-8"))
    facts = read_facts(json.loads((folder / "facts.json").read_text(encoding="utf-8")), PROFILE, log_map.zone)
    place = AuditPlace(LogReading(log_map, datetime.now(UTC)), PROFILE, reading, facts, None)
    outlets = Outlets(findings.append, lambda *_: None, lambda *_: None)
    with open_log(folder / "log.csv") as table, DiskSpool() as spool:
        tally = run_audit(place, table, spool, outlets)
    return tally, findings, time.perf_counter() - began


def compare(planted: dict[int, str], findings: list[Finding]) -> tuple[dict[str, Counter[str]], Counter[str]]:
    """By kind: planted, found; and findings that no plant explains, by rule."""
    broke: dict[int, set[str]] = defaultdict(set)
    open_rows: set[int] = set()
    for finding in findings:
        if finding.verdict == "breach":
            broke[finding.row].add(finding.rule)
        else:
            open_rows.add(finding.row)
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    for row, kind in planted.items():
        kinds[kind]["planted"] += 1
        if kind in NOT_JUDGED:
            kinds[kind]["found"] += row in open_rows
        else:
            kinds[kind]["found"] += any(_label(rule) in LABELS[kind] for rule in broke.get(row, ()))
    false: Counter[str] = Counter()
    for row, rules in broke.items():
        allowed = LABELS.get(planted.get(row, ""), frozenset())
        false.update(f"{planted.get(row, '(ordinary)')}: {rule}" for rule in rules if _label(rule) not in allowed)
    false.update("(ordinary): cannot judge" for row in open_rows if planted.get(row) not in NOT_JUDGED)
    return kinds, false


def _label(rule: str) -> str:
    return rule.rpartition("/")[2]


def main() -> int:
    """Generate, group, audit, compare. Exits 1 where recall or precision is below 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--reading", choices=["strict", "text"], default="strict")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        written = write_log(folder, asked.rows)
        bare = group_by(folder / "log.csv")
        tally, findings, seconds = audit(folder, asked.reading)
    kinds, false = compare(written.planted, findings)
    planted = sum(kind["planted"] for kind in kinds.values())
    found = sum(kind["found"] for kind in kinds.values())
    breaches = sum(finding.verdict == "breach" for finding in findings)
    for kind, counted in sorted(kinds.items()):
        print(f"{kind:24} planted {counted['planted']:7,}  found {counted['found']:7,}")
    for what, number in false.most_common(20):
        print(f"no plant explains {number:,} × {what}")
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(f"rows {written.rows:,}, persons {written.persons:,}, judged {tally.contacts:,}, findings {breaches:,}")
    print(f"recall {found / planted:.6f} of {planted:,}; precision {1 - false.total() / max(1, len(findings)):.6f}")
    print(f"audit {seconds:.1f} s ({written.rows / seconds:,.0f} rows/s); bare group-by {bare:.2f} s")
    print(f"largest process {peak / 1024:,.0f} MB; Python {platform.python_version()}")
    return 0 if found == planted and not false else 1


if __name__ == "__main__":
    sys.exit(main())
