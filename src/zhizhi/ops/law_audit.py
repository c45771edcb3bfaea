"""`zhizhi law audit`: a contact log read backwards. Needs no database and stores nothing but the report asked for."""

import json
import secrets
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table as Grid

from zhizhi.core.conduct.words import PROFILES
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.gateways.contact_log.opening import open_log
from zhizhi.gateways.contact_log.paper import PaperRefused, set_report
from zhizhi.gateways.contact_log.spool import DiskSpool
from zhizhi.gateways.files.rejected import RejectedRows
from zhizhi.gateways.files.sheet_file import SheetFile
from zhizhi.gateways.files.small_text import read_small_text
from zhizhi.gateways.files.table import TableError, TableOptions
from zhizhi.usecases.audit.facts import Facts, FactsRefused, read_facts
from zhizhi.usecases.audit.findings import HEADING, Finding
from zhizhi.usecases.audit.guess import guess_log_map
from zhizhi.usecases.audit.log_map import LogMap, read_log_map
from zhizhi.usecases.audit.report import report_document
from zhizhi.usecases.audit.rows import LogReading
from zhizhi.usecases.audit.run import JUDGING, Outlets, run_audit
from zhizhi.usecases.audit.tally import Tally
from zhizhi.usecases.audit.workers import AuditPlace
from zhizhi.usecases.intake.limits import MAP_BYTES_MAX, SAMPLE_ROWS
from zhizhi.usecases.intake.problems import FileRefused, MapRefused, Problem

FACTS_BYTES_MAX = 256 << 20
SHOWN_RULES = 30
_PATH = click.Path(path_type=Path)


@click.command("audit")
@click.argument("log", type=_PATH)
@click.option("--profile", type=click.Choice(PROFILES), help="按哪套规则审计 · the profile to judge by")
@click.option(
    "--reading", type=click.Choice(["strict", "text"]), default="strict", show_default=True, help="口径 · reading"
)
@click.option("--map", "map_path", type=_PATH, help="映射文件 · the map of the log (TOML)")
@click.option("--facts", type=_PATH, help="附表:意愿、状态、机构、人员 · side tables (JSON)")
@click.option("-o", "--out", type=_PATH, help="报告写入的文件夹 · folder for findings.csv, report.json, report.pdf")
@click.option("--guess", is_flag=True, help="推测映射并打印 · print a proposed map, judge nothing")
@click.option("--dry-run", is_flag=True, help="只检查每一行能否读懂 · only check that every row can be read")
@click.option(
    "--show-persons", is_flag=True, help="报告写明客户编号,默认隐去 · write persons as they are; hidden by default"
)
@click.option("--no-pdf", is_flag=True, help="不生成 PDF · make no PDF")
def audit_command(log: Path, profile: str | None, map_path: Path | None, **options: Any) -> None:
    """审计触达日志 · judge a log of contacts that have happened: call records, messages, visits (CSV, XLSX, JSON).

    Exits 0 where no contact broke a rule, 1 where one did, 2 where the log cannot be read.
    """
    at = datetime.now(UTC)
    try:
        if options["guess"]:
            return _guess(log)
        if profile is None or map_path is None:
            raise click.UsageError(
                "需要 --profile 与 --map;可先用 --guess · --profile and --map are needed; try --guess"
            )
        log_map = read_log_map(read_small_text(map_path, MAP_BYTES_MAX, MapRefused), map_path.name)
        facts = _facts(options["facts"], profile, log_map)
        key = None if options["show_persons"] else secrets.token_bytes(16)
        place = AuditPlace(LogReading(log_map, at), profile, options["reading"], facts, key)
        if options["dry_run"]:
            return _dry_run(log, place)
        tally = _audit(log, place, options["out"], at, with_pdf=not options["no_pdf"])
    except (Refused, TableError) as refused:
        click.echo(f"{refused.text.zh}\n{refused.text.en}", err=True)
        sys.exit(2)
    sys.exit(1 if tally.broke else 0)


def _audit(log: Path, place: AuditPlace, out: Path | None, at: datetime, *, with_pdf: bool) -> Tally:
    with ExitStack() as opened:
        outlets = _outlets(place, out, opened)
        with _open(log, place.reading_of_log.log_map) as table, DiskSpool() as spool:
            tally = run_audit(place, table, spool, outlets)
    document = report_document(place, tally, log.name, at)
    if out is not None:
        written = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
        (out / "report.json").write_text(written, encoding="utf-8")
        if with_pdf:
            _write_pdf(document, at, out / "report.pdf")
    _print(document, out)
    return tally


def _outlets(place: AuditPlace, out: Path | None, opened: ExitStack) -> Outlets:
    advance = opened.enter_context(_progress())
    if out is None:
        return Outlets(lambda _finding: None, lambda _row, _cells, _problem: None, advance)
    out.mkdir(parents=True, exist_ok=True)
    findings = opened.enter_context(SheetFile(out / "findings.csv", HEADING))
    rejected = opened.enter_context(RejectedRows(out / "rejected.csv", place.reading_of_log.log_map.columns))

    def keep(finding: Finding) -> None:
        findings.add(finding.to_line())

    def reject(row: int, cells: Sequence[str], problem: Problem) -> None:
        rejected.write(row, cells, [(problem.column, problem.text.zh, problem.text.en)])

    return Outlets(keep, reject, advance)


def _write_pdf(document: dict[str, Any], at: datetime, path: Path) -> None:
    try:
        octets = set_report(document, at)
    except PaperRefused as refused:
        click.echo(f"{refused.text.zh}\n{refused.text.en}", err=True)
        return
    path.touch(mode=0o600)
    path.write_bytes(octets)


def _dry_run(log: Path, place: AuditPlace) -> None:
    """Read every row and judge none: what is rejected, and why, by column and code."""
    from zhizhi.usecases.audit.check import check_rows

    with _open(log, place.reading_of_log.log_map) as table:
        checked = check_rows(table, place.reading_of_log)
    _say(f"可读 readable {checked.readable}, 不可读 rejected {checked.rejected}")
    for reason, number in checked.problems.most_common(SHOWN_RULES):
        column, text = reason
        rows = ", ".join(map(str, checked.rows[reason]))
        _say(f"  {number} × `{column}`: {text.zh} · {text.en} (行 rows {rows})")
    sys.exit(0 if checked.readable else 2)


def _guess(log: Path) -> None:
    with _opened(log, TableOptions()) as table:
        samples = [row[1] for row in islice(table.rows(), SAMPLE_ROWS) if isinstance(row, tuple)]
        cells = [["" if cell is None else str(cell) for cell in sample] for sample in samples]
        _say(guess_log_map(table.columns, cells).rstrip())


def _open(log: Path, log_map: LogMap) -> AbstractContextManager[Any]:
    return _opened(log, TableOptions(encoding=log_map.encoding, delimiter=log_map.delimiter, sheet=log_map.sheet))


@contextmanager
def _opened(log: Path, options: TableOptions) -> Iterator[Any]:
    if not log.is_file():
        raise FileRefused("no_file", Text(f"没有文件 `{log.name}`", f"there is no file `{log.name}`"))
    with open_log(log, options) as table:
        yield table


def _facts(path: Path | None, profile: str, log_map: LogMap) -> Facts:
    if path is None:
        return Facts()
    try:
        document = json.loads(read_small_text(path, FACTS_BYTES_MAX, MapRefused))
    except ValueError as error:
        raise FactsRefused("bad_facts", Text("附表不是 JSON", "the side tables are no JSON")) from error
    return read_facts(document, profile, log_map.debtor_zone or log_map.zone)


@contextmanager
def _progress() -> Iterator[Callable[[str, int], None]]:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        reading = progress.add_task("读入 read", total=None)
        judging = progress.add_task("判定 judged", total=None)
        yield lambda phase, rows: progress.update(judging if phase == JUDGING else reading, completed=rows)


def _print(document: dict[str, Any], out: Path | None) -> None:
    counts = document["counts"]
    _say(
        f"触达 contacts {counts['contacts']}, 违规 broke a rule {counts['broke']},"
        f" 缺事实 not judged {counts['unjudged']}, 未见违规 clean {counts['clean']},"
        f" 未读入 rejected {counts['rejected']}"
    )
    grid = Grid(box=None, pad_edge=False)
    for heading in ("次数 findings", "程度 severity", "可信度", "条款 article", "规则 rule"):
        grid.add_column(heading, justify="right" if heading.startswith("次数") else "left")
    for rule in document["rules"][:SHOWN_RULES]:
        grade = document["severities"][rule["severity"]]
        grid.add_row(str(rule["findings"]), grade["zh"], rule["confidence"], rule["cites"], rule["title"]["zh"])
    if document["rules"]:
        Console().print(grid)
    for one in document["not_judged"]["row"][:SHOWN_RULES]:
        _say(f"缺事实 missing: {one['text']['zh']} · {one['text']['en']}: {one['contacts']}")
    lacking = [one["text"]["zh"] for one in document["not_judged"]["log"]]
    if lacking:
        _say("整份日志都没有 nowhere in the log: " + "; ".join(lacking))
    if out is not None:
        _say(f"报告 report: {out / 'report.json'}")


def _say(text: str) -> None:
    """A line of UTF-8, whatever the terminal speaks."""
    click.echo(text.encode("utf-8", "backslashreplace"))
