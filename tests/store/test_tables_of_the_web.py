"""Every table that the login of screens may read is read by viewer, or stands here with its reason; and in a page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from book import make_borrower, make_lender, make_staff
from gatework import TEN
from zhizhi.config.databases import WEB_LOGIN
from zhizhi.usecases.set_stop import SetStop, set_stop

pytestmark = pytest.mark.usefixtures("store")
PAGE = "docs/reference/tables.md"
HEAD = "| 表 · table | 策略或理由 · policy, or why none |\n| --- | --- |\n"
# Without row-level security, and why. Everything else that the login reads has a policy.
REASONS = {
    "cap_activation": "规则包的启用，无人可涉 · which packs of the law are in force; nobody's",
    "checkpoint": "日志的签名树根，本就公开 · signed roots of the log, published anyway",
    "code": "催记代码 · codes of notes",
    "django_content_type": "框架的类型名 · names of the framework",
    "django_migrations": "数据库结构的版本 · version of the schema",
    "django_session": "名是摘要，内容封装于浏览器自己的密钥，读到也打不开会话"
    " · names are digests, contents sealed under the browser's own key: nothing in it opens a session",
    "house_proof": "内部规则包的摘要与可满足性 · digests of house packs",
    "pack_release": "规则正文，被拒绝者有权知其依据 · texts of rules, which refusals cite to everybody",
    "send_pace": "渠道的发送速度 · how fast a channel sends",
    "staff": "只有列授权：姓名、岗位、机构，无密码；登录时尚无查看人"
    " · by column, no password: name, role, house; read before anybody is known",
}
# What these show to a session that nobody sealed: rows of nobody's.
FOR_ALL = {"unmask_limit", "cap_limit"}

_TABLES = """
SELECT c.relname, c.relrowsecurity, (SELECT string_agg(a.attname, ' ' ORDER BY a.attnum) FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          AND has_column_privilege(%(web)s, c.oid, a.attnum, 'SELECT')),
    has_any_column_privilege(%(web)s, c.oid, 'INSERT, UPDATE')
        OR has_table_privilege(%(web)s, c.oid, 'DELETE, TRUNCATE'),
    (SELECT string_agg(DISTINCT p.policyname || CASE p.permissive WHEN 'RESTRICTIVE' THEN '!' ELSE '' END, ', ')
     FROM pg_policies p WHERE p.schemaname = 'public' AND p.tablename = c.relname AND %(web)s = ANY (p.roles)),
    (SELECT bool_or(p.qual = 'true') FROM pg_policies p
     WHERE p.schemaname = 'public' AND p.tablename = c.relname AND %(web)s = ANY (p.roles))
FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY c.relname
"""


@pytest.fixture(scope="module")
def tables(store: str) -> list[tuple[Any, ...]]:
    """Name, row-level security, columns that are read, whether it is written, policies, whether one shows all."""
    with psycopg.connect(store) as owner:
        return owner.execute(_TABLES, {"web": WEB_LOGIN}).fetchall()


@pytest.fixture(scope="module")
def nobody(store: str) -> Iterator["psycopg.Connection[tuple[Any, ...]]"]:
    """A session of the login that says nothing of itself, on a book with rows."""
    lender = make_lender()
    by = make_staff("head", "head", lender).pk
    for n in range(3):
        set_stop(SetStop(make_borrower(lender, n).person, "plan", None, "测试停催", None, by), TEN)
    with psycopg.connect(store, user=WEB_LOGIN, autocommit=True) as connection:
        yield connection


def line(table: tuple[Any, ...]) -> str:
    """As the page tells it."""
    name, _, _, _, policies, _ = table
    told = REASONS[name] if name in REASONS else ", ".join(f"`{one}`" for one in policies.split(", "))
    return f"| `{name}` | {told} |"


def test_each_table_that_is_read_has_a_policy_or_a_reason(tables: list[tuple[Any, ...]]) -> None:
    bare = {name for name, is_protected, columns, *_ in tables if columns and not is_protected}
    assert bare == set(REASONS), "give it a policy, or say here why everybody may read it"
    unsaid = [
        name for name, is_protected, columns, _, policies, _ in tables if columns and is_protected and not policies
    ]
    assert unsaid == [], "readable and never shown: take the privilege away"
    whole = [name for name, *_, shows_all in tables if shows_all]
    assert whole == [], "a policy that is true is none"


def test_of_staff_no_column_proves_who_somebody_is(tables: list[tuple[Any, ...]]) -> None:
    columns = {name: set((columns or "").split()) for name, _, columns, *_ in tables}
    assert not columns["staff"] & {"password", "secret", "mark"}


def test_the_login_writes_sessions_and_its_language_and_nothing_else(tables: list[tuple[Any, ...]]) -> None:
    assert {name for name, _, _, writes, *_ in tables if writes} == {"django_session", "staff"}


def test_a_session_that_nobody_sealed_sees_no_row_of_a_protected_table(
    tables: list[tuple[Any, ...]], nobody: "psycopg.Connection[tuple[Any, ...]]"
) -> None:
    shown = {}
    for name, is_protected, columns, *_ in tables:
        if is_protected and columns:
            first = columns.split()[0]
            row = nobody.execute(f'SELECT count("{first}") FROM "{name}"'.encode()).fetchone()
            shown[name] = row[0] if row else 0
    assert {name for name, count in shown.items() if count} <= FOR_ALL
    assert len(shown) > 60, "what is read by viewer was tried"


def test_the_page_holds_each_table(tables: list[tuple[Any, ...]], pytestconfig: pytest.Config) -> None:
    page = Path(pytestconfig.rootpath, PAGE).read_text(encoding="utf-8")
    wanted = [line(one) for one in tables if one[2]]
    assert page.partition(HEAD)[2].strip().splitlines() == wanted
