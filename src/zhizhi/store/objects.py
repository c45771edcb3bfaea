"""Where large things lie: recordings, later documents and photographs. A store of named octets, sealed before they
come here."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from zhizhi.core.evidence.fsck import Lying, StoredObject


class ObjectStore(Protocol):
    """What `gateways/objects` implements: folders of one machine, or a bucket. A name is written once, and removed
    once nobody may need it."""

    def put(self, name: str, blocks: Iterable[bytes]) -> StoredObject:
        """Store, whole or not at all: when this answers, the octets survive a power cut. Refuses: a name in
        use (`FileExistsError`)."""
        ...

    def open(self, name: str) -> Iterator[bytes]:
        """Its octets in blocks. Refuses: nothing there (`FileNotFoundError`)."""
        ...

    def digest(self, name: str) -> str | None:
        """SHA-256 in hex of the octets as they lie there now; None where there are none."""
        ...

    def lying(self) -> Iterator[Lying]:
        """Everything that lies there, whole or not, in no order."""
        ...

    def remove(self, name: str) -> None:
        """Remove for good, also what is no more there: when this answers, no power cut brings it back."""
        ...


class NoObjectStore(Exception):
    """None is installed."""


_installed: list[ObjectStore] = []


def install(store: ObjectStore) -> None:
    """Called once by `config/wiring`; a second call replaces the first (tests)."""
    _installed[:] = [store]


def objects() -> ObjectStore:
    """The installed store. Refuses: none installed."""
    if not _installed:
        raise NoObjectStore("no object store is installed; help: start through the `zhizhi` command")
    return _installed[0]
