"""Faults of the web server: it is killed, or loses its line, while the form that somebody sent is written."""

import json
import re
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import httpx

from faults.fault import Fault, Outcome
from faults.launch import SITE, Process
from faults.line import Point, Trap
from faults.promises import Verdict
from faults.scene import POLL_SECONDS, Ending, Played, Scene, patience, set_up
from faults.stage import Stage
from faults.whole import Whole, difference, whole_of

BOOK = "sms_http"
LOGIN = "author-FAULT"
TOKEN = "x" * 32  # any that cookie and form agree on
ANSWER_SECONDS, BACK_SECONDS_MAX = 20.0, 60.0
WRITTEN = 302  # the form is written, and the browser is sent on
LISTENS = re.compile(r"Listening at: (http://\S+)")
_CASE = """
SELECT c.number, d.id, t.party_id, t.id FROM collection_case c JOIN debt d ON d.person_id = c.person_id
JOIN point t ON t.person_id = c.person_id ORDER BY c.person_id, d.id LIMIT 1
"""
FORMS: dict[str, tuple[str, Callable[[int, int, int], dict[str, str]]]] = {
    "payment": (
        "payment",
        lambda debt, party, point: {
            "debt": str(debt), "amount": "10.00", "paid_on": "2026-03-02", "reference": "BANK-1",
        },
    ),
    "call": (
        "propose",
        lambda debt, party, point: {
            "channel": "voice", "party": str(party), "point": str(point), "template": "call-plan",
        },
    ),
}  # fmt: skip
SENT_AGAIN = ("payment",)  # a bank's reference is taken once; whoever called sees the permit on the page
_PERMITS_ALONE = """
SELECT count(*) FROM permit m WHERE NOT EXISTS (
    SELECT 1 FROM delivery d WHERE d.person_id = m.person_id AND d.permit_id = m.id)
  OR NOT EXISTS (SELECT 1 FROM decision c WHERE c.person_id = m.person_id AND c.id = m.decision_id)
"""


@dataclass
class Site:
    """A web server that runs, and the browser of somebody who is signed in."""

    scene: Scene
    process: Process
    client: httpx.Client
    path: str
    fields: dict[str, str] = field(repr=False)

    def send(self) -> int | None:
        """Send the form; the status of the answer, None where none came."""
        try:
            return self.client.post(self.path, data=self.fields | {"csrfmiddlewaretoken": TOKEN}).status_code
        except httpx.TransportError:
            return None

    def is_back(self) -> bool:
        """Whether a page is shown again, in time."""
        begun = time.monotonic()
        while time.monotonic() - begun < patience(BACK_SECONDS_MAX):
            try:
                if self.client.get(self.path.rpartition("/")[0]).status_code == 200:
                    return True
            except httpx.TransportError:
                self.process.wait(POLL_SECONDS)
            if self.scene.stage.ending.is_set():
                raise Ending
            time.sleep(POLL_SECONDS)
        return False

    def kill(self) -> None:
        """What serves is killed; the process that started it starts another, as it does in production."""
        for pid in self.process.children():
            Process(pid, self.process.log).signal(signal.SIGKILL)


def _open(scene: Scene, form: str) -> Site:
    log = scene.folder / "worker-1.log"
    words = (SITE, LOGIN, str(scene.shift.total_seconds()))
    scene.worker = scene.stage.launcher.start(words, scene.environment(), log)
    begun = time.monotonic()
    while (listens := LISTENS.search(log.read_text("utf-8") if log.exists() else "")) is None:
        waits = scene.worker.wait(POLL_SECONDS) is None and time.monotonic() - begun < patience(BACK_SECONDS_MAX)
        assert waits, f"the web server does not start: {scene.said()}"
    cookies = json.loads(next(line for line in log.read_text("utf-8").splitlines() if line.startswith("{")))
    client = httpx.Client(
        base_url=listens[1], cookies={**cookies, "csrftoken": TOKEN}, timeout=patience(ANSWER_SECONDS), trust_env=False
    )
    ((number, *ids),) = scene.stage.rows(scene.database, _CASE)
    page, fields = FORMS[form]
    return Site(scene, scene.worker, client, f"/cases/{number}/{page}", fields(*ids))


def site_points(stage: Stage, form: str) -> Sequence[Point]:
    """The statements of a form that is sent without a fault; what it wrote is kept as the measure."""
    with set_up(stage, BOOK) as scene:
        site = _open(scene, form)
        with site.client:
            assert site.is_back(), scene.said()
            before, passed = whole_of(scene), len(scene.trap_postgres.passed)
            status = site.send()
        assert status == WRITTEN, f"{form}: {status} {scene.said()}"
        stage.baselines[form] = difference(before, whole_of(scene))
        assert stage.baselines[form], form
        return scene.trap_postgres.passed[passed:]


def _written_by(stage: Stage, form: str) -> Whole:
    if form not in stage.baselines:
        site_points(stage, form)
    written: Whole = stage.baselines[form]
    return written


def kill_site(stage: Stage, fault: Fault) -> Outcome:
    """All of a form is written or nothing; whoever saw no answer looks at the page and sends it again."""
    _written_by(stage, fault.play)
    how, _, side = fault.side.partition("_")
    trap = Trap(fault.point, side)
    with set_up(stage, BOOK, trap_postgres=trap) as scene:
        site = _open(scene, fault.play)
        if how == "kill":
            trap.strike = site.kill
        verdict = Verdict()
        with site.client:
            seconds = _send(site, fault.play, verdict)
        back = not verdict.stuck
        return Outcome(
            fault, Played(trap.struck.is_set(), back, seconds), verdict, scene.said() if verdict.broken else ""
        )


def _send(site: Site, form: str, verdict: Verdict) -> float:
    """Send the form, wait until pages are shown again, and judge; how long they were not shown."""
    if not site.is_back():
        verdict.stuck.append("the page is not shown")
    before = whole_of(site.scene)
    first = site.send()
    begun = time.monotonic()
    if not site.is_back():
        verdict.stuck.append("the page is not shown again")
    seconds = time.monotonic() - begun
    _judge(site, form, before, first, verdict)
    return seconds


def _judge(site: Site, form: str, before: Whole, first: int | None, verdict: Verdict) -> None:
    """All of it is written, or nothing; sent again by whoever saw no answer, it is written once."""
    scene, written = site.scene, _written_by(site.scene.stage, form)
    stands = difference(before, whole_of(scene))
    if stands not in ({}, written):
        verdict.lost.append(f"half of a form is written: {stands}, all of it: {written}")
    if first == WRITTEN and stands != written:
        verdict.lost.append("a form was answered as written, and is not")
    if not stands:
        again = site.send()
        stands = difference(before, whole_of(scene))
        if (again, stands) != (WRITTEN, written):
            verdict.lost.append(f"sent again the form is answered {again} and wrote {stands}")
    elif form in SENT_AGAIN:
        site.send()  # by whoever saw no answer
    if difference(before, whole_of(scene)) != written:
        verdict.doubles.append(f"written in the end: {difference(before, whole_of(scene))}, once: {written}")
    ((alone,),) = scene.stage.rows(scene.database, _PERMITS_ALONE)
    if alone:
        verdict.unlawful.append(f"{alone} permits without a decision or a delivery")
    verdict.ends["form written once"] += 1
    for command in (("worker", "--once"), ("evidence", "fsck")):
        status, said = scene.run(*command)
        if status:
            verdict.other.append(f"zhizhi {' '.join(command)}: {said.strip()}")
