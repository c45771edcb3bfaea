"""What is exported, and how a file of it is made that says who took it, when, for whom, under which number."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from zhizhi.core.evidence.bundle_archive import write_archive
from zhizhi.core.kernel.sheets import ENCODING, EXPORT_COLUMN, sheet_line
from zhizhi.core.kernel.text import Text
from zhizhi.store.exports.words import DataClass

COVER = "zhizhi-export.txt"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a file says of its own leaving; `mark` is the number and its code."""

    mark: str
    login: str
    recipient: str
    at: datetime

    @property
    def line(self) -> str:
        """The whole of it in one line."""
        taken_at = self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")
        return f"导出 export {self.mark} | 经手 by {self.login} | {taken_at} | 接收 for {self.recipient}"


@dataclass(frozen=True, slots=True)
class Made:
    """A file. `rows`: the cells of its rows as they were before anything of ours, by which a copy is known again."""

    octets: bytes
    media: str
    suffix: str
    rows: Sequence[Sequence[str]] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """What somebody may see and wants to take: `rows` records about persons, of one class.

    `make` writes the file. `person_id`: where it is about one person of the book.
    """

    what: Text
    name: str
    lender_id: int | None
    data_class: DataClass
    rows: int
    make: Callable[[Stamp], Made]
    person_id: int | None = None

    @property
    def units(self) -> int:
        """What it weighs against the limits."""
        return self.rows * self.data_class.units


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: cells before the row's own (its number), its own, and cells behind them (why it was refused)."""

    own: Sequence[str]
    before: Sequence[str | int] = ()
    behind: Sequence[str] = ()


def sheet(heading: Sequence[str], rows: Sequence[SheetRow], stamp: Stamp) -> Made:
    """CSV with the stamp in a last column of every row; importing the file again passes it over."""
    lines = [sheet_line([*heading, EXPORT_COLUMN])]
    lines += [sheet_line([*row.before, *row.own, *row.behind, stamp.line]) for row in rows]
    return Made("".join(lines).encode(ENCODING), "text/csv; charset=utf-8", "csv", [row.own for row in rows])


def wrapped(name: str, octets: bytes, stamp: Stamp) -> Made:
    """A file that is evidence as it is, untouched beside its cover: altering it would spoil what it proves."""
    cover = f"{stamp.line}\r\n\r\n{_COVER.zh}\r\n{_COVER.en}\r\n"
    return Made(write_archive([(COVER, cover.encode(ENCODING)), (name, octets)]), "application/zip", "zip")


_COVER = Text(
    "本包内的文件按原样导出，未作改动，与导出记录一并存证。仅限上述接收人用于所载目的，不得转交。",
    "The file in this archive left as it is; that it left is evidence. It is for the recipient named above alone.",
)
