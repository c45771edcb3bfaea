"""Take a file from a screen: the map is read at once, so that its author hears of a mistake; rows are a job's work."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from zhizhi.store.imports.uploads import Upload, keep_upload
from zhizhi.store.lenders.rights import Right
from zhizhi.usecases.authority import require
from zhizhi.usecases.intake.book_map import read_map


@dataclass(frozen=True, slots=True)
class AcceptUpload:
    """A file, its map, and who brought it; `lender_id` where that desk may only import for one lender."""

    name: str
    chunks: Iterable[bytes] = field(repr=False)
    map_body: str = field(repr=False)
    lender_id: int | None
    by: int
    resends_id: int | None = None


def accept_upload(command: AcceptUpload) -> int:
    """Keep the file; answers its id. Refuses: a map that does not check, and what `keep_upload` refuses."""
    require(command.by, Right.IMPORT)
    book_map = read_map(command.map_body)
    return keep_upload(
        Upload(
            name=command.name,
            chunks=command.chunks,
            kind=book_map.kind.value,
            map_body=command.map_body,
            map_digest=hashlib.sha256(command.map_body.encode()).hexdigest(),
            lender=book_map.lender,
            lender_id=command.lender_id,
            uploaded_by=command.by,
            resends_id=command.resends_id,
        )
    )
