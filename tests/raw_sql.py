"""Attempts with raw SQL as each login of the application, and what came of each."""

from dataclasses import dataclass

from zhizhi.config.databases import GATE_LOGIN as GATE
from zhizhi.config.databases import WEB_LOGIN as WEB

REFUSED, CHECKED = "42501", "23001"  # insufficient_privilege; restrict_violation: a trigger
TABLE_HEAD = """| 登录 · login | 会话自称 · the session says | 语句 · statement | 结果 · outcome |
| --- | --- | --- | --- |
"""
TOLD = {REFUSED: "拒绝：无权 · refused: no privilege", CHECKED: "拒绝：触发器 · refused: a trigger"}


@dataclass(frozen=True)
class Attempt:
    """A statement; `outcome` is the one value that it answers, the number of rows that it changes, or the error."""

    login: str
    who: str
    statement: str
    outcome: object

    def line(self) -> str:
        """As the page tells it; ids are written as the names of what they stand for."""
        statement = self.statement.replace("{", "").replace("}", "")
        return f"| `{self.login}` | {self.who} | `{statement}` | {TOLD.get(str(self.outcome), self.outcome)} |"


PERSONS, CASES = "SELECT count(*) FROM person", "SELECT count(*) FROM collection_case"
LYING = (
    "nobody",
    "the collector, who says `staff=auditor`",
    "the collector, who says to be a borrower",
    "somebody with a seal of his own making",
)
ATTEMPTS = (
    *(Attempt(WEB, who, PERSONS, 0) for who in LYING),
    Attempt(WEB, "the collector", PERSONS, 1),
    Attempt(WEB, "the collector, who says `scope=lender`", PERSONS, 1),
    Attempt(WEB, "the collector, who says `scope=lender`", CASES, 1),
    Attempt(WEB, "the auditor", PERSONS, 3),
    *(
        Attempt(WEB, "the collector", f"SELECT count(*) FROM {table} WHERE person_id <> {{own}}", 0)
        for table in ("point", "party", "debt", "stop", "statement", "note", "contact", "decision", "former_row")
    ),
    Attempt(WEB, "the collector", "SELECT count(*) FROM leaf", 1),
    Attempt(WEB, "the collector", "SELECT count(*) FROM leaf WHERE source_person_id IS DISTINCT FROM {own}", 0),
    Attempt(WEB, "nobody", "SELECT count(*) FROM leaf", 0),
    Attempt(WEB, "the auditor", "SELECT count(DISTINCT source_person_id) FROM leaf", 3),
    Attempt(WEB, "the auditor", "SELECT count(*) FROM canary", 0),
    Attempt(WEB, "the auditor", "SELECT count(*) FROM canary_alarm", 0),
    Attempt(WEB, "the auditor", "SELECT cardinality(zhizhi_uncounted())", 0),
    Attempt(WEB, "the auditor", "SELECT zhizhi_told_of('{{}}', 1, 'search', now())", REFUSED),
    Attempt(WEB, "the auditor", "INSERT INTO canary_alarm (id) VALUES (1)", REFUSED),
    Attempt(WEB, "nobody", "SELECT count(*) FROM cap_limit WHERE lender_id IS NOT NULL", 0),
    Attempt(WEB, "the collector", "SELECT count(*) FROM lender WHERE id <> {lender}", 0),
    Attempt(WEB, "the collector", "SELECT count(*) FROM template WHERE lender_id <> {lender}", 0),
    Attempt(WEB, "the collector", "SELECT count(*) FROM strategy WHERE lender_id <> {lender}", 0),
    Attempt(WEB, "nobody", "SELECT count(*) FROM template", 0),
    Attempt(WEB, "nobody", "SELECT count(*) FROM strategy_version", 0),
    Attempt(WEB, "nobody", "SELECT count(*) FROM run", 0),
    Attempt(WEB, "nobody", "SELECT count(*) FROM queue", 0),
    Attempt(WEB, "nobody", "SELECT count(*) FROM agency", 0),
    *(
        Attempt(WEB, "the auditor", f"SELECT count(*) FROM {table}", REFUSED)
        for table in ("viewer_key", "api_token", "salt", "inbox_item", "portal_request", "portal_session")
    ),
    Attempt(WEB, "the auditor", "SELECT zhizhi_is_sealed('staff 1', '')", REFUSED),
    Attempt(WEB, "the auditor", "UPDATE person SET state = 'normal'", REFUSED),
    Attempt(WEB, "the auditor", "DELETE FROM collection_case", REFUSED),
    Attempt(WEB, "the auditor", "INSERT INTO note (person_id, id) VALUES ({own}, 1)", REFUSED),
    Attempt(WEB, "the auditor", "UPDATE staff SET role = 'head'", REFUSED),
    Attempt(WEB, "the auditor", "UPDATE staff SET password = ''", REFUSED),
    Attempt(WEB, "the auditor", "SELECT password FROM staff", REFUSED),
    Attempt(WEB, "the auditor", "SELECT mark FROM invitation", REFUSED),
    Attempt(WEB, "the auditor", "SELECT subject_mark FROM provider_link", REFUSED),
    Attempt(WEB, "the auditor", "INSERT INTO staff_change (staff_id) VALUES (1)", REFUSED),
    Attempt(WEB, "nobody", "SELECT count(*) FROM staff_change", 0),
    Attempt(WEB, "nobody", "SELECT count(*) FROM zhizhi_signed_in(sha256('a guess'))", 0),
    Attempt(WEB, "the auditor", "SET LOCAL ROLE zhizhi_gate", REFUSED),
    Attempt(WEB, "the auditor", "ALTER TABLE person DISABLE ROW LEVEL SECURITY", REFUSED),
    Attempt(WEB, "the auditor", "CREATE POLICY mine ON person USING (true)", REFUSED),
    Attempt(WEB, "the auditor", "CREATE TABLE mine (id int)", REFUSED),
    Attempt(WEB, "the auditor", "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'", REFUSED),
    Attempt(GATE, "nobody", PERSONS, 3),
    Attempt(GATE, "nobody", "SELECT count(*) FROM viewer_key", 1),
    *(
        Attempt(GATE, "nobody", statement, REFUSED)
        for statement in (
            "UPDATE viewer_key SET secret = ''",
            "DELETE FROM person",
            "DELETE FROM collection_case",
            "DELETE FROM decision",
            "UPDATE decision SET verdict = 'permit'",
            "UPDATE note SET author = ''",
            "UPDATE payment SET amount_minor = 0",
            "DELETE FROM leaf",
            "DELETE FROM canary",
            "INSERT INTO canary_alarm (id) VALUES (1)",
            "SELECT zhizhi_raise_alarm(1, 1, 'view', now())",
            "DELETE FROM staff_change",
            "UPDATE invitation SET mark = ''",
            "UPDATE leaf SET kind = ''",
            "UPDATE former_row SET was = '{{}}'",
            "ALTER TABLE person DISABLE ROW LEVEL SECURITY",
            "SET LOCAL ROLE zhizhi_web",
        )
    ),
)
