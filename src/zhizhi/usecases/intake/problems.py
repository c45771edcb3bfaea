"""What can be wrong with a map, a file, a row: a code for machines, a sentence for people with the place and the
remedy."""

from dataclasses import dataclass

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.limits import CONTACT_PERSONS_MAX
from zhizhi.core.kernel.text import Text


class MapRefused(Refused):
    """The map cannot be used; the text names the key, and the line where it stands."""


class FileRefused(Refused):
    """The whole file is refused before anything is stored."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why one row did not pass. `text` never repeats what stood in the cell."""

    column: str
    code: str
    text: Text


class BadValue(Exception):
    """Raised by the reader of one value; the row reader adds the column."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


PROBLEMS: dict[str, Text] = {
    "missing": Text(
        "必填项为空；请补全后重新发送", "a required value is empty; help: fill it in and send the row again"
    ),
    "ragged": Text(
        "列数与表头不一致；请检查多余或缺少的分隔符、未加引号的换行",
        "the row has another number of columns than the header; help: look for a stray or missing delimiter, or a"
        " line break without quotes",
    ),
    "too_long": Text("内容过长；请核对是否错列", "the value is too long; help: check that columns have not slipped"),
    "control_characters": Text(
        "含有控制字符（如 NUL）；请从源系统重新导出",
        "the value holds control characters such as NUL; help: export it again from the source",
    ),
    "broken_characters": Text(
        "含有无法识别的字符，编码可能不对；请用 UTF-8 或 GB18030 重新导出",
        "the value holds characters that could not be read, the encoding may be wrong; help: export again as UTF-8"
        " or GB18030",
    ),
    "not_an_amount": Text(
        "不是金额；请写数字，最多两位小数，例如 1234.50",
        "not an amount; help: write digits and at most two decimals, as in 1234.50",
    ),
    "too_many_decimals": Text(
        "小数位超过货币的最小单位，不做四舍五入；请在源系统确定金额",
        "more decimals than the currency has, and amounts are never rounded here; help: settle the amount at the"
        " source",
    ),
    "not_whole_minor": Text(
        '以分为单位的金额须为整数；若单位是元，请在映射中写 unit = "yuan"',
        'an amount in minor units is a whole number; help: where the unit is yuan, write unit = "yuan" in the map',
    ),
    "negative_amount": Text(
        "金额为负；欠款不得为负，冲正请用还款文件的 reversal 行",
        "the amount is negative; help: what is owed is never negative, a payment that went back is a row of kind"
        " `reversal`",
    ),
    "amount_too_large": Text(
        "金额达到或超过 10^12 分（100 亿元）；请核对单位是元还是分",
        "the amount reaches 10^12 minor units (ten billion yuan); help: check whether the unit is yuan or fen",
    ),
    "scientific": Text(
        "数字被电子表格写成科学计数（如 1E+11），原值已丢失；请把该列设为文本后重新导出",
        "a spreadsheet wrote the number in scientific notation (such as 1E+11) and its digits are lost; help: make"
        " the column text and export again",
    ),
    "not_a_day": Text(
        "不是日期；请写成 2026-05-06，或在映射中写 format",
        "not a day; help: write it as 2026-05-06, or give its `format` in the map",
    ),
    "day_too_early": Text(
        "日期早于 1980-01-01；电子表格的空日期常显示为 1900 年，请核对",
        "the day lies before 1980-01-01; help: spreadsheets show an empty day as 1900, check it",
    ),
    "day_too_late": Text(
        "日期晚于可信范围；请核对年份", "the day lies further ahead than any due day can; help: check the year"
    ),
    "future_day": Text(
        "日期在未来，而该事应已发生；请核对，或用 --on 指定导入日",
        "the day lies in the future but speaks of something that has happened; help: check it, or give the day of"
        " the import with --on",
    ),
    "not_an_instant": Text(
        "不是时间；请写成 2026-05-06T14:30:00+08:00", "not an instant; help: write it as 2026-05-06T14:30:00+08:00"
    ),
    "bad_identity_number": Text(
        "身份证件号码格式不对；应为 18 位（末位可为 X）或 15 位数字",
        "the identity number does not have the right shape; help: 18 characters (the last may be X) or 15 digits",
    ),
    "bad_identity_checksum": Text(
        "身份证件号码校验位不符；请核对原件",
        "the check digit of the identity number does not fit; help: compare it with the document",
    ),
    "bad_mobile": Text(
        "手机号格式不对；应为 1 开头的 11 位数字",
        "the mobile number does not have the right shape; help: 11 digits that begin with 1",
    ),
    "bad_email": Text("电子邮箱格式不对", "the e-mail address does not have the right shape"),
    "bad_number": Text(
        "编号含有空格或不可见字符", "the number holds spaces or characters that cannot be seen; help: check the column"
    ),
    "not_a_flag": Text(
        "应为 是/否、true/false、1/0 之一；或在映射中写 values",
        "not a yes or no; help: true/false, 1/0, 是/否, or give `values` in the map",
    ),
    "not_a_whole_number": Text("应为整数", "not a whole number"),
    "not_a_rate": Text(
        "不是年利率；请写成小数，如 0.18 表示 18%", "not a rate a year; help: write a fraction, 0.18 for 18 %"
    ),
    "unknown_value": Text(
        "不在允许的取值之内；请在映射的 values 中补充对应",
        "not one of the values of this field; help: add it to `values` in the map",
    ),
    "unknown_currency": Text(
        "货币代码不受支持", "a currency that debts are not kept in; help: CNY, HKD, TWD, USD, EUR, GBP or JPY"
    ),
    "unknown_lender": Text(
        "没有这个机构代码；请先导入机构，或用 --profile 声明",
        "no lender has this code; help: import lenders first, or declare it with --profile",
    ),
    "unknown_agency": Text(
        "没有这个委外机构代码；请先导入委外机构", "no agency has this code; help: import agencies first"
    ),
    "moved_by_two_persons": Text(
        "该人员已开通登录：角色、机构、班组须经两人变更（人员页面），文件不能改动",
        "this member may sign in: role, lender, agency and team are changed by two persons on the page of staff, no"
        " more by a file",
    ),
    "unknown_account": Text("账户不存在；请先导入账户文件", "no account has this number; help: import accounts first"),
    "unknown_person": Text(
        "客户不存在；请先导入账户文件", "no person has this customer number; help: import accounts first"
    ),
    "no_division": Text(
        "没有这个行政区；请写全称或 6 位代码，如 330300",
        "no division has this name or code; help: its whole name or six digits, such as 330300",
    ),
    "many_divisions": Text(
        "不止一个行政区叫这个名字；请写全或填代码",
        "several divisions have this name; help: write what lies around it, or the code",
    ),
    "unknown_party": Text(
        "没有这个相关人；请先导入联系人", "the person has no such party; help: import contact persons first"
    ),
    "unknown_point": Text(
        "没有这个联系方式；请先导入账户或联系人",
        "the party has no such point; help: import accounts or contact persons first",
    ),
    "other_lender": Text(
        "该行属于另一机构；一个映射写明 lender 时只收该机构的行",
        "the row belongs to another lender; help: a map that names its lender takes rows of that lender only",
    ),
    "other_currency": Text("与账户的货币不同", "another currency than that of the account"),
    "duplicate_in_file": Text(
        "同一编号在本文件中已出现；请合并后重新发送",
        "the same number stands in this file before; help: merge the rows and send one",
    ),
    "reference_used": Text(
        "该流水号已用于另一笔不同的款项；请核对",
        "the reference belongs to another payment that differs; help: check it",
    ),
    "no_such_payment": Text("被冲正的还款不存在", "there is no payment with the reference that this row reverses"),
    "already_reversed": Text("该还款已被冲正", "the payment was reversed before"),
    "reversal_differs": Text("冲正金额与原还款不一致", "the amount differs from the payment that it reverses"),
    "components_do_not_add_up": Text(
        "各项之和与合计不符；请核对各金额列", "the parts do not add up to the total; help: check the columns of amounts"
    ),
    "paid_above_due": Text("已还大于应还", "more is paid than was due"),
    "a_total_line": Text(
        "像是合计行，不是一笔账户；请删除", "looks like a line of totals, not a row of the book; help: delete it"
    ),
    "not_fitting": Text("各字段不相容；请核对", "the values of the row do not fit together; help: check them"),
}
"""Every code a row can be refused with; docs/bad-input.md is generated from what people see."""


def problem(column: str, code: str) -> Problem:
    """A problem of the list."""
    return Problem(column, code, PROBLEMS[code])


PROBLEMS |= {
    "older_than_known": Text(
        "该行的数据日早于已有数据；未改动", "the row speaks of an earlier day than what is known; nothing was changed"
    ),
    "several_numbers": Text(
        "文字里有多个电话号码，像是他人号码清单；本系统不接收，请删去后重新发送",
        "the text holds several telephone numbers, like a list of other people's; such lists are not taken in;"
        " help: delete them and send the row again",
    ),
    "number_in_text": Text(
        "文字里有电话、证件或卡号；请放到该列应在的字段，或删去",
        "the text holds a telephone, identity or card number; help: bring it in the column for it, or delete it",
    ),
    "too_many_contacts": Text(
        f"该客户的联系人已达 {CONTACT_PERSONS_MAX} 位；更多的像是通讯录，不接收",
        f"the person has {CONTACT_PERSONS_MAX} contact persons already; more would be an address book and are not"
        " taken in",
    ),
    "no_order": Text("没有这个代扣编号", "there is no debit of this number for this lender"),
    "order_differs": Text("金额与所提交的代扣不一致", "the amount differs from the debit that was handed over"),
    "other_result": Text(
        "该代扣已有另一结果；请与渠道核对", "the debit has another result already; help: ask the channel"
    ),
    "erased_person": Text("客户信息已依法删除", "the person was erased"),
    "account_of_another": Text(
        "该账户已属于另一客户；合并客户须两人操作，不能通过导入",
        "the account belongs to another person; help: merging takes two persons, not an import",
    ),
}
