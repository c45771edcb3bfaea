"""A certificate as a page to be printed: what its digest says, and how it is checked."""

from html import escape

from zhizhi.core.kernel.text import Text
from zhizhi.store.certificates.reads import CertificateRow, open_certificate
from zhizhi.store.exports.words import DataClass
from zhizhi.usecases.exports.content import Content, wrapped

_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>结清证明 {number}</title></head>
<body style="font-family: serif; max-width: 40em; margin: 4em auto; line-height: 1.8">
<h1 style="text-align: center">结清证明</h1>
<p>编号 {number}</p>
<p>{name}：</p>
<p>您与本机构的{product}债权，截至 {issued_on} 已{how}，余额为零，本机构不再就该笔债权主张任何权利。</p>
<p style="text-align: right">{lender}<br>{issued_on}</p>
<hr><p><small>This certifies that as of {issued_on} nothing is owed on the debt named above.
款项其后被退回的，本证明作废。It is void where money goes back afterwards.<br>SHA-256 {digest}</small></p>
</body></html>
"""
_PRODUCTS = {"instalment_loan": "分期贷款", "revolving_line": "循环额度", "credit_card": "信用卡"}


def certificate_page(target: str) -> Content | None:
    """For the debtor; it names a person and what they owed, so it weighs as credit data does."""
    found = open_certificate(int(target)) if target.isdecimal() else None
    if found is None:
        return None
    row, document = found
    octets = _page(row, {name: str(value) for name, value in document.items()}).encode()
    return Content(
        what=Text(f"结清证明 {row.number}", f"certificate {row.number}"),
        name=f"certificate-{row.number}",
        lender_id=row.lender_id,
        data_class=DataClass.CLOSE,
        rows=1,
        make=lambda stamp: wrapped(f"{row.number}.html", octets, stamp),
        person_id=row.person_id,
    )


def _page(row: CertificateRow, document: dict[str, str]) -> str:
    return _PAGE.format(
        number=escape(document["number"]),
        name=escape(document["name"]),
        lender=escape(document["lender"]),
        product=_PRODUCTS[document["product"]],
        issued_on=document["issued_on"],
        how="经协商减免结清" if row.with_waiver else "结清",
        digest=row.digest,
    )
