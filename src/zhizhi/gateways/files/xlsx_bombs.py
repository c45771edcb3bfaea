"""Workbooks that are small on the disk and enormous in memory, refused before openpyxl opens them.

Sizes that a workbook declares hold, for zipfile reads no further; but one part may be read whole, one cell may be all
of a sheet, and one row may have millions of cells. So parts that are not read row by row are limited by themselves, and
the others are looked through once, in blocks, for what their reader would have to hold at a time.
"""

import re
import zipfile
from collections.abc import Iterable
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

MAX_WHOLE_PART_OCTETS = 16 * 1024**2
LOOKED_THROUGH_FROM_OCTETS = 4 * 1024**2
MAX_RUN_OCTETS = 1_048_576  # a cell holds 32,767 characters; written out, each may take some ten octets
MAX_TAGS_OF_A_ROW = 400_000  # 16,384 columns of a few elements each; also all merges after the last row
CONTENT_TYPES = "[Content_Types].xml"
BY_ROWS = ("worksheet+xml", "sharedStrings+xml", "pivotCacheRecords+xml")
STRINGS = "sharedStrings+xml"
_XML = (".xml", ".rels", ".vml")
_BEGINS = re.compile(rb"<(?:\w+:)?(?:row|si)[\s/>]")
_BLOCK = 1_048_576


def strings_parts(archive: zipfile.ZipFile) -> set[str]:
    """The parts that hold shared strings, by what the workbook says they are and by their usual name."""
    usual = {name for name in archive.namelist() if name.lower().endswith("sharedstrings.xml")}
    return usual | {name for name, kind in _kinds(archive).items() if kind.endswith(STRINGS)}


def holds_too_much(archive: zipfile.ZipFile) -> bool:
    """Whether a part would have to be held whole that is too large for it, or a cell or a row would."""
    kinds = _kinds(archive)
    for part in archive.infolist():
        if not part.filename.lower().endswith(_XML) or part.file_size <= LOOKED_THROUGH_FROM_OCTETS:
            continue
        is_by_rows = kinds.get(part.filename, "").endswith(BY_ROWS) and part.filename != "xl/styles.xml"
        if not is_by_rows and part.file_size > MAX_WHOLE_PART_OCTETS:
            return True
        if is_by_rows:
            with archive.open(part) as file:
                if _holds_too_much(iter(lambda: file.read(_BLOCK), b"")):
                    return True
    return False


def _kinds(archive: zipfile.ZipFile) -> dict[str, str]:
    """Content type by part; nothing where the list is missing, or itself too long to be read."""
    if CONTENT_TYPES not in archive.namelist() or archive.getinfo(CONTENT_TYPES).file_size > MAX_WHOLE_PART_OCTETS:
        return {}
    try:
        root = fromstring(archive.read(CONTENT_TYPES))
    except (ParseError, DefusedXmlException):
        return {}  # refused by whoever reads it
    return {str(one.get("PartName", "")).lstrip("/"): str(one.get("ContentType", "")) for one in root}


def _holds_too_much(blocks: Iterable[bytes]) -> bool:
    """Looks through a part; what stands before the last `<` of a block is whole."""
    tail, tags, is_first = b"", 0, True
    for block in blocks:
        window = tail + block
        cut = window.rfind(b"<", 1)
        whole, tail = (window[:cut], window[cut:]) if cut > 0 else (b"", window)
        if len(tail) > MAX_RUN_OCTETS or any(len(run) > MAX_RUN_OCTETS for run in whole.split(b"<")):
            return True
        if b"<!" in (whole if not is_first else whole[whole.find(b"<", 1) :]):
            return True  # a comment or a CDATA section could hide where a row begins; no spreadsheet writes one
        is_first, last = False, 0
        for begin in _BEGINS.finditer(whole):
            if tags + whole.count(b"<", last, begin.start()) > MAX_TAGS_OF_A_ROW:
                return True
            tags, last = 0, begin.start()
        tags += whole.count(b"<", last)
        if tags > MAX_TAGS_OF_A_ROW:
            return True
    return False
