"""短信签名与模板的运营商报备, and the recall of a wording: docs/decisions/0065-filings-and-recall.md."""
