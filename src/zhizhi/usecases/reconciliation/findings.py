"""What an inquiry is opened with: a fingerprint of what it speaks of, and facts without a number in the clear."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from zhizhi.core.kernel.text import Text
from zhizhi.core.reconcile.facts import SECOND, Kind, Pair, Record, Used
from zhizhi.store.reconciliation.permits import Keys, group_of
from zhizhi.store.transact.reconciling import Found
from zhizhi.usecases.reconciliation.records import Told

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FoundMaker:
    """Makes the findings of one file.

    The same thing found in a file that was sent again has the same fingerprint: a permit with what is wrong with it, a
    record with its group, instant and id. `nth` tells rows apart that repeat each other.
    """

    keys: Keys
    on: date
    file_name: str

    def of_pair(self, pair: Pair, told: Told) -> Found:
        """A record that differs from its permit."""
        facts = self._theirs(told) | _ours(pair.used) | {"gap_seconds": (pair.record.at - pair.used.at) // SECOND}
        return Found(
            kinds=pair.kinds,
            fingerprint=self.keys.fingerprint(f"permit/{pair.used.permit}/{pair.kinds[0]}"),
            facts=facts | {"channel": told.channel},
            row=pair.record.row,
            person_id=pair.used.person,
            permit_id=pair.used.permit,
        )

    def of_missing(self, used: Used, group: str) -> Found:
        """A used permit without a record."""
        kind = Kind.PERMIT_WITHOUT_RECORD
        return Found(
            kinds=(kind,),
            fingerprint=self.keys.fingerprint(f"permit/{used.permit}/{kind}"),
            facts=_ours(used) | {"channel": group.partition(":")[0], "file": self.file_name},
            person_id=used.person,
            permit_id=used.permit,
        )

    def of_alone(self, told: Told, kinds: tuple[Kind, ...], person_id: int | None, nth: int) -> Found:
        """A record that belongs to no permit."""
        record = told.record
        own = (group_of(told.channel, told.key), record.said(), record.at, kinds[0] is Kind.RECORDED_TWICE, nth)
        return Found(
            kinds=kinds,
            fingerprint=self.keys.fingerprint(f"record/{self.on}/{own}"),
            facts=self._theirs(told) | {"channel": told.channel},
            row=record.row,
            person_id=person_id,
        )

    def of_rejected(self, count: int) -> Found:
        """Rows that could not be read: each might be a contact that nobody permitted."""
        return self.of_file(Kind.ROWS_UNREADABLE, {"rejected": count})

    def of_file(self, kind: Kind, facts: dict[str, Any], reason: Text | None = None) -> Found:
        """A file that is late, or cannot be read."""
        told = {"reason": {"zh": reason.zh, "en": reason.en}} if reason else {}
        return Found(
            kinds=(kind,),
            fingerprint=self.keys.fingerprint(f"file/{self.on}/{kind}"),
            facts=facts | told | {"file": self.file_name},
        )

    def _theirs(self, told: Told) -> dict[str, Any]:
        record: Record = told.record
        theirs = {
            "at": _instant(record.at),
            "number": told.masked,
            "answered": record.is_answered,
            "delivered": record.is_delivered,
            "talk_seconds": record.talk_seconds,
            "parts": record.parts,
            "caller_is_ours": record.caller_is_ours,
        }
        return {"theirs": theirs, "row": record.row, "file": self.file_name}


def _ours(used: Used) -> dict[str, Any]:
    ours = {
        "at": _instant(used.at),
        "answered": used.is_answered,
        "delivered": used.is_delivered,
        "talk_seconds": used.talk_seconds,
        "parts": used.parts,
        "released": used.is_released,
    }
    return {"ours": ours}


def _instant(at: int) -> str:
    return (_EPOCH + timedelta(microseconds=at)).isoformat()
