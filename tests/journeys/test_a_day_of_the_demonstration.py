"""What `make run` does, by its own commands: book, defaults, a day, the log; and the same day again changes nothing."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

DAY = "2026-03-02"
ACCOUNTS = "120"
FIGURE = re.compile(r"│\s*(?P<label>[^│]+?)\s*│.*│\s*(?P<total>[\d,]+)\s*│\s*$")


@pytest.fixture(scope="module")
def house() -> Iterator[dict[str, str]]:
    """An empty installation: its own state folder and database, as a person's first start finds it."""
    state = Path(tempfile.mkdtemp(prefix="zhizhi-day-"))
    environment = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "ZHIZHI_LOGIN")}
    yield environment | {"ZHIZHI_STATE": str(state), "COLUMNS": "140"}
    shutil.rmtree(state, ignore_errors=True)


def zhizhi(house: dict[str, str], *words: str) -> str:
    """Run one command to its end and return what it printed. It must succeed."""
    done = subprocess.run(
        [sys.executable, "-m", "zhizhi", *words], env=house, capture_output=True, text=True, timeout=280, check=False
    )
    assert done.returncode == 0, f"zhizhi {' '.join(words)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def totals(printed: str) -> dict[str, int]:
    """The last column of the summary table by the English word of its line."""
    found: dict[str, int] = {}
    for line in printed.splitlines():
        match = FIGURE.search(line)
        if match:
            found[match["label"].split()[-1]] = int(match["total"].replace(",", ""))
    return found


@pytest.fixture(scope="module")
def first_day(house: dict[str, str]) -> str:
    """The house after its first day; what the day printed."""
    folder = str(Path(house["ZHIZHI_STATE"]) / "book")
    zhizhi(house, "migrate")
    zhizhi(house, "generate", "--out", folder, "--accounts", ACCOUNTS, "--on", DAY)
    assert "拒收 0" in zhizhi(house, "import", folder).splitlines()[-2]
    zhizhi(house, "defaults", "--demonstration")
    return zhizhi(house, "day", "--on", DAY)


@pytest.mark.slow
class TestADayOfTheDemonstration:
    def test_the_figures_of_the_day_add_up(self, first_day: str) -> None:
        day = totals(first_day)
        assert day["wishes"] == day["skipped"] + day["proposals"]
        assert day["proposals"] == day["permitted"] + day["refused"] + day["held"] + day["later"]
        assert day["permitted"] == day["delivered"] + day["failed"] + day["waiting"]
        assert day["delivered"] > 0

    def test_the_same_day_again_changes_nothing(self, house: dict[str, str], first_day: str) -> None:
        again = zhizhi(house, "day", "--on", DAY)
        assert totals(again) == totals(first_day)
        assert "+0" in again.splitlines()[-1]

    def test_what_left_stands_in_the_outbox_and_nowhere_else(self, house: dict[str, str], first_day: str) -> None:
        sent = (Path(house["ZHIZHI_STATE"]) / "sink" / "messages.jsonl").read_text(encoding="utf-8").splitlines()
        letters = list((Path(house["ZHIZHI_STATE"]) / "sink" / "letters").rglob("*.pdf"))
        messages = [json.loads(line) for line in sent]
        assert messages, "the day sent no message"
        assert len(messages) + len(letters) <= totals(first_day)["delivered"]

    def test_the_exported_log_holds_without_us(self, house: dict[str, str], first_day: str) -> None:
        assert first_day
        folder = str(Path(house["ZHIZHI_STATE"]) / "log-copy")
        zhizhi(house, "evidence", "export-log", folder)
        checked = json.loads(zhizhi(house, "evidence", "check-log", folder))
        assert checked["valid"] is True
        assert json.loads(zhizhi(house, "evidence", "fsck").splitlines()[-1])["findings"] == 0

    def test_no_name_and_no_number_is_in_the_log_or_in_what_was_printed(
        self, house: dict[str, str], first_day: str
    ) -> None:
        book = (Path(house["ZHIZHI_STATE"]) / "book" / "accounts.csv").read_text(encoding="utf-8").splitlines()
        header = book[0].split(",")
        places = [header.index(name) for name in ("name", "id_number", "mobile")]
        secrets = {line.split(",")[place] for line in book[1:] for place in places}
        copied = Path(house["ZHIZHI_STATE"]) / "log-copy"
        entries = b"".join(path.read_bytes() for path in copied.rglob("*") if path.is_file()).decode("utf-8", "replace")
        assert not [secret for secret in secrets if len(secret) > 2 and (secret in entries or secret in first_day)]

    def test_a_declared_day_refuses_to_start_beside_a_real_channel(self, house: dict[str, str], first_day: str) -> None:
        assert first_day
        channels = Path(house["ZHIZHI_STATE"]) / "channels.toml"
        channels.write_text('[email]\ngateway = "smtp"\nhost = "127.0.0.1"\nport = 9\nsender = "a@lender.example"\n')
        try:
            done = subprocess.run(
                [sys.executable, "-m", "zhizhi", "day", "--on", "2026-03-03"],
                env=house, capture_output=True, text=True, timeout=120, check=False,
            )  # fmt: skip
        finally:
            channels.unlink()
        assert done.returncode != 0
        assert "演示时钟" in done.stderr
