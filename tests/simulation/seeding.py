"""A seeded book as `make run` loads it, with staff, wordings and a strategy that asks for much."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

from simulation.place import Place
from simulation.truth import Truth, Upload
from zhizhi.gateways.files.opening import open_table
from zhizhi.gateways.files.table import TableOptions
from zhizhi.gateways.generator.book import Book
from zhizhi.gateways.generator.writing import write_book
from zhizhi.store.law.releases import keep_releases
from zhizhi.store.lenders.models import Staff as StaffMember
from zhizhi.store.strategy.working import load_lenders
from zhizhi.store.transact.staff import ensure_demonstration_staff, find_staff
from zhizhi.usecases.defaults import AddDefaults, add_defaults
from zhizhi.usecases.import_file import ImportFile, ImportReport, import_file
from zhizhi.usecases.intake.book_map import read_map
from zhizhi.usecases.intake.demonstration import MAPS
from zhizhi.usecases.intake.kinds import Kind
from zhizhi.usecases.strategies import ActivateStrategy, DraftStrategy, activate_strategy, draft_strategy
from zhizhi.usecases.templates import ApproveTemplate, DraftTemplate, approve_template, draft_template

ACCOUNTS_A_PERSON = 12 / 11  # every twelfth account belongs to the person of the account before it
BOOK = "book"
LOCATE = "locate-call"  # a script for those who owe nothing: it tells of no debt


@dataclass(frozen=True, slots=True)
class Staff:
    """Those of a rank; what is done for one person, whoever has the case does. They work for every lender.

    `supervisor` drafts, imports, sends to many, sets and lifts stops; `approver` (compliance) has the second word,
    rules and settles; `stranger` is a collector whose case it mostly is not; `auditor` may change nothing.
    """

    supervisor: int
    approver: int
    stranger: int
    auditor: int


@dataclass(frozen=True, slots=True)
class Seeded:
    """A book that is in."""

    lenders: Sequence[tuple[int, str]]
    staff: Staff
    uploads: Sequence[Upload]


def seed_book(
    place: Place, truth: Truth, random: Random, persons: int, at: datetime, *, is_ordinary: bool = False
) -> Seeded:
    """Generate a book, import it, and give its lenders what a lender begins with."""
    on = truth.begins_on
    folder = place.folder / BOOK
    write_book(Book(random.randrange(1 << 32), on), folder, max(3, round(persons * ACCOUNTS_A_PERSON)))
    for kind in Kind:
        path = folder / f"{kind}.csv"
        if path.exists() and len(path.read_text(encoding="utf-8").splitlines()) > 1:
            bring_in(path, kind, on, on - timedelta(days=1), at, truth)
    keep_releases(at)
    ensure_demonstration_staff("a password nobody types", on)
    staff = Staff(_staff("strategy"), _staff("compliance"), _staff("zhaoyun"), _staff("auditor"))
    add_defaults(AddDefaults(staff.supervisor, staff.approver), at)
    lenders = [(lender, code) for lender, code, _ in load_lenders()]
    wishes = ordinary_strategy if is_ordinary else strategy_of
    for lender, code in lenders:
        _add_script(lender, staff, at)
        _add_caller(lender, code, on)
        version = draft_strategy(DraftStrategy(lender, wishes(random), staff.supervisor), at)
        activate_strategy(ActivateStrategy(version, staff.approver), at)
    return Seeded(lenders, staff, tuple(truth.uploads))


def bring_in(path: Path, kind: Kind, on: date, as_of: date, at: datetime, truth: Truth) -> ImportReport:
    """Import one file, and note how many rows it has."""
    book_map = replace(read_map(MAPS[kind], f"{kind}.toml"), as_of=as_of)
    rows = len(path.read_text(encoding="utf-8").splitlines()) - 1
    options = TableOptions(encoding=book_map.encoding, delimiter=book_map.delimiter, sheet=book_map.sheet)
    with open_table(path, options) as table:
        report = import_file(ImportFile(name=path.name, book_map=book_map, on=on), table, at=at)
    truth.uploads.append(Upload(truth.next(), path.name, rows, report.file_id))
    return report


def _staff(login: str) -> int:
    found = find_staff(login)
    assert found is not None, f"the demonstration has a {login}"
    return found


def caller_of(lender: str) -> str:
    """The login of whoever speaks for a lender's dialler."""
    return f"line-{lender.lower()}"


def _add_caller(lender: int, code: str, on: date) -> None:
    login = caller_of(code)
    StaffMember.objects.using("gate").create(
        login=login, name="外呼坐席", role="collector", lender_id=lender, trained_on=on - timedelta(days=30),
        certified_until=on + timedelta(days=300), is_synthetic=True,
    )  # fmt: skip


def _add_script(lender: int, staff: Staff, at: datetime) -> None:
    new = DraftTemplate(
        lender_id=lender, code=LOCATE, channel="voice", kind="service", name="联系转告话术", subject="",
        body="您好，这里是{lender}。想请您转告我们要找的人回电官方客服。", variables=("lender",), marks=(),
        discloses_debt=False, provider_template="locate-1", by=staff.supervisor,
    )  # fmt: skip
    approve_template(ApproveTemplate(draft_template(new, at), True, staff.approver), at)


def strategy_of(random: Random) -> str:
    """A strategy that wishes for more than the law permits: calls daily, messages on most days, some near the night."""
    hours = random.choice((("08:00", "12:00"), ("10:00", "19:00"), ("20:00", "22:00")))
    late = random.choice((("18:00", "20:30"), ("20:30", "22:00"), ("07:00", "09:00")))
    steps = [
        _step("remind", -3, 0, 1, "sms", "remind-sms", "remind", "notification", hours),
        _step("early", 1, 20, random.choice((1, 2)), "sms", "plan-sms", "collect", "notification", hours),
        _step("call", 1, 400, random.choice((1, 2)), "voice", "call-plan", "collect", "interactive", late),
        _step("again", 5, 400, random.choice((1, 3)), "voice", "call-plan", "collect", "interactive", hours),
        _step("later", 21, 400, random.choice((2, 3)), "sms", "notice-sms", "collect", "notification", late),
        _step("mail", 10, 400, random.choice((2, 5)), "email", "plan-email", "collect", "notification", hours),
        _step("letter", 15, 400, random.choice((3, 8)), "letter", "letter", "collect", "notification", hours),
    ]
    return _strategy(steps)


def ordinary_strategy(random: Random) -> str:
    """What a house asks for that does not try what it may: a call and a message a week, some at the edges
    of the day."""
    hours = random.choice((("08:00", "12:00"), ("10:00", "19:00")))
    late = random.choice((("18:00", "20:30"), ("20:30", "22:00"), ("07:00", "09:00")))
    steps = [
        _step("remind", -3, 0, 3, "sms", "remind-sms", "remind", "notification", hours),
        _step("early", 1, 20, 7, "sms", "plan-sms", "collect", "notification", hours),
        _step("call", 1, 400, random.choice((5, 7)), "voice", "call-plan", "collect", "interactive", late),
        _step("again", 5, 400, 10, "voice", "call-plan", "collect", "interactive", hours),
        _step("later", 21, 400, random.choice((7, 10)), "sms", "notice-sms", "collect", "notification", late),
        _step("mail", 10, 400, 14, "email", "plan-email", "collect", "notification", hours),
        _step("letter", 15, 400, 30, "letter", "letter", "collect", "notification", hours),
    ]
    return _strategy(steps)


def _strategy(steps: Sequence[str]) -> str:
    head = (
        'code = "S"\nname = { zh = "模拟", en = "Simulation" }\n[entry]\nfrom_days = -3\ntolerance_days = 0\n'
        "tolerance_minor = 0\n[stages]\nreminder = -30\nearly = 1\nmiddle = 31\n"
    )
    return head + "".join(steps)


def _step(
    step: str, first: int, last: int, every: int, channel: str, template: str, purpose: str, form: str,
    hours: tuple[str, str],
) -> str:  # fmt: skip
    return (
        f'[[step]]\nid = "{step}"\ndays = [{first}, {last}]\nevery_days = {every}\nchannel = "{channel}"\n'
        f'template = "{template}"\npurpose = "{purpose}"\nform = "{form}"\nhours = ["{hours[0]}", "{hours[1]}"]\n'
    )
