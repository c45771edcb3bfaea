"""What screens do with the words of packs: punctuation of Chinese print, and articles under the names people quote."""

import re

import pytest

from zhizhi.store.packs import list_packs
from zhizhi.web.shared.citations import cited
from zhizhi.web.shared.typeset import set_chinese

SHORT_FORM = re.compile(r"\b(?!GB/T|CFR)[A-Z]{2,}\b(?!-?\d)")  # what only insiders read; a row id may stand


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("债务已结清, 没有催收目的", "债务已结清，没有催收目的"),
        ("今日已达 3/3 次; 2026-03-03 00:00 起可联系", "今日已达 3/3 次；2026-03-03 00:00 起可联系"),
        ("上限: 3", "上限：3"),
        ("通知(金规〔2025〕9号)", "通知（金规〔2025〕9号）"),
        ("Regulation F(12 CFR 1006 部分)", "Regulation F（12 CFR 1006 部分）"),
        ("PIPL 6, 10, 13 at 09:00, 12 CFR 1006.6(b)", "PIPL 6, 10, 13 at 09:00, 12 CFR 1006.6(b)"),
        ("没有列 `金额(元), 天`; 请检查", "没有列 `金额(元), 天`；请检查"),
        ("", ""),
    ],
)
def test_chinese_is_set_with_its_own_punctuation(written: str, printed: str) -> None:
    assert set_chinese(written) == printed
    assert set_chinese(printed) == printed


@pytest.mark.parametrize(
    ("cites", "zh", "en"),
    [
        ("CN statutes CC 1032-1033", "民法典第1032至1033条", "Civil Code, art. 1032-1033"),
        ("CBA 2026 CBA-017", "银行业协会催收工作指引 CBA-017", "Banking Association guideline of 2026 CBA-017"),
        ("CN statutes A-20", "法定底线 A-20", "statutory floor A-20"),
        ("GB/T 45251-2025 5.3.1.3", "GB/T 45251-2025 5.3.1.3", "GB/T 45251-2025 5.3.1.3"),
        (
            "CBRC 2011-2 CBIRC-PBC 2022-13",
            "信用卡业务通知（银保监规〔2022〕13号）",
            "credit-card notice",
        ),
    ],
)
def test_an_article_is_quoted_by_the_name_of_its_law(cites: str, zh: str, en: str) -> None:
    text = cited(cites)
    assert (set_chinese(text.zh), text.en) == (zh, en)


def test_every_article_of_the_shipped_packs_reads_in_chinese() -> None:
    cites = {rule.cites for pack in list_packs() for rule in pack.rules}
    assert len(cites) > 100
    assert [one for one in cites if SHORT_FORM.search(cited(one).zh)] == []
