"""A book of accounts as a file brings it: its columns, and the map that reads them."""

COLUMNS = ("客户号", "账户号", "姓名", "身份证号", "到期日", "本金", "手机")
HEADER = ",".join(COLUMNS)
ID = "750101199003070037"  # made up; the check digit fits


def map_of(lender: str) -> str:
    """The map of such a file for a lender."""
    return f"""[file]
kind = "accounts"
lender = "{lender}"
unit = "yuan"

[columns]
customer = "客户号"
account = "账户号"
name = "姓名"
id_number = "身份证号"
product = {{ constant = "credit_card" }}
oldest_unpaid_due_on = "到期日"
principal = "本金"
mobile = "手机"
"""
