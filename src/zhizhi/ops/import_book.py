"""`zhizhi import`: a file under a map, or a generated folder; refused rows back out; an import taken back."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from zhizhi.core.conduct.words import PROFILES
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.gateways.files.opening import open_table
from zhizhi.gateways.files.rejected import RejectedRows
from zhizhi.gateways.files.small_text import read_small_text
from zhizhi.gateways.files.table import Table, TableError, TableOptions
from zhizhi.store.imports.reads import iterate_refused, load_import, load_refused_header
from zhizhi.store.imports.rows import Counts, fail
from zhizhi.store.transact.staff import find_staff
from zhizhi.usecases.import_accounts import Workplace
from zhizhi.usecases.import_file import ImportFile, ImportReport, import_file
from zhizhi.usecases.import_workers import Workers
from zhizhi.usecases.intake.book_map import BookMap, read_map
from zhizhi.usecases.intake.demonstration import MAPS
from zhizhi.usecases.intake.guess import guess_map
from zhizhi.usecases.intake.kinds import Kind
from zhizhi.usecases.intake.limits import MAP_BYTES_MAX, SAMPLE_ROWS
from zhizhi.usecases.intake.problems import FileRefused, MapRefused
from zhizhi.usecases.intake.table_shape import check_no_address_book
from zhizhi.usecases.withdraw_import import WithdrawImport, withdraw_import
from zhizhi.usecases.zones import civil_day

START = "zhizhi.config.wiring:start"
"""What makes a worker process ready; a name, since settings lie above commands."""
MANIFEST = "manifest.json"
_DAY = click.DateTime(["%Y-%m-%d"])


@click.command("import")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--map", "map_path", type=click.Path(path_type=Path), help="映射文件 · the map (TOML)")
@click.option("--guess", is_flag=True, help="推测映射并打印，不导入 · print a proposed map, import nothing")
@click.option("--dry-run", is_flag=True, help="试运行，不保存 · check everything, store nothing")
@click.option(
    "--profile", type=click.Choice(PROFILES), help="声明新机构的规则配置 · declare the profile of a new lender"
)
@click.option("--synthetic-points", is_flag=True, help="补上明显虚构的联系方式 · add clearly synthetic contact points")
@click.option("--on", type=_DAY, help="导入日，默认今天 · the day of the import, today by default")
@click.option("--resend", type=int, help="修正后的拒收行所属的导入号 · the import whose refused rows come back mended")
@click.option("--encoding", type=click.Choice(["utf-8", "gb18030"]), help="编码，默认自动识别 · recognised by default")
@click.option("--refused", type=int, help="导出该导入的拒收行 · write the refused rows of this import")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="拒收行写到哪里 · where refused rows go")
@click.option("--withdraw", type=int, help="撤回该导入 · take this import back")
@click.option("--ground", default="", help="撤回依据 · the ground of the withdrawal")
@click.option("--by", metavar="LOGIN", help="由谁撤回：登录名 · who takes it back, by login")
def import_book(path: Path | None, **options: object) -> None:
    """导入账户、分期、还款等文件 · import a book: CSV (UTF-8, GB18030), XLSX or Parquet, or a generated folder."""
    try:
        _do(path, options)
    except (Refused, TableError) as refused:
        raise _failure(refused.text) from refused


def _do(path: Path | None, options: dict[str, object]) -> None:
    at = datetime.now(UTC)
    if isinstance(options["withdraw"], int):
        return _withdraw(options["withdraw"], str(options["ground"]), options["by"], at)
    if isinstance(options["refused"], int):
        return _write_refused(options["refused"], _given(options["out"], "-o"))
    path = _given(path, "FILE")
    on = options["on"].date() if isinstance(options["on"], datetime) else civil_day(at)
    if path.is_dir():
        return _import_folder(path, options, at)
    if options["guess"]:
        return _guess(path, options)
    map_path = _given(options["map_path"], "--map")
    book_map = read_map(read_small_text(map_path, MAP_BYTES_MAX, MapRefused), map_path.name)
    report = _import_one(path, book_map, on, at, options)
    _print_report(report, path.name, dry_run=bool(options["dry_run"]))
    return None


def _import_folder(folder: Path, options: dict[str, object], at: datetime) -> None:
    """A folder of `zhizhi generate`, in the order in which its files build on each other."""
    manifest = _read_manifest(folder)
    on = date.fromisoformat(str(manifest["on"]))
    # The book stands as it was before that day opened: money of the day itself is not in its amounts yet.
    as_of = on - timedelta(days=1)
    never = set(manifest.get("never_import", ()))
    total = Counts()
    left = []
    for kind in Kind:
        path = next((found for end in ("csv", "parquet") if (found := folder / f"{kind}.{end}").exists()), None)
        if path is None:
            continue
        report = _import_one(path, replace(read_map(MAPS[kind], f"{kind}.toml"), as_of=as_of), on, at, options)
        _print_report(report, path.name, dry_run=bool(options["dry_run"]))
        total = total + report.counts
    for name in manifest["files"]:
        if name not in set(Kind):
            left.append(name)
    _say(
        f"合计：{_summary(total).zh}；未导入：{', '.join(left) or '无'}"
        f"（其中不得导入：{', '.join(sorted(never)) or '无'}"
        f"）",
        f"in all: {_summary(total).en}; not imported: {', '.join(left) or 'none'} (never to be:"
        f" {', '.join(sorted(never)) or 'none'})",
    )


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    if not path.is_file():
        raise FileRefused(
            "a_folder",
            Text(
                f"`{folder.name}` 是文件夹，且没有 {MANIFEST}；请指定一个文件",
                f"`{folder.name}` is a folder without {MANIFEST}; help: name one file",
            ),
        )
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return manifest


def _import_one(path: Path, book_map: BookMap, on: date, at: datetime, options: dict[str, object]) -> ImportReport:
    resend = options["resend"]
    command = ImportFile(
        name=path.name,
        book_map=book_map,
        on=on,
        profile=options["profile"] if isinstance(options["profile"], str) else None,
        synthetic_points=bool(options["synthetic_points"]),
        resends_id=resend if isinstance(resend, int) else None,
        dry_run=bool(options["dry_run"]),
    )
    with _open(path, book_map, options) as table, _progress(path.name) as advance:
        before = _state_of(path)
        try:
            report = import_file(command, table, at=at, open_workers=_workers, progress=advance)
            if _state_of(path) != before:
                raise FileRefused("changed_while_read", _CHANGED_WHILE_READ)
        except (TableError, OSError, FileRefused) as error:
            refused = _unreadable(path, error) if isinstance(error, OSError) else error
            fail(table.fingerprint, command.map_digest, refused.text, refused.code)
            raise refused from error
        return report


def _state_of(path: Path) -> tuple[int, int] | None:
    """Size and time of last change; none for a file that is gone (what was open is still read to its end)."""
    try:
        known = path.stat()
    except FileNotFoundError:
        return None
    return known.st_size, known.st_mtime_ns


def _workers(workplace: Workplace) -> Workers:
    return Workers(workplace, START)


def _open(path: Path, book_map: BookMap, options: dict[str, object]) -> Table:
    encoding = options["encoding"] if isinstance(options["encoding"], str) else book_map.encoding
    if not path.exists():
        raise FileRefused("no_such_file", Text(f"没有文件 `{path.name}`", f"there is no file `{path.name}`"))
    try:
        return open_table(path, TableOptions(encoding=encoding, delimiter=book_map.delimiter, sheet=book_map.sheet))
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> FileRefused:
    return FileRefused(
        "unreadable",
        Text(
            f"文件 `{path.name}` 无法读取（{error.strerror}）；请检查权限与磁盘",
            f"the file `{path.name}` cannot be read ({error.strerror}); help: check its permissions and the disk",
        ),
    )


def _guess(path: Path, options: dict[str, object]) -> None:
    empty = BookMap(Kind.ACCOUNTS, ())
    with _open(path, empty, options) as table:
        first = next(table.chunks(SAMPLE_ROWS), None)
        samples = [["" if cell is None else str(cell) for cell in row] for row in first.rows] if first else []
        check_no_address_book(table.columns, samples)
        click.echo(guess_map(table.columns, samples), nl=False)


def _write_refused(file_id: int, out: Path) -> None:
    known = load_import(file_id, using="gate")
    if known is None:
        raise FileRefused("no_such_import", Text(f"没有导入 {file_id}", f"there is no import {file_id}"))
    written = 0
    with RejectedRows(out, load_refused_header(file_id)) as rows:
        for row in iterate_refused(file_id):
            zh, _, remedy_zh = row.reason.zh.partition("；")
            en, _, remedy_en = row.reason.en.partition("; help: ")
            reason, remedy = f"{zh} · {en}", f"{remedy_zh} · {remedy_en}" if remedy_zh or remedy_en else ""
            rows.write(row.row_number, row.cells, [(row.column, reason, remedy)])
            written += 1
    erased = known.counts.refused - written
    _say(
        f"已写出 {written} 行拒收行到 `{out.name}`（另有 {erased} 行已满 30 天删除）；修改后用 --resend {file_id}"
        f" 重新发送",
        f"wrote {written} refused rows to `{out.name}` ({erased} more were erased after 30 days); mend them and send"
        f" them"
        f" again with --resend {file_id}",
    )


def _withdraw(file_id: int, ground: str, login: object, at: datetime) -> None:
    if not isinstance(login, str):
        raise click.UsageError("缺少 --by · --by is missing")
    by = find_staff(login)
    if by is None:
        raise click.ClickException("没有这个登录名，或已停用\nnobody who works here has this login")
    done = withdraw_import(WithdrawImport(file_id, ground, by), at)
    _say(
        f"导入 {file_id} 已撤回：{done.debts} 笔债权冲销，{done.restored_debts} 笔恢复原值，{done.payments}"
        f" 笔还款冲正，"
        f"{done.cases} 个案件以 `withdrawn` 结案，其他 {done.others} 行；已发送的触达仍计数",
        f"import {file_id} was withdrawn: {done.debts} debts written back, {done.restored_debts} restored,"
        f" {done.payments} payments"
        f" reversed, {done.cases} cases closed as `withdrawn`, {done.others} other rows; what was sent stays counted",
    )


def _summary(counts: Counts) -> Text:
    return Text(
        f"{counts.rows} 行 = 接受 {counts.accepted}（新增 {counts.new} + 变更 {counts.changed} + 未变"
        f" {counts.unchanged}）"
        f" + 拒收 {counts.refused}",
        f"{counts.rows} rows = {counts.accepted} accepted ({counts.new} new + {counts.changed} changed +"
        f" {counts.unchanged}"
        f" unchanged) + {counts.refused} refused",
    )


def _print_report(report: ImportReport, name: str, *, dry_run: bool) -> None:
    said = _summary(report.counts)
    if report.was_known:
        _say(
            f"`{name}` 已导入过（导入 {report.file_id}），未做任何改动：{said.zh}",
            f"`{name}` was imported before (import {report.file_id}), nothing was changed: {said.en}",
        )
        return
    label = Text("试运行", "dry run") if dry_run else Text(f"导入 {report.file_id}", f"import {report.file_id}")
    resumed = (
        Text(f"，从第 {report.resumed_at} 行继续", f", resumed at row {report.resumed_at}")
        if report.resumed_at
        else Text("", "")
    )
    _say(f"{label.zh} `{name}`{resumed.zh}：{said.zh}", f"{label.en} `{name}`{resumed.en}: {said.en}")
    for one in report.reasons:
        _say(
            f"  第 {one.row_number} 行 {one.column}：{one.text.zh} [{one.code}]",
            f"  row {one.row_number} {one.column}: {one.text.en} [{one.code}]",
        )
    if report.counts.refused and not dry_run:
        _say(
            f"  拒收行：zhizhi import --refused {report.file_id} -o refused.csv",
            f"  refused rows: zhizhi import --refused {report.file_id} -o refused.csv",
        )


@contextmanager
def _progress(name: str) -> Iterator[Callable[[Counts], None]]:
    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(f"导入 · importing {name}", total=None)
        yield lambda counts: bar.update(task, completed=counts.rows)


def _given(value: object, what: str) -> Path:
    if not isinstance(value, Path):
        raise click.UsageError(f"缺少 {what} · {what} is missing")
    return value


def _say(zh: str, en: str) -> None:
    click.echo(zh)
    click.echo(en)


_CHANGED_WHILE_READ = Text(
    "文件在读取期间被改动或移走；已提交的行保留，请确认文件完整后重新导入（相同的行不会重复）",
    "the file was changed or taken away while it was read; committed rows stay, help: make sure the file is whole"
    " and import it"
    " again (rows that are the same change nothing)",
)


def _failure(text: Text) -> click.ClickException:
    return click.ClickException(f"{text.zh}\n{text.en}")
