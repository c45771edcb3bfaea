"""Idempotency keys: an answer is committed with what it speaks of, and given again to whoever asks again."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connections

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.keyring import product_seal
from zhizhi.store.leases.models import KeptAnswer
from zhizhi.store.many import Question, Rows, ask

PURPOSE = "api/answers"
KEPT_FOR = timedelta(days=2)
OTHER_REQUEST = Text(
    "该 Idempotency-Key 已用于另一个请求；请为新请求换一个键",
    "this Idempotency-Key was used for another request; help: take a new key for a new request",
)


class OtherRequest(Refused):
    """A key that came with another request before."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request under a key; `request` is everything that it said."""

    token_id: int
    key: str
    request: bytes = field(repr=False)

    def digest(self) -> bytes:
        """What two requests that are the same have alike."""
        return hashlib.sha256(self.request).digest()

    def place(self) -> str:
        """To what a kept answer is bound."""
        return f"answer/{self.token_id}/{self.key}"


# One by one: as a join it was planned, while the table was small, as a reading of every answer of a token.
_KEPT = """
SELECT w.token_id, w.key, k.* FROM unnest(%s::bigint[], %s::text[]) w (token_id, key)
CROSS JOIN LATERAL (
    SELECT encode(k.request_sha256, 'hex'), encode(k.sealed, 'hex') FROM kept_answer k
    WHERE k.token_id = w.token_id AND k.key = w.key LIMIT 1
) k
"""


def load_answer(asked: Asked) -> dict[str, Any] | None:
    """What the same request was answered, or None where it is new. Refuses: a key of another request."""
    (known,) = ask(answers_to([asked]))
    if isinstance(known, OtherRequest):
        raise known
    return known


def answers_to(asked: Sequence[Asked]) -> Question[list[dict[str, Any] | OtherRequest | None]]:
    """The question of `load_answer` for several requests; a key of another request is answered, not raised."""

    def read(rows: Rows) -> list[dict[str, Any] | OtherRequest | None]:
        kept = {
            (token_id, key): (bytes.fromhex(digest), bytes.fromhex(sealed)) for token_id, key, digest, sealed in rows
        }
        return [_known(one, kept.get((one.token_id, one.key))) for one in asked]

    return Question(_KEPT, [[one.token_id for one in asked], [one.key for one in asked]], read)


def _known(asked: Asked, kept: tuple[bytes, ...] | None) -> dict[str, Any] | OtherRequest | None:
    if kept is None:
        return None
    digest, sealed = kept
    if digest != asked.digest():
        return OtherRequest("idempotency_key_reused", OTHER_REQUEST)
    answer = product_seal(PURPOSE).open_json(sealed, asked.place())
    assert isinstance(answer, dict)
    return answer


def kept_answer(asked: Asked, answer: dict[str, Any], at: datetime) -> KeptAnswer:
    """The row, to be inserted with what the answer speaks of."""
    return KeptAnswer(
        token_id=asked.token_id,
        key=asked.key,
        request_sha256=asked.digest(),
        at=at,
        sealed=product_seal(PURPOSE).close_json(answer, asked.place()),
    )


def forget_answers(at: datetime) -> int:
    """Drop answers that nobody can ask for again."""
    with connections["gate"].cursor() as cursor:
        cursor.execute("DELETE FROM kept_answer WHERE at < %s", [at - KEPT_FOR])
        return int(cursor.rowcount)
