"""Somebody who may rule looks at the unknown outcomes through the web application, and settles one with a proof."""

import json
import re
import sys
from datetime import datetime, timedelta

from django.conf import settings
from django.test import Client

from signed import signed_in
from zhizhi.web.shared import clock

ENTRY = re.compile(r'href="/unknown/(\d+)/(\d+)"')
LATER = timedelta(hours=1)


def main(at: str) -> int:
    """Print what was shown, what could be settled, and what is left, as one line of JSON."""
    clock.install(lambda: datetime.fromisoformat(at) + LATER)
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    client = signed_in("approver-FAULT")
    shown = _shown(client)
    person, delivery = sorted(shown)[0]
    finding = {"left": "yes", "outcome": "sent", "ground": "与渠道商的记录核对过", "reference": "LOG-2026-0001"}
    answer = client.post(f"/unknown/{person}/{delivery}", finding)
    left = _shown(client)
    said = {"shown": len(shown), "settled": int(answer.status_code == 302), "left": len(left)}
    sys.stdout.write(json.dumps(said) + "\n")
    return 0


def _shown(client: Client) -> set[tuple[str, str]]:
    page = client.get("/unknown")
    if page.status_code != 200:
        raise LookupError(f"the page of unknown outcomes answers {page.status_code}")
    return set(ENTRY.findall(page.content.decode()))
