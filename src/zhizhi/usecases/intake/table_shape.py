"""What a table looks like from outside: its header against the map, and the columns that no book may bring."""

import re
from collections import Counter
from collections.abc import Sequence

from zhizhi.core.kernel.limits import CONTACT_PERSONS_MAX
from zhizhi.core.kernel.text import Text
from zhizhi.core.screening.personal import find_personal
from zhizhi.usecases.intake.book_map import BookMap
from zhizhi.usecases.intake.limits import COLUMNS_MAX, NUMBERS_IN_A_CELL_MAX
from zhizhi.usecases.intake.problems import FileRefused

_ADDRESS_BOOK = re.compile(
    r"通讯录|通訊錄|通话记录|通话详单|通話|短信记录|电话簿|address[_ -]?book|phone[_ -]?book|"
    r"call[_ -]?(log|record|detail|history)s?|contacts?[_ -]?list|sms[_ -]?(log|record)s?",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"(.*?(?:contact|friend|relative|phone|mobile|tel|联系人|好友|亲友|电话|手机).*?)[_ -]?(\d{1,3})(?:[_ -]?\D*)?",
    re.IGNORECASE,
)
_TELEPHONE = re.compile(r"(?<![0-9])(?:\+?86[- ]?)?1[0-9]{10}(?![0-9])|(?<![0-9])0[0-9]{2,3}-[0-9]{7,8}(?![0-9])")

_VALUE = re.compile(r"[0-9０-９][0-9０-９.,:/ -]{3,}")


def check_header(header: Sequence[str], book_map: BookMap) -> None:
    """Refuses: an empty or doubled heading, too many columns, a column that the map names and the file lacks."""
    if len(header) > COLUMNS_MAX:
        raise FileRefused(
            "too_many_columns", Text(f"超过 {COLUMNS_MAX} 列", f"the table has more than {COLUMNS_MAX} columns")
        )
    doubled = [name for name, times in Counter(header).items() if times > 1 and name]
    if doubled:
        raise FileRefused(
            "double_header",
            Text(
                f"表头重复：{told_headings(header, doubled)}；请改名后重新发送",
                f"headings stand twice: {told_headings(header, doubled)}; help: rename them and send the file again",
            ),
        )
    absent = [name for name in book_map.columns if name not in header]
    if absent and sum(not name for name in header) >= max(2, len(header) // 3):
        raise FileRefused(
            "merged_header",
            Text(
                f"表头有空列名（可能是合并单元格或标题行），且缺少：{_listed(absent)}；请让第一行成为一列一个名称",
                f"headings are empty (merged cells, or a title above the header?) and these are missing:"
                f" {_listed(absent)};"
                " help: let the first row hold one name a column",
            ),
        )
    if absent:
        found = told_headings(header, [name for name in header if name]) or "—"
        raise FileRefused(
            "missing_column",
            Text(
                f"文件缺少映射中的列：{_listed(absent)}；文件的列：{found}。若分隔符不是逗号，请在映射写"
                f" delimiter；请核对文件与映射是否配套",
                f"the file lacks columns that the map names: {_listed(absent)}; it has: {found};"
                " help: check that file and map belong together, and the delimiter",
            ),
        )


def check_no_address_book(header: Sequence[str], samples: Sequence[Sequence[str]]) -> None:
    """Refuses: columns that hold the numbers of other people, whether the map names them or not. Law: PIPL 6, GB/T
    45251-2025."""
    found = [name for name in header if _ADDRESS_BOOK.search(name)]
    found += _numbered_families(header)
    for index, name in enumerate(header):
        if any(index < len(row) and _numbers_in(row[index]) > NUMBERS_IN_A_CELL_MAX for row in samples):
            found.append(name or f"#{index + 1}")
    if found:
        named = told_headings(header, list(dict.fromkeys(found)))
        raise FileRefused(
            "address_book",
            Text(
                f"这些列像是通讯录或通话记录：{named}；本系统不接收他人号码清单，整个文件已拒收，未保存任何内容。请删除这些列后重新发送",
                f"these columns look like an address book or a call log: {named}; such lists are not taken in, the"
                f" whole file was refused and"
                " nothing was stored; help: delete the columns and send the file again",
            ),
        )


def told_headings(header: Sequence[str], names: Sequence[str]) -> str:
    """Headings of a file for a message; their places alone where the first row holds a person's values instead."""
    if any(find_personal(name) or _VALUE.fullmatch(name) for name in header):
        names = [f"#{header.index(name) + 1}" if name in header else name for name in names]
    return _listed(names)


def _numbered_families(header: Sequence[str]) -> list[str]:
    families: dict[str, dict[int, list[str]]] = {}
    for name in header:
        match = _NUMBERED.fullmatch(name)
        if match:
            families.setdefault(match[1].strip("_ -").lower(), {}).setdefault(int(match[2]), []).append(name)
    return [
        name
        for members in families.values()
        if len(members) > CONTACT_PERSONS_MAX
        for names in members.values()
        for name in names
    ]


def _numbers_in(cell: str) -> int:
    return len(set(_TELEPHONE.findall(cell))) if len(cell) > 4 * 11 else 0


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name[:40]}`" for name in names[:12])
    return shown + (f" … (+{len(names) - 12})" if len(names) > 12 else "")
