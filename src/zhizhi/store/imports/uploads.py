"""Files that came in through a screen: kept unread in the state folder until a job works them."""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.imports.models import ImportedFile, RefusedRow
from zhizhi.store.imports.reads import load_codes

UPLOAD_BYTES_MAX = 512 << 20
SUFFIXES = (".csv", ".xlsx", ".parquet")


class UploadRefused(Refused):
    """A file that is not kept; `field` names the place on the form."""

    def __init__(self, code: str, text: Text, field: str = "file") -> None:
        super().__init__(code, text)
        self.field = field


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as a screen hands it over."""

    name: str
    chunks: Iterable[bytes]
    kind: str
    map_body: str
    map_digest: str
    lender: str
    lender_id: int | None
    uploaded_by: int
    resends_id: int | None = None


def uploads_folder() -> Path:
    """Where uploads lie until they are worked."""
    return Path(os.environ["ZHIZHI_STATE"]) / "uploads"


def upload_path(file_id: int) -> Path:
    """Where the bytes of a waiting file lie; the job that works it looks there (jobs/imports.py)."""
    return uploads_folder() / str(file_id)


def keep_upload(upload: Upload) -> int:
    """Keep the bytes and a row that waits; answers its id. Refuses: another lender's book or format, too many bytes."""
    name = Path(upload.name).name
    if Path(name).suffix.lower() not in SUFFIXES:
        raise UploadRefused(
            "bad_format", Text("只接受 CSV、XLSX 或 Parquet 文件", "only CSV, XLSX and Parquet files are read")
        )
    lenders, _ = load_codes()
    lender_id = lenders.get(upload.lender, upload.lender_id)
    if upload.lender_id is not None and lender_id != upload.lender_id:
        raise UploadRefused(
            "other_lender", Text("映射里的机构不是您的机构", "the lender of the map is not yours"), "map"
        )
    row = ImportedFile.objects.using("gate").create(
        lender_id=lender_id,
        kind=upload.kind,
        name=name,
        digest="",
        map_digest=upload.map_digest,
        map_body=upload.map_body,
        state="failed",  # until every byte is there nothing may pick it up
        failure={
            "code": "upload_broken",
            "zh": "上传中断，请重新上传",
            "en": "the upload broke off; help: upload it again",
        },
        uploaded_by=upload.uploaded_by,
        resends_id=upload.resends_id,
    )
    digest = write_upload(upload_path(row.pk), upload.chunks)
    ImportedFile.objects.using("gate").filter(pk=row.pk).update(digest=digest, state="waiting", failure=None)
    return row.pk


def write_upload(path: Path, chunks: Iterable[bytes]) -> str:
    """Write the bytes of an upload to a private file; answers their SHA-256. Refuses: too many bytes."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as file:
        os.chmod(file.fileno(), 0o600)
        for chunk in chunks:
            size += len(chunk)
            if size > UPLOAD_BYTES_MAX:
                path.unlink()
                raise UploadRefused(
                    "too_large",
                    Text(
                        f"文件超过 {UPLOAD_BYTES_MAX >> 20} MB；请用命令行导入",
                        f"the file is larger than {UPLOAD_BYTES_MAX >> 20} MB; help: import it by command",
                    ),
                )
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def count_refused_waiting() -> int:
    """Refused rows that this viewer may see and that nobody mended yet."""
    return RefusedRow.objects.filter(resent_in=None, erased_at=None).count()
