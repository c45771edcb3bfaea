"""Numbers and addresses of persons in free text, however they are written: spaced, full width, or in Chinese numerals.

What is found is questioned before it is kept. Boundary: what may be a number of a person counts as one; days, amounts
and numbers of cases do not.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from zhizhi.core.kernel.masks import HIDDEN, MaskKind

_NUMERALS = {
    **dict(zip("零〇○一二三四五六七八九", (0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)),
    **dict(zip("壹贰叁肆伍陆柒捌玖", range(1, 10), strict=True)),
    **dict(zip("幺两兩貳參陸", (1, 2, 2, 2, 3, 6), strict=True)),
}
_BETWEEN = frozenset(" \t\n\r\f\v-–—―‐‑_·•.,，、。:：/\\|*()（）[]【】~～'\"“”")
_GAP_MAX = 4
MOBILE_DIGITS = 11
_RUN_MAX = 200
_GROUPS_MAX = 24  # a number of nineteen digits, each alone, and a few more

NUMBER_KINDS = frozenset((MaskKind.MOBILE, MaskKind.LANDLINE, MaskKind.ID, MaskKind.CARD))
_NUMBERS: tuple[tuple[MaskKind, re.Pattern[str]], ...] = (
    (MaskKind.ID, re.compile(r"[0-9]{17}X")),
    (MaskKind.ID, re.compile(r"[1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])[0-9]{3}[0-9X]")),
    (MaskKind.MOBILE, re.compile(r"(?:0086|86|0)?1[0-9]{10}")),
    (MaskKind.LANDLINE, re.compile(r"(?:0086|86)?0[1-9][0-9]{8,10}|[48]00[0-9]{7}")),
    (MaskKind.CARD, re.compile(r"[0-9]{16,19}")),
    (MaskKind.ID, re.compile(r"[0-9]{15}")),
)
# What is written in groups of its own and is no number of a person, where nothing else of digits stands next to it.
_DAY = r"(?:19|20)[0-9]{2}\s*[-/.年]\s*[0-9]{1,2}\s*[-/.月]\s*[0-9]{1,2}(?![0-9])\s*日?"
_CLOCK = r"[0-2]?[0-9]:[0-5][0-9](?::[0-5][0-9])?(?![0-9:])"
_AMOUNT = (
    r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]{1,2})?(?![0-9,])\s*元?|(?:0|[1-9][0-9]{0,9})(?:\.[0-9]{1,2})?\s*[元块]"
)
_ORDINARY = re.compile(rf"(?<![0-9])(?:(?:{_DAY}|{_CLOCK}|{_AMOUNT})[\s,，、;；至到~—-]*)+")
_STANDS_ALONE_BESIDE = re.compile(r"[^0-9零〇一二三四五六七八九.:\-—–·]?")
_CALLED = re.compile(r"(?:电话|座机|手机|号码|联系方式|分机|打到|拨打?|tel|phone|call|mobile)\D{0,4}$", re.IGNORECASE)
_LOCAL = re.compile(r"[2-9][0-9]{6,7}")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}\s?@\s?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_HANDLE = re.compile(
    r"(?:微信|威信|薇信|vx|wx|wechat|weixin|qq|扣扣|支付宝|陌陌|抖音|小红书)\s*(?:号码|号|id|账号)?\s*(?:是|为|[:：=])?\s*([A-Za-z0-9][A-Za-z0-9_-]{4,29})",
    re.IGNORECASE,
)
_COUNT = "[0-9零〇一二三四五六七八九十百]{1,6}"
_ROAD = "路|街|大道|道|巷|弄|胡同|里|村|庄|屯|小区|花园|新村|家园|公寓|大厦|广场|苑|园|城|社区"
_HOUSE = "号院|号楼|号|弄|栋|幢|座|单元|室|楼|层|组|户"
_ADDRESS = re.compile(
    rf"[\u4e00-\u9fff]{{1,24}}?(?:{_ROAD})"
    rf"(?:[\u4e00-\u9fffA-Za-z]{{0,6}}?(?:甲|乙|第|附)?{_COUNT}(?:[-之]{_COUNT}){{0,4}}\s*(?:{_HOUSE})){{1,8}}"
    rf"(?:\s*{_COUNT}(?!\s*[天日月年元次点分]))?"
)
_BEFORE_ADDRESS = re.compile(
    r"^(?:客户|本人|现在|住在|住址|住|地址|家住|家在|搬到|搬至|新地址|单位在|公司在|寄到|寄往|送到|是|为|在|到)+"
)


@dataclass(frozen=True, slots=True)
class Found:
    """A place in a text that looks like personal data of this kind: `text[start:end]`."""

    kind: MaskKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Group:
    """Digits that stand together: as written, and where."""

    digits: str
    start: int
    end: int


def find_personal(text: str) -> tuple[Found, ...]:
    """What looks like a number, an address or a handle of a person, in the order of the text; none overlaps."""
    plain = _plain(text)
    found = [*_of_patterns(plain), *_of_digits(plain)]
    kept: list[Found] = []
    for one in sorted(found, key=lambda each: (each.start, -each.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
        elif one.end > kept[-1].end:  # what begins inside another and goes further is hidden with it
            kept[-1] = Found(kept[-1].kind, kept[-1].start, one.end)
    return tuple(kept)


def hidden(text: str) -> str:
    """The text with everything that `find_personal` finds hidden. Boundary: nothing is found in what it answers."""
    for _ in range(len(text) + 1):
        found = find_personal(text)
        if not found:
            return text
        for one in reversed(found):
            text = f"{text[: one.start]}{HIDDEN}{text[one.end :]}"
    raise AssertionError("each round hides a digit or a letter, so the rounds end")


def digits_of(text: str, found: Found) -> str:
    """The digits of a number that was found, without what stood between them and without the country's code."""
    plain = _plain(text[found.start : found.end])
    digits = "".join(_digit(character, "0") for character in plain)
    return digits[-MOBILE_DIGITS:] if found.kind is MaskKind.MOBILE else digits


def telephone_numbers(text: str) -> int:
    """How many telephone numbers a text holds, each counted as often as it stands there."""
    return sum(one.kind in (MaskKind.MOBILE, MaskKind.LANDLINE) for one in find_personal(text))


def _plain(text: str) -> str:
    """The text with each character in its plain form, place by place: full-width, circled, mathematical digits too."""
    return "".join(_plain_character(character) for character in text)


def _plain_character(character: str) -> str:
    if character.isascii():
        return character
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    folded = unicodedata.normalize("NFKC", character)
    if len(folded) == 1:
        return folded
    return " " if unicodedata.category(character) in ("Cf", "Zs") else character


def _of_patterns(plain: str) -> Iterator[Found]:
    for match in _EMAIL.finditer(plain):
        yield Found(MaskKind.EMAIL, *match.span())
    for match in _HANDLE.finditer(plain):
        yield Found(MaskKind.HANDLE, *match.span(1))
    for match in _ADDRESS.finditer(plain):
        said = _BEFORE_ADDRESS.match(match[0])
        yield Found(MaskKind.ADDRESS, match.start() + (said.end() if said else 0), match.end())


def _of_digits(plain: str) -> Iterator[Found]:
    blanked = _ORDINARY.sub(_blanked, plain)
    for run in _runs(blanked):
        yield from _in_run(blanked, run)


def _blanked(match: re.Match[str]) -> str:
    """Days, hours and amounts as characters that join nothing; as they are, where digits go on beside them."""
    before, after = match.string[: match.start()].rstrip()[-1:], match.string[match.end() :].lstrip()[:1]
    if _STANDS_ALONE_BESIDE.fullmatch(before) and _STANDS_ALONE_BESIDE.fullmatch(after):
        return "\x00" * len(match[0])
    return match[0]


def _runs(text: str) -> Iterator[list[_Group]]:
    """Groups of digits with nothing but a few separators between them."""
    run: list[_Group] = []
    digits, start, in_words = "", 0, False
    for place, character in enumerate(f"{text}\x00"):
        digit = _digit(character, digits)
        if digit:
            if digits and (character in _NUMERALS) is not in_words:  # 张三138…: the name is no part of the number
                run.append(_Group(digits, start, place))
                digits = ""
            in_words = character in _NUMERALS
            start = start if digits else place
            digits += digit
            continue
        if digits:
            run.append(_Group(digits, start, place))
            digits = ""
        if (character in _BETWEEN or _is_unseen(character)) and (not run or place - run[-1].end < _GAP_MAX):
            continue
        if run:
            yield run[:_RUN_MAX]
        run = []


def _digit(character: str, before: str) -> str:
    if character.isascii():
        if character.isdigit():
            return character
        return "X" if character in "xX" and len(before) >= 1 else ""
    numeral = _NUMERALS.get(character)
    return "" if numeral is None else str(numeral)


def _is_unseen(character: str) -> bool:
    return character != "\x00" and unicodedata.category(character) in ("Cf", "Mn", "Zs")


def _in_run(text: str, run: Sequence[_Group]) -> Iterator[Found]:
    """The longest neighbours that together are a number, from the left; then the next."""
    at = 0
    while at < len(run):
        for until in range(min(len(run), at + _GROUPS_MAX), at, -1):
            kind = _kind("".join(group.digits for group in run[at:until]), text[: run[at].start], until - at)
            if kind is not None:
                yield Found(kind, run[at].start, run[until - 1].end)
                at = until
                break
        else:
            at += 1


def _kind(digits: str, before: str, groups: int) -> MaskKind | None:
    for kind, pattern in _NUMBERS:
        if pattern.fullmatch(digits):
            return kind
    if groups <= 2 and _LOCAL.fullmatch(digits) and _CALLED.search(before[-12:]):
        return MaskKind.LANDLINE
    return None
