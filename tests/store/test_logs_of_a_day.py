"""A day of the whole product with everything that can fail failing: nobody of the book is in what it wrote of itself.

Logs of the commands, of the web server and of PostgreSQL, addresses of pages, error pages and metrics are searched for
every name, number and address of the book, as they are and as a program would write them otherwise.
"""

import base64
import csv
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import httpx
import psycopg
import pytest

from web.crawling import Page
from zhizhi.gateways.postgres.server import attach_or_start
from zhizhi.usecases.intake.demonstration import MAPS
from zhizhi.usecases.intake.kinds import Kind

pytestmark = pytest.mark.slow
DAY, ACCOUNTS = "2026-03-02", "40"
PERSONAL = {
    "accounts": ("name", "id_number", "mobile", "mobile_2", "email", "address"),
    "contact_persons": ("name", "mobile"),
}
STARTS_WITHIN = 240.0
PAGES = (
    *("/", "/cases", "/holds", "/unknown", "/approvals", "/imports", "/imports/2", "/health", "/figures", "/floor"),
    *("/rules", "/audits", "/inquiries", "/reconciliation", "/campaigns", "/account"),
)
TESTS = Path(__file__).parents[1]
METRICS_TOKEN, SESSIONS_KEY = "m" * 32, "s" * 50


@dataclass
class House:
    """An installation and everything that it wrote."""

    state: Path
    environment: dict[str, str]
    url: str = ""
    written: dict[str, str] = field(default_factory=dict)
    persons: set[str] = field(default_factory=set)

    def does(self, name: str, *words: str, module: str = "zhizhi", code: int | None = 0) -> str:
        """Run a command; what it says is looked at later."""
        done = subprocess.run(
            [sys.executable, "-m", module, *words],
            env=self.environment, capture_output=True, text=True, timeout=280, check=False,
        )  # fmt: skip
        self.written[f"the output of {name}"] = done.stdout + done.stderr
        assert code in (None, done.returncode), done.stdout + done.stderr
        return done.stdout

    def read_logs(self) -> None:
        """What lies in files now."""
        for path in (self.state / "postgres" / "server.log", *(self.state / "log").rglob("*")):
            self.written[str(path.relative_to(self.state))] = path.read_text("utf-8", "replace")


def forms_of(value: str) -> set[str]:
    """How a value may stand in a log: as it is, for an address, a program, a wire."""
    octets = value.encode()
    found = {value, quote(value), quote(value).lower(), octets.hex(), octets.hex().upper(), repr(octets)[2:-1]}
    found |= {value.encode("unicode_escape").decode(), value.encode("gb18030", "replace").hex()}
    for shift in range(3):  # wherever in a longer text it begins
        text = base64.b64encode(bytes(shift) + octets).decode().rstrip("=")
        found.add(text[(shift * 8 + 5) // 6 : len(text) - 1])
    return {one for one in found if len(one) >= 3}


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """A book with synthetic persons, and a server of its own."""
    state = Path(tempfile.mkdtemp(prefix="zhizhi-logs-"))
    clean = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "ZHIZHI_LOGIN")}
    paths = os.pathsep.join(filter(None, (str(TESTS), clean.get("PYTHONPATH"))))
    house = House(state, {**clean, "ZHIZHI_STATE": str(state), "PYTHONPATH": paths, "COLUMNS": "140"})
    house.environment["ZHIZHI_METRICS_TOKEN"] = METRICS_TOKEN
    try:
        with attach_or_start(state) as server:
            house.url = server.owner_url
            (state / "log").mkdir()
            yield house
    finally:
        shutil.rmtree(state, ignore_errors=True)


@pytest.fixture(scope="module")
def lived(house: House) -> House:
    """The house after its day."""
    folder = house.state / "book"
    house.does("migrate", "migrate")
    house.does("generate", "generate", "--out", str(folder), "--accounts", ACCOUNTS, "--on", DAY)
    for kind, columns in PERSONAL.items():
        with (folder / f"{kind}.csv").open(encoding="utf-8") as file:
            house.persons |= {row[name] for row in csv.DictReader(file) for name in columns if len(row[name]) > 1}
    house.environment["ZHIZHI_TEST_WORDS"] = " ".join(sorted(house.persons)[::7])
    house.does("import", "import", str(folder))
    _import_in_disorder(house, folder)
    house.does("defaults", "defaults", "--demonstration")
    house.does("a day with failing providers", "day", "--on", DAY, module="faulty")
    house.does("the worker", "worker", "--once", module="faulty", code=None)
    _refused_by_the_database(house)
    _visit(house)
    house.read_logs()
    return house


def _import_in_disorder(house: House, folder: Path) -> None:
    """A file whose cells stand in wrong columns, and one that is cut off in a name."""
    with (folder / "accounts.csv").open(encoding="utf-8") as file:
        rows = list(csv.reader(file))
    head = {name: place for place, name in enumerate(rows[0])}
    for row in rows[1:]:
        row[head["outstanding_minor"]], row[head["opened_on"]] = row[head["name"]], row[head["mobile"]]
        row[head["account_number"]] += "-2"
    wrong, cut, book_map = house.state / "wrong.csv", house.state / "cut.csv", house.state / "map.toml"
    with wrong.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    cut.write_bytes((folder / "accounts.csv").read_bytes()[:1501] + b"\xff\xfe")
    book_map.write_text(MAPS[Kind.ACCOUNTS], encoding="utf-8")
    for path in (wrong, cut):
        house.does(f"the import of {path.stem}", "import", str(path), "--map", str(book_map), code=None)


def _refused_by_the_database(house: House) -> None:
    """Statements that PostgreSQL refuses with a name in their text, their values or the row that stands in the way."""
    name = min(one for one in house.persons if not one.isascii())
    number = next(one for one in house.persons if one.isdecimal() and len(one) == 11)
    statements = (
        ("SELECT %s::bigint", [name]),
        (f"SELECT '{name}'::date", []),
        ("INSERT INTO staff (login, name) SELECT login, %s FROM staff", [name]),
        (f"SELEC '{number}'", []),
        ("SET statement_timeout = 50", []),
        ("SELECT pg_sleep(60) WHERE %s <> ''", [number]),
        ("RESET statement_timeout", []),
        (f"DO $$ BEGIN RAISE EXCEPTION '{name}'; END $$", []),
        (f"DO $$ BEGIN RAISE WARNING '{name}'; END $$", []),
    )
    with closing(psycopg.connect(house.url, autocommit=True)) as connection:
        refused = 0
        for statement, values in statements:
            try:
                connection.execute(statement.encode(), values or None)
            except psycopg.Error as error:
                refused += bool(str(error))  # the client hears why
        assert refused == len(statements) - 3, "all but the warning and what is set"


def _visit(house: House) -> None:
    """Look at pages, broken ones too, and let somebody ask for addresses with names in them."""
    with (house.state / "log" / "web.log").open("wb") as log, closing(_free_port()) as port:
        bind = f"127.0.0.1:{port.getsockname()[1]}"
        port.close()
        words = [sys.executable, "-m", "faulty", "serve", bind]
        environment = {**house.environment, "DATABASE_URL": house.url, "ZHIZHI_SECRET_KEY": SESSIONS_KEY}
        web = subprocess.Popen(words, env=environment, stdout=log, stderr=log, cwd=house.state)
        try:
            with httpx.Client(base_url=f"http://{bind}", timeout=60, trust_env=False) as client:
                _wait_for(client, web)
                _look_around(house, client)
        finally:
            web.terminate()
            web.wait(120)


def _free_port() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


def _wait_for(client: httpx.Client, web: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and web.poll() is None:
        try:
            if client.get("/healthz").status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise AssertionError("the web server does not answer")


def _look_around(house: House, client: httpx.Client) -> None:
    password = re.search(r"password (\S+)\)", (house.state / "demonstration-sign-ins.txt").read_text("utf-8"))
    assert password
    form = client.get("/sign-in").text
    sent = {"login": "strategy", "password": password[1], "csrfmiddlewaretoken": _token(form)}
    assert client.post("/sign-in", data=sent).status_code == 302
    house.persons |= {password[1], *_secrets(house)}
    house.written["the list of processes"] = "\n".join(_processes(house))
    listed = client.get("/cases").text
    case = re.search(r"/cases/(C-[\w-]+)", listed)
    assert case, listed
    name = min(one for one in house.persons if not one.isascii())
    said: list[str] = []
    for path in (*PAGES, f"/cases/{case[1]}"):
        answer = client.get(path)
        assert answer.status_code == 200, path
        said += Page(answer.text).addresses
    found = client.post("/cases/search", data={"q": name, "csrfmiddlewaretoken": _token(listed)})
    said += [str(found.headers.get("Location")), *Page(found.text).addresses]
    house.written["addresses of pages"] = "\n".join(said)
    broken = [client.get(f"/cases/{case[1]}/payment"), client.get(f"/api/v1/{quote(name)}")]
    story = {"kind": "call", "ask": "1", "csrfmiddlewaretoken": _token(client.get("/lawful").text)}
    others = [client.post("/lawful", data=story), client.get("/cases/nobody"), client.get("/nowhere")]
    others += [client.get(f"/cases/{quote(name)}"), client.post(f"/cases/{quote(name)}/note", data={"text": name})]
    assert [answer.status_code for answer in broken] == [500, 500]
    house.written["error pages"] = "\n".join(answer.text for answer in (*broken, *others) if answer.status_code >= 400)
    metrics = client.get("/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"})
    assert metrics.status_code == 200
    house.written["metrics"] = metrics.text


def _secrets(house: House) -> set[str]:
    """What opens the house: keys of the key file, of sessions and of the scraper."""
    keys = (house.state / "keys" / "local.json").read_text("utf-8")
    return {SESSIONS_KEY, METRICS_TOKEN, *re.findall(r'"(?:root|key)": "([\w+/=-]{40,})"', keys)}


def _processes(house: House) -> Iterator[str]:
    """What anybody on the machine sees of the processes of this house, and what PostgreSQL's user sees of its own."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words, around = (process / "cmdline").read_bytes(), (process / "environ").read_bytes()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        if str(house.state).encode() in words + around:
            assert (process / "environ").stat().st_mode & 0o077 == 0
            yield words.replace(b"\0", b" ").decode("utf-8", "replace")
            if words.startswith(b"postgres") or b"/postgres\0" in words:
                yield around.decode("utf-8", "replace")


def _token(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert found
    return found[1]


def test_nobody_of_the_book_is_in_what_the_product_wrote_of_itself(lived: House) -> None:
    wanted = {form: value for value in lived.persons for form in forms_of(value)}
    pattern = re.compile("|".join(re.escape(form) for form in sorted(wanted, key=len, reverse=True)))
    found = [
        f"{name}: {text[max(0, hit.start() - 60) : hit.end() + 20]!r}"
        for name, text in lived.written.items()
        for hit in pattern.finditer(text)
    ]
    assert not found, "\n".join(found[:20])


def test_what_failed_was_told_all_the_same(lived: House) -> None:
    """Else a product that writes nothing would pass."""
    web = lived.written["log/web.log"]
    for words in (
        "500 GET cases/<str:number>/payment",
        "from builtins.LookupError",
        "404 GET (no such page)",
        "Error handling request",
    ):
        assert words in web, web[-2000:]
    assert "broke: ValueError" in lived.written["the output of a day with failing providers"]
    assert "拒收" in lived.written["the output of the import of wrong"]
    assert len(lived.persons) > 100
    assert "serve 127.0.0.1" in lived.written["the list of processes"]
    assert "postgres -D" in lived.written["the list of processes"]
    assert len(_secrets(lived)) >= 4
    assert lived.written["error pages"].count("Home") >= 3
    assert "zhizhi_" in lived.written["metrics"]


def test_a_value_is_found_however_it_is_written() -> None:
    for text in (
        "王小明", quote("王小明"), "王小明".encode().hex(), base64.b64encode("xx王小明yy".encode()).decode(),
        base64.b64encode("x王小明".encode()).decode(), "\\u738b\\u5c0f\\u660e",
    ):  # fmt: skip
        assert any(form in text for form in forms_of("王小明")), text
