"""Advisory locks have one register, so that two things never wait for each other by chance."""

import re

from tidy.tree import SOURCE, named, python_files
from zhizhi.store.locks import Lock

TAKEN_IN_SQL = re.compile(r"pg_(?:try_)?advisory_\w+\(\s*(\d+)")
REGISTER = SOURCE / "store" / "locks.py"


def test_a_number_in_sql_stands_in_the_register() -> None:
    taken = {
        int(number): path.name
        for path in sorted((SOURCE / "store" / "sql").glob("*.sql"))
        for number in TAKEN_IN_SQL.findall(path.read_text(encoding="utf-8"))
    }
    assert taken, "no lock was found in store/sql: does the pattern still fit?"
    unknown = {number: name for number, name in taken.items() if number not in set(Lock)}
    assert not unknown, f"locks of store/sql that store/locks.py does not name: {unknown}"


def test_python_takes_a_lock_through_the_register_only() -> None:
    texts = {named(path): path.read_text(encoding="utf-8") for path in python_files("src/") if path != REGISTER}
    by_hand = [name for name, text in texts.items() if "pg_advisory" in text or "pg_try_advisory" in text]
    assert not by_hand, f"these take advisory locks past store/locks.py: {by_hand}"


def test_every_lock_of_the_register_is_taken_where_it_says() -> None:
    """A line of the register is `NAME = number  # key; where: why`; the place uses the name, or in SQL the number."""
    lines = re.findall(r"^    (\w+) = (\d+)  # [\w ]+; ([\w./]+): \S.*$", REGISTER.read_text(encoding="utf-8"), re.M)
    assert [(name, int(number)) for name, number, _ in lines] == [(lock.name, lock.value) for lock in Lock]
    for name, number, where in lines:
        path = SOURCE / "store" / where.removeprefix("store/")
        token = number if path.suffix == ".sql" else f"Lock.{name}"
        assert token in path.read_text(encoding="utf-8"), f"{where} does not take {name}"
