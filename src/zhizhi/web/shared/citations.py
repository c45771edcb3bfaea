"""An article as a person would quote it: `CN statutes PIPL 6, 15` is 个人信息保护法 第6、15条 on a screen.

The decision document keeps the short form; only what is shown is told in words.
"""

import re

from zhizhi.core.kernel.text import Text

_FLOOR = "CN statutes "  # the pack of statutes names each law by itself
_INSTRUMENTS: dict[str, tuple[str, str]] = {
    "AML": ("反洗钱法", "Anti-Money Laundering Law"),
    "CAC incident measures": ("国家网络安全事件报告管理办法", "measures on reporting cybersecurity incidents"),
    "CBA 2026": ("银行业协会催收工作指引", "Banking Association guideline of 2026"),
    "CBIRC 2020-3": ("银行业保险业消费投诉处理管理办法", "measures on consumer complaints (CBIRC 2020-3)"),
    "CBIRC 2020-9": ("商业银行互联网贷款管理暂行办法", "interim measures on internet loans (CBIRC 2020-9)"),
    "CBIRC-PBC 2022-13": ("信用卡业务通知(银保监规〔2022〕13号)", "credit-card notice"),
    "CBRC 2011-2": ("商业银行信用卡业务监督管理办法", "credit-card measures (CBRC 2011-2)"),
    "CC": ("民法典", "Civil Code"),
    "CPL": ("民事诉讼法", "Civil Procedure Law"),
    "CPLI": ("民事诉讼法司法解释", "interpretation of the Civil Procedure Law"),
    "CRR": ("征信业管理条例", "Credit Reporting Regulation"),
    "CSL": ("网络安全法", "Cybersecurity Law"),
    "Consumer Regulation": ("消费者权益保护法实施条例", "Consumer Protection Regulation"),
    "Cryptography Law": ("密码法", "Cryptography Law"),
    "MIIT 2020-81": ("工信部信管〔2020〕81号", "MIIT notice 2020-81"),
    "MIIT 31": ("通信短信息服务管理规定", "provisions on short messages (MIIT 31)"),
    "Mediation Law": ("人民调解法", "People's Mediation Law"),
    "NDR": ("网络数据安全管理条例", "Network Data Security Regulation"),
    "NFRA 2024-24": ("银行保险机构数据安全管理办法", "data security measures (NFRA 2024-24)"),
    "NFRA 2024-26": ("小额贷款公司监督管理暂行办法", "interim measures on micro-loan companies (NFRA 2024-26)"),
    "NFRA 2024-4": ("消费金融公司管理办法", "consumer-finance company measures (NFRA 2024-4)"),
    "NFRA 2025-9": ("互联网助贷业务通知(金规〔2025〕9号)", "notice on internet-assisted loans (NFRA 2025-9)"),
    "NFRA 2026-2": ("金融监管总局 2026-2", "NFRA 2026-2"),
    "NIFA 2018": ("互金协会催收自律公约", "NIFA pact of 2018"),
    "Notarisation Law": ("公证法", "Notarisation Law"),
    "PBC 5": ("金融消费者权益保护实施办法(人民银行令〔2020〕5号)", "PBC Order 5 on financial consumers"),
    "PBC Order 2025-4": ("人民银行令〔2025〕4号", "PBC Order 2025-4"),
    "PBC data security 2025": ("人民银行业务领域数据安全管理办法", "PBC data security measures of 2025"),
    "PIPL": ("个人信息保护法", "Personal Information Protection Law"),
    "PSPL": ("治安管理处罚法", "Public Security Penalties Law"),
    "Shenzhen bankruptcy regulation": ("深圳经济特区个人破产条例", "Shenzhen personal bankruptcy regulation"),
    "Synthetic content measures 2025": ("人工智能生成合成内容标识办法", "measures on labelling synthetic content"),
    "house": ("内部规则", "house rules"),
}
_LONGEST_FIRST = sorted(_INSTRUMENTS, key=len, reverse=True)
_ROW = re.compile(r"[A-Z][A-Z.]*-\d+")
_ARTICLES = re.compile(r"\d+(-\d+)?(, \d+(-\d+)?)*")


def cited(cites: str) -> Text:
    """The instrument by name and its articles in words. Boundary: what this list does not name stays as it is."""
    law = cites.removeprefix(_FLOOR)
    if law != cites and _ROW.fullmatch(law):  # a row of the floor that rests on no single article
        return Text(f"法定底线 {law}", f"statutory floor {law}")
    pieces = [_piece(piece) for piece in law.split("; ")]
    return Text("；".join(piece.zh for piece in pieces), "; ".join(piece.en for piece in pieces))


def _piece(written: str) -> Text:
    short = next((name for name in _LONGEST_FIRST if f"{written} ".startswith(f"{name} ")), None)
    if short is None:
        return Text(written, written)
    zh, en = _INSTRUMENTS[short]
    rest = written[len(short) :].strip()
    if rest in _INSTRUMENTS:  # a notice that a pack holds beside its main instrument
        return Text(*_INSTRUMENTS[rest])
    if _ARTICLES.fullmatch(rest):
        numbers = rest.replace(", ", "、").replace("-", "至")
        return Text(f"{zh}第{numbers}条", f"{en}, art. {rest}")
    return Text(f"{zh} {rest}".strip(), f"{en} {rest}".strip())
