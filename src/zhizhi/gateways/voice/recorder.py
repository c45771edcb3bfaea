"""The recorder of one call: the engine writes each direction of each leg into a file, and here it is seen to do so.

The engine keeps quiet when it cannot write, so what proves a recording is that its files are there and grow.
"""

import os
import re
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

_NAME = re.compile(r"dump-(\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d)-(enc|dec)\.wav")
RECORDINGS_FOLDER = "recordings"
HEADER_BYTES = 44
PROVEN_BYTES = 3_200  # a fifth of a second: more than a header, written by the engine while it runs
DESK_SENT = "desk-sent.wav"
DESK_RECEIVED = "desk-received.wav"
FILES_MAX = 16  # two legs of two files; more is not of one call


@dataclass(frozen=True, slots=True)
class Pair:
    """The two directions of one leg: what the engine sent, and what it received."""

    sent: Path
    received: Path


class Recorder:
    """The recordings of one call's folder.

    The desk's files are given names of their own before the line is placed, so that what the engine begins afterwards
    is the line's, whatever the clock does; the engine goes on writing into the renamed files.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def prove_desk(self) -> bool:
        """See the desk's leg being recorded, and set its files apart; false where that is not seen (yet)."""
        pair = self._begun()
        if pair is None or size_of(pair.received) < HEADER_BYTES + PROVEN_BYTES:
            return False
        try:
            pair.sent.rename(self._folder / DESK_SENT)
            pair.received.rename(self._folder / DESK_RECEIVED)
        except OSError:
            return False
        return True

    def line(self) -> Pair | None:
        """The recording of the line, where it is there. Boundary: before `prove_desk` there is none."""
        is_desk_known = size_of(self._folder / DESK_RECEIVED) > 0
        return self._begun() if is_desk_known else None

    def _begun(self) -> Pair | None:
        """The first leg of which both files have the engine's own names."""
        begun: dict[str, dict[str, Path]] = {}
        for path in self._listed():
            if match := _NAME.fullmatch(path.name):
                begun.setdefault(match[1], {})[match[2]] = path
        whole = [of for _, of in sorted(begun.items()) if len(of) == len(("enc", "dec"))]
        return Pair(whole[0]["enc"], whole[0]["dec"]) if whole else None

    def _listed(self) -> list[Path]:
        try:
            with os.scandir(self._folder) as entries:
                return [Path(entry.path) for entry in islice(entries, FILES_MAX)]
        except OSError:  # gone: nothing is recorded
            return []


def size_of(path: Path) -> int:
    """Its octets; none where it is gone."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


class Watch:
    """Sees a line's recording grow, and says so once it stops.

    What the engine sends is written all the while that the line is up, silence too; what it receives only where the
    other side sends. So the first must grow, and the second must be there.
    """

    def __init__(self, recorder: Recorder, begun_at: float, patience: float) -> None:
        self._recorder = recorder
        self._patience = patience
        self._grew_at = begun_at
        self._size = 0

    def failure(self, now: float) -> str | None:
        """`recorder_stopped` where nothing was written for longer than the patience, else None."""
        pair = self._recorder.line()
        size = size_of(pair.sent) if pair is not None and pair.received.exists() else 0
        if size > self._size:
            self._grew_at = now
        self._size = size
        return "recorder_stopped" if now - self._grew_at > self._patience else None
