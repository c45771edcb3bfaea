"""What left this system, in append-only files that only the owner can read. Nothing in here reaches anybody.

Each line is one message or one simulated reply. A line is written with a single call; a torn last line (the process
was killed in the middle) is cut off at the next start. Receipts are not stored: they follow from the messages.
"""

import json
import os
import threading
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHANNELS = ("sms", "email")
_LINE_END = b"\n"


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that the sink holds, under its number."""

    n: int
    message_id: str
    already: bool


class KeyUsedForAnother(Exception):
    """The out id was used for a message of other content."""


class AppendOnlyFile:
    """Numbered JSON lines in one file: append, read one by number, read all. The caller holds the lock."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self.offsets: array[int] = array("Q")
        self._end = 0

    def load(self) -> Iterator[dict[str, Any]]:
        """Every line once, building the index; cuts off a torn last line."""
        with os.fdopen(os.dup(self._fd), "rb") as lines:
            lines.seek(0)
            for line in lines:
                if not line.endswith(_LINE_END):
                    break
                self.offsets.append(self._end)
                self._end += len(line)
                yield json.loads(line)
        os.ftruncate(self._fd, self._end)

    def append(self, lines: list[bytes]) -> None:
        """Write lines (without their ends) in one call; a short write is taken back and reported (OSError)."""
        block = b"".join(line + _LINE_END for line in lines)
        written = os.write(self._fd, block)
        if written != len(block):
            os.ftruncate(self._fd, self._end)
            raise OSError("the outbox file took only a part of what was written; is the disk full?")
        for line in lines:
            self.offsets.append(self._end)
            self._end += len(line) + 1

    def read(self, n: int) -> dict[str, Any]:
        """The line with number n (from 0)."""
        start = self.offsets[n]
        end = self.offsets[n + 1] if n + 1 < len(self.offsets) else self._end
        line: dict[str, Any] = json.loads(os.pread(self._fd, end - start, start))
        return line

    def close(self) -> None:
        """Close the file."""
        os.close(self._fd)


class Outbox:
    """Messages and simulated replies of one state folder; safe for many threads."""

    def __init__(self, state: Path) -> None:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._messages = AppendOnlyFile(state / "messages.jsonl")
        self._replies = AppendOnlyFile(state / "replies.jsonl")
        self._filings = AppendOnlyFile(state / "filings.jsonl")
        self._by_channel: dict[str, array[int]] = {channel: array("Q") for channel in CHANNELS}
        self._by_out_id: dict[str, tuple[int, str]] = {}
        self.signatures: set[str] = set()
        self.templates: dict[str, str] = {}
        self._blocked: set[str] = set()
        for n, line in enumerate(self._messages.load()):
            self._index(n, line)
        for reply in self._replies.load():
            self._note_reply(reply)
        for filing in self._filings.load():
            self._note_filing(filing)

    def close(self) -> None:
        """Close the files."""
        with self._lock:
            for file in (self._messages, self._replies, self._filings):
                file.close()

    def take(self, messages: list[dict[str, Any]]) -> list[Taken | KeyUsedForAnother]:
        """Store messages (fields `channel`, `out_id`, `digest` and what the page shows); an out id is stored once."""
        with self._lock:
            answers: list[Taken | KeyUsedForAnother] = []
            fresh: list[dict[str, Any]] = []
            pending: dict[str, tuple[int, str]] = {}
            for message in messages:
                key = message["out_id"]
                known = self._by_out_id.get(key) or pending.get(key)
                if known and known[1] != message["digest"]:
                    answers.append(KeyUsedForAnother())
                    continue
                n = known[0] if known else len(self._messages.offsets) + len(fresh)
                if not known:
                    pending[key] = (n, message["digest"])
                    fresh.append(message)
                answers.append(Taken(n, message_id_of(n), already=known is not None))
            if fresh:
                first = len(self._messages.offsets)
                self._messages.append([_to_line(message) for message in fresh])
                for n, message in enumerate(fresh, first):
                    self._index(n, message)
            return answers

    def find(self, out_id: str) -> int | None:
        """The number of the message with this out id."""
        with self._lock:
            known = self._by_out_id.get(out_id)
            return known[0] if known else None

    def count(self, channel: str = "") -> int:
        """How many messages left, by a channel or by all."""
        with self._lock:
            return len(self._by_channel[channel] if channel else self._messages.offsets)

    def newest(self, channel: str, skip: int, limit: int) -> list[tuple[int, dict[str, Any]]]:
        """A page of messages with their numbers, newest first."""
        with self._lock:
            total = len(self._by_channel[channel] if channel else self._messages.offsets)
            picked = range(total - 1 - skip, max(-1, total - 1 - skip - limit), -1)
            numbers = [self._by_channel[channel][i] if channel else i for i in picked if i >= 0]
            return [(n, self._messages.read(n)) for n in numbers]

    def after(self, channel: str, position: int, limit: int) -> list[tuple[int, dict[str, Any]]]:
        """Messages of a channel from a position on, oldest first, with their numbers."""
        with self._lock:
            return [(n, self._messages.read(n)) for n in self._by_channel[channel][position : position + limit]]

    def message(self, n: int) -> dict[str, Any] | None:
        """The message with a number, or None."""
        with self._lock:
            return self._messages.read(n) if 0 <= n < len(self._messages.offsets) else None

    def reply(self, reply: dict[str, Any]) -> None:
        """Store a simulated reply (`from`, `text`, `at`, `message_id`, `refuses`)."""
        with self._lock:
            self._replies.append([_to_line(reply)])
            self._note_reply(reply)

    def replies_after(self, position: int, limit: int) -> list[tuple[int, dict[str, Any]]]:
        """Replies from a position on, oldest first, with their numbers."""
        with self._lock:
            end = min(len(self._replies.offsets), position + limit)
            return [(n, self._replies.read(n)) for n in range(position, end)]

    def is_blocked(self, number: str) -> bool:
        """Whether this number unsubscribed: the provider then refuses further messages, as carriers do."""
        with self._lock:
            return number in self._blocked

    def file(self, filing: dict[str, Any]) -> None:
        """File a signature (`signature`) or a template (`template_id`, `body`); filed twice, it is written once."""
        with self._lock:
            if "signature" in filing and filing["signature"] in self.signatures:
                return
            if "template_id" in filing and self.templates.get(filing["template_id"]) == filing["body"]:
                return
            self._filings.append([_to_line(filing)])
            self._note_filing(filing)

    def _index(self, n: int, message: Mapping[str, Any]) -> None:
        self._by_channel[message["channel"]].append(n)
        self._by_out_id[message["out_id"]] = (n, message["digest"])

    def _note_reply(self, reply: Mapping[str, Any]) -> None:
        if reply["refuses"]:
            self._blocked.add(reply["from"])

    def _note_filing(self, filing: Mapping[str, Any]) -> None:
        if "signature" in filing:
            self.signatures.add(filing["signature"])
        else:
            self.templates[filing["template_id"]] = filing["body"]


def message_id_of(n: int) -> str:
    """The provider's id of message n."""
    return f"S{n:010d}"


def _to_line(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
