"""What raw SQL could and could not do as each login: the table of docs/reference/raw-sql.md, every line of it tried."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from book import make_borrower, make_lender, make_staff
from gatework import TEN
from raw_sql import ATTEMPTS, TABLE_HEAD, Attempt
from zhizhi.config.databases import GATE_LOGIN, WEB_LOGIN
from zhizhi.store.cases.models import Case
from zhizhi.store.ids import ids
from zhizhi.store.lenders.scopes import Scope
from zhizhi.store.viewer import Viewer, seal
from zhizhi.usecases.set_stop import SetStop, set_stop

pytestmark = pytest.mark.usefixtures("store")
Settings = dict[str, str]


@pytest.fixture(scope="module")
def known(store: str) -> dict[str, int]:
    """Two cases of one lender, one of another; a collector who has one of them, and an auditor of everything."""
    lender, other = make_lender("L1"), make_lender("L2")
    rover = make_staff("rover", "head").pk
    found = {"collector": make_staff("collector", "collector", lender).pk}
    found |= {"auditor": make_staff("auditor", "auditor").pk, "lender": lender.pk, "other": other.pk}
    for number, name in enumerate(("own", "colleague's", "other lender's")):
        whose = other if number == 2 else lender
        who = make_borrower(whose, number)
        Case.objects.using("gate").create(
            person_id=who.person, id=ids.take(), number=f"C-{number}", lender_id=whose.pk, stage="early",
            collector_id=found["collector"] if number == 0 else None, days_past_due=10, balance_minor=100,
            product="instalment_loan", masked=b"", opened_on=TEN.date(), aged_on=TEN.date(),
        )  # fmt: skip
        set_stop(SetStop(who.person, "plan", None, "测试停催", None, rover), TEN)
        found[name] = who.person
    return found


@pytest.fixture(scope="module")
def logins(store: str) -> Iterator[dict[str, "psycopg.Connection[tuple[object, ...]]"]]:
    with (
        psycopg.connect(store, user=WEB_LOGIN, autocommit=True) as web,
        psycopg.connect(store, user=GATE_LOGIN, autocommit=True) as gate,
    ):
        yield {WEB_LOGIN: web, GATE_LOGIN: gate}


def eyes(who: str, known: dict[str, int]) -> Settings:
    """What a session of the web login says of itself."""
    mine = Viewer(known["collector"], Scope.NONE, None, None).settings
    forged: dict[str, Callable[[], Settings]] = {
        "nobody": dict,
        "the collector": lambda: mine,
        "the collector, who says `scope=lender`": lambda: mine | {"zhizhi.scope": "lender", "zhizhi.lender": "*"},
        "the collector, who says `staff=auditor`": lambda: mine | {"zhizhi.staff": str(known["auditor"])},
        "the collector, who says to be a borrower": lambda: (
            mine | {"zhizhi.staff": "", "zhizhi.person": f"borrower {known['own']} 1"}
        ),
        "somebody with a seal of his own making": lambda: {
            "zhizhi.staff": str(known["auditor"]),
            "zhizhi.seal": "0" * 64,
        },
        "the auditor": lambda: {
            "zhizhi.staff": str(known["auditor"]),
            "zhizhi.seal": seal(f"staff {known['auditor']}"),
        },
    }
    return forged[who]()


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda one: f"{one.login} as {one.who}: {one.statement[:60]}")
def test_what_the_table_says_is_what_the_database_does(
    attempt: Attempt, known: dict[str, int], logins: dict[str, "psycopg.Connection[tuple[object, ...]]"]
) -> None:
    connection = logins[attempt.login]
    try:
        with connection.transaction(force_rollback=True):
            for name, value in eyes(attempt.who, known).items():
                connection.execute("SELECT set_config(%s, %s, true)", [name, value])
            cursor = connection.execute(attempt.statement.format(**known).encode())
            got = cursor.fetchone()[0] if cursor.description else cursor.rowcount  # type: ignore[index]  # one row
    except psycopg.Error as refused:
        got = refused.sqlstate
    assert got == attempt.outcome


def test_the_page_holds_the_table(pytestconfig: pytest.Config) -> None:
    page = Path(pytestconfig.rootpath, "docs/reference/raw-sql.md").read_text(encoding="utf-8")
    _, _, told = page.partition(TABLE_HEAD)
    assert told.strip().splitlines() == [one.line() for one in ATTEMPTS]
