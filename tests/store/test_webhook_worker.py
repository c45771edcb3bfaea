"""`zhizhi worker` as a process tells a receiver of what was committed, under the settings of a file."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from book import make_borrower, make_lender, make_staff
from gatework import rows
from hookwork import LOOPBACK, Receiver, receiving
from zhizhi.gateways.keys.local import open_local_keys
from zhizhi.store import keyring
from zhizhi.store.api.accounts import create_account_token, load_caller
from zhizhi.store.leases.tokens import load_bearer
from zhizhi.store.models import Case
from zhizhi.store.webhooks.endpoints import NewEndpoint, create_endpoint
from zhizhi.usecases.set_stop import SetStop, set_stop


def one_round(store: str, state: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "zhizhi", "worker", "--once"],
        env={**os.environ, "DATABASE_URL": store, "ZHIZHI_STATE": str(state)},
        capture_output=True,
        text=True,
        check=False,
    )


def something_happens(receiver: Receiver) -> str:
    """A system wants to be told, and a person is stopped; answers the number of the case."""
    now = datetime.now(UTC)
    lender = make_lender("W1")
    secret = create_account_token("crm", "W1", None, ("webhooks",), expires_at=now + timedelta(days=9), at=now)[1]
    bearer = load_bearer(secret, now)
    assert bearer is not None
    caller = load_caller(bearer)
    assert caller is not None
    create_endpoint(NewEndpoint(caller.staff_id, lender.pk, None, receiver.url, ("stop.opened",), ""), now)
    who = make_borrower(lender, 1)
    Case.objects.using("gate").create(
        person_id=who.person, id=who.debt, number="C-W-1", lender_id=lender.pk, stage="early", days_past_due=1,
        balance_minor=1, product="instalment_loan", masked=b"", opened_on=now.date(), aged_on=now.date(),
    )  # fmt: skip
    set_stop(SetStop(who.person, "hardship", None, "突发疾病住院", None, make_staff("w", "supervisor", lender).pk), now)
    return "C-W-1"


def test_one_round_numbers_the_log_and_tells_what_is_in_it(store: str, tmp_path: Path) -> None:
    keyring.install(open_local_keys(tmp_path / "keys" / "local.json", datetime.now(UTC)))
    with receiving(tmp_path) as receiver:
        case = something_happens(receiver)
        refused = one_round(store, tmp_path)
        assert refused.returncode == 0, refused.stderr
        assert receiver.got == [], "without the file, nothing of this machine is reached"
        assert rows('SELECT "end" FROM webhook_attempt') == [("address",)]
        own = json.dumps(list(LOOPBACK))
        settings = f'own_networks = {own}\nauthority = "{receiver.authority}"\n'
        (tmp_path / "webhooks.toml").write_text(settings, encoding="utf-8")
        rows("UPDATE webhook_delivery SET next_at = now() RETURNING 1")
        done = one_round(store, tmp_path)
        assert done.returncode == 0, done.stderr
        assert [json.loads(body)["data"]["case"] for body in receiver.bodies] == [case]
        assert rows("SELECT state, tries FROM webhook_delivery") == [("delivered", 2)]
        (tmp_path / "webhooks.toml").write_text("own_networks = 1\n", encoding="utf-8")
        broken = one_round(store, tmp_path)
        assert broken.returncode != 0
        assert "WebhookSettingsRefused" in broken.stderr
