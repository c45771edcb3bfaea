"""The kinds of file and the fields of each: what a field holds, whether it must be there, and what its column is
often called."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from zhizhi.core.conduct.words import CHANNELS, DEBT_STATES, LINE_RESULTS, OUTCOMES, PROFILES, STATEMENT_KINDS
from zhizhi.core.debt.debit.failures import Failure
from zhizhi.core.debt.remittance.matching import Source
from zhizhi.core.kernel.money import Currency
from zhizhi.core.kernel.text import Text
from zhizhi.store.words import STAFF_ROLES, STOPS
from zhizhi.usecases.intake import columns, values
from zhizhi.usecases.intake.limits import ADDRESS_CHARACTERS_MAX, NAME_CHARACTERS_MAX, NUMBER_CHARACTERS_MAX

PRODUCTS = ("instalment_loan", "revolving_line", "credit_card")
COMPONENTS = ("principal", "term_interest", "penalty_interest", "compound_interest", "damages", "costs", "fees")


class Kind(StrEnum):
    """What one row of a file speaks of. The order is the order in which a folder is imported."""

    LENDERS = "lenders"
    AGENCIES = "agencies"
    STAFF = "staff"
    ACCOUNTS = "accounts"
    INSTALMENTS = "instalments"
    PAYMENTS = "payments"
    REMITTANCES = "remittances"
    DEBIT_RESULTS = "debit_results"
    CORE_FIGURES = "core_figures"
    CONTACT_PERSONS = "contact_persons"
    CONTACTS = "contacts"
    STATEMENTS = "statements"
    PROMISES = "promises"
    STOPS = "stops"
    NOTES = "notes"
    RESIDENCES = "residences"


@dataclass(frozen=True, slots=True)
class Reading:
    """What the readers of a file have to know: the day and instant of the import, the unit of amounts, the currency."""

    on: date
    at: datetime
    unit: str = "minor"
    currency: Currency = Currency.CNY
    form: str = ""
    negative: str = "refuse"
    scientific: str = "refuse"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: `make` builds its reader, `make_column` one of a whole column; `names` are usual headings."""

    name: str
    label: Text
    make: Callable[[Reading], values.Reader]
    required: bool = False
    names: tuple[str, ...] = ()
    is_amount: bool = False
    is_day: bool = False
    make_column: Callable[[Reading], columns.ColumnReader | None] | None = None


def _plain(reader: values.Reader) -> Callable[[Reading], values.Reader]:
    return lambda _: reader


def _column(reader: columns.ColumnReader) -> Callable[[Reading], columns.ColumnReader]:
    return lambda _: reader


def _number(name: str, zh: str, en: str, *names: str, required: bool = False) -> Field:
    return Field(name, Text(zh, en), _plain(values.number), required, names, make_column=_column(columns.numbers))


def _text(
    name: str, zh: str, en: str, *names: str, required: bool = False, longest: int = NAME_CHARACTERS_MAX
) -> Field:
    read = columns.texts(longest)
    return Field(name, Text(zh, en), _plain(values.text(longest)), required, names, make_column=_column(read))


def _of_people(
    name: str, zh: str, en: str, *names: str, required: bool = False, longest: int = NAME_CHARACTERS_MAX
) -> Field:
    """Words beside other people's data, in which a number would be one more of them."""
    return Field(name, Text(zh, en), _plain(values.without_numbers(longest)), required, names)


def _amount(name: str, zh: str, en: str, *names: str, required: bool = False) -> Field:
    def make(reading: Reading) -> values.Reader:
        return values.amount(reading.unit, reading.currency, negative=reading.negative, scientific=reading.scientific)

    def make_column(reading: Reading) -> columns.ColumnReader | None:
        return columns.amounts(reading.unit, reading.currency)

    return Field(name, Text(zh, en), make, required, names, is_amount=True, make_column=make_column)


def _day(name: str, zh: str, en: str, *names: str, required: bool = False, ahead: bool = False) -> Field:
    def make(reading: Reading) -> values.Reader:
        return values.day(reading.form or "%Y-%m-%d", reading.on, may_lie_ahead=ahead)

    return Field(name, Text(zh, en), make, required, names, is_day=True)


def _instant(name: str, zh: str, en: str, *names: str, required: bool = False, ahead: bool = False) -> Field:
    def make(reading: Reading) -> values.Reader:
        return values.instant(reading.form or "iso", reading.at, may_lie_ahead=ahead)

    return Field(name, Text(zh, en), make, required, names, is_day=True)


def _flag(name: str, zh: str, en: str, *names: str) -> Field:
    return Field(name, Text(zh, en), _plain(values.flag), False, names)


def _count(name: str, zh: str, en: str, *names: str, required: bool = False, most: int = 1_000_000) -> Field:
    return Field(name, Text(zh, en), _plain(values.whole(most)), required, names)


def _choice(
    name: str,
    zh: str,
    en: str,
    listed: tuple[str, ...],
    *names: str,
    required: bool = False,
    code: str = "unknown_value",
) -> Field:
    return Field(name, Text(zh, en), _plain(values.one_of(listed, code)), required, names)


_LENDER = _number("lender", "机构代码", "lender code", "lender_code", "机构代码", "机构", required=True)
_CUSTOMER = _number(
    "customer", "客户号", "customer number", "customer_number", "customer_no", "客户号", "客户编号", required=True
)
_ACCOUNT = _number(
    "account",
    "账户号",
    "account number",
    "account_number",
    "account_no",
    "账号",
    "账户号",
    "借据号",
    "合同号",
    required=True,
)
_OF_ACCOUNT = Field("account", _ACCOUNT.label, _ACCOUNT.make, False, _ACCOUNT.names, make_column=_ACCOUNT.make_column)
_PARTY = _text("party", "相关人", "party", "party", "相关人")

FIELDS: dict[Kind, tuple[Field, ...]] = {
    Kind.LENDERS: (
        _number("code", "机构代码", "lender code", "lender_code", "机构代码", required=True),
        _text("name", "机构名称", "name", "name", "name_zh", "机构名称", required=True),
        _choice("profile", "规则配置", "profile", PROFILES, "profile", "规则配置", required=True),
        _text("signature", "短信签名", "SMS signature", "signature", "短信签名"),
        _choice("recorder", "录音系统", "recording system", ("on", "unavailable"), "recorder", "录音系统"),
    ),
    Kind.AGENCIES: (
        _number("code", "委外机构代码", "agency code", "agency_code", "委外机构代码", required=True),
        _text("name", "委外机构名称", "name", "name", "name_zh", "委外机构名称", required=True),
        _flag("listed", "在名录内", "on the lender's list", "listed", "在名录内"),
        _day("evaluated_on", "最近评估日", "evaluated on", "evaluated_on", "评估日期"),
        _day("inspected_on", "最近检查日", "inspected on", "inspected_on", "检查日期"),
        _day("contract_ends_on", "合同到期日", "contract ends on", "contract_ends_on", "合同到期日", ahead=True),
    ),
    Kind.STAFF: (
        _number("code", "工号", "staff code", "staff_code", "login", "工号", required=True),
        _text("name", "姓名", "name", "name", "姓名", required=True),
        _choice("role", "角色", "role", STAFF_ROLES, "role", "角色", required=True),
        _text("team", "组别", "team", "team", "组别"),
        _number("lender", "机构代码", "lender code", "lender_code", "机构代码"),
        _number("agency", "委外机构代码", "agency code", "agency_code", "委外机构代码"),
        _count("capacity", "可承办案件数", "capacity", "capacity", "容量", most=100_000),
        _day("trained_on", "培训日", "trained on", "trained_on", "培训日期"),
        _day("certified_until", "证书到期日", "certified until", "certified_until", "证书到期日", ahead=True),
        _flag("private_device", "使用私人设备", "uses a private device", "private_device", "私人设备"),
    ),
    Kind.ACCOUNTS: (
        _LENDER,
        _CUSTOMER,
        _ACCOUNT,
        _text("name", "姓名", "name", "name", "姓名", "客户姓名", "户名", required=True),
        Field(
            "id_number",
            Text("身份证件号码", "identity number"),
            _plain(values.identity_number),
            False,
            ("id_number", "身份证号", "身份证件号码", "证件号码", "身份证"),
            make_column=_column(columns.identity_numbers),
        ),
        _choice("product", "产品", "product", PRODUCTS, "product", "产品", "产品类型", required=True),
        Field(
            "currency",
            Text("货币", "currency"),
            _plain(values.one_of(tuple(currency.value for currency in Currency), "unknown_currency")),
            False,
            ("currency", "币种", "货币"),
        ),
        _choice("state", "账户状态", "state of the debt", DEBT_STATES, "state", "账户状态", "状态"),
        _day("opened_on", "开户日", "opened on", "opened_on", "开户日期", "放款日期", "借款日期"),
        _day(
            "oldest_unpaid_due_on",
            "最早未还到期日",
            "oldest unpaid due day",
            "oldest_unpaid_due_on",
            "最早逾期日",
            "逾期日期",
            "应还日期",
            ahead=True,
        ),
        _amount(
            "principal",
            "到期未还本金",
            "principal due and unpaid",
            "due_principal_minor",
            "principal",
            "逾期本金",
            "未还本金",
            "本金",
        ),
        _amount(
            "term_interest",
            "到期未还利息",
            "interest due and unpaid",
            "due_term_interest_minor",
            "interest",
            "逾期利息",
            "未还利息",
            "利息",
        ),
        _amount("penalty_interest", "罚息", "penalty interest", "due_penalty_interest_minor", "penalty", "罚息"),
        _amount("compound_interest", "复利", "compound interest", "compound_interest", "复利"),
        _amount("damages", "违约金", "damages", "damages", "违约金"),
        _amount("costs", "实现债权费用", "costs of realising the claim", "costs", "实现债权费用"),
        _amount("fees", "费用", "fees", "due_fees_minor", "fees", "费用", "手续费"),
        _amount(
            "total",
            "到期未还合计",
            "total due and unpaid",
            "due_total_minor",
            "total",
            "逾期总额",
            "逾期金额",
            "欠款总额",
            "合计",
        ),
        Field(
            "rate",
            Text("年利率", "rate a year"),
            _plain(values.cached(values.rate)),
            False,
            ("annual_rate", "rate", "年利率"),
        ),
        _number("agency", "委外机构代码", "agency code", "agency_code", "委外机构代码"),
        Field(
            "mobile",
            Text("手机", "mobile"),
            _plain(values.mobile),
            False,
            ("mobile", "手机", "手机号", "手机号码", "联系电话"),
            make_column=_column(columns.mobiles),
        ),
        Field(
            "mobile_2",
            Text("手机二", "second mobile"),
            _plain(values.mobile),
            False,
            ("mobile_2", "手机2", "备用手机"),
            make_column=_column(columns.mobiles),
        ),
        Field(
            "email",
            Text("电子邮箱", "e-mail"),
            _plain(values.email),
            False,
            ("email", "e-mail", "邮箱", "电子邮箱"),
            make_column=_column(columns.emails),
        ),
        _text("address", "地址", "address", "address", "地址", "联系地址", "住址", longest=ADDRESS_CHARACTERS_MAX),
    ),
    Kind.INSTALMENTS: (
        _LENDER,
        _ACCOUNT,
        _count("n", "期数", "number", "n", "期数", "期次", required=True, most=100_000),
        _day("due_on", "应还日", "due on", "due_on", "应还日期", "到期日", required=True, ahead=True),
        _amount("amount", "应还金额", "amount due", "amount_minor", "amount", "应还金额", "应还", required=True),
        _amount("paid", "已还金额", "amount paid", "paid_minor", "paid", "已还金额", "实还"),
        _day("paid_on", "还清日", "paid on", "paid_on", "还清日期", "还款日期"),
    ),
    Kind.PAYMENTS: (
        _LENDER,
        _ACCOUNT,
        _number("reference", "流水号", "reference", "payment_id", "reference", "流水号", "交易流水号", required=True),
        _choice("kind", "类别", "kind", ("payment", "reversal"), "kind", "类别", "交易类型"),
        _day("paid_on", "还款日", "paid on", "paid_on", "at", "还款日期", "交易日期", required=True),
        _amount("amount", "还款金额", "amount", "amount_minor", "amount", "还款金额", "交易金额", required=True),
        _number("reverses", "被冲正流水号", "reference reversed", "reverses", "被冲正流水号", "原流水号"),
        _text("source", "来源", "source", "method", "source", "还款渠道", "渠道", longest=NUMBER_CHARACTERS_MAX),
    ),
    Kind.REMITTANCES: (
        _LENDER,
        _choice("source", "来源", "source", tuple(source.value for source in Source), "source", "来源"),
        _number("reference", "流水号", "reference", "reference", "流水号", "交易流水号", "凭证号", required=True),
        _day("arrived_on", "到账日", "day it came", "arrived_on", "到账日期", "入账日期", "记账日期", required=True),
        _amount(
            "amount", "来款金额", "amount", "amount_minor", "amount", "来款金额", "贷方金额", "收入", required=True
        ),
        Field(
            "currency",
            Text("货币", "currency"),
            _plain(values.one_of(tuple(currency.value for currency in Currency), "unknown_currency")),
            False,
            ("currency", "币种", "货币"),
        ),
        _OF_ACCOUNT,
        Field("customer", _CUSTOMER.label, _CUSTOMER.make, False, _CUSTOMER.names),
        _text("payer", "付款人", "payer", "payer", "付款人", "对方户名"),
        _text("remark", "附言", "remark", "remark", "附言", "摘要", "用途", longest=ADDRESS_CHARACTERS_MAX),
    ),
    Kind.DEBIT_RESULTS: (
        _LENDER,
        _number(
            "number",
            "代扣编号",
            "number of the debit",
            "number",
            "order_number",
            "代扣编号",
            "商户订单号",
            required=True,
        ),
        _choice(
            "result", "结果", "result", ("succeeded", "failed", "returned"), "result", "结果", "扣款结果", required=True
        ),
        _choice(
            "failure", "失败原因", "reason of a failure", tuple(one.value for one in Failure), "failure", "失败原因"
        ),
        _day("on", "扣款日", "day of the debit", "on", "扣款日期", "交易日期", required=True),
        _amount("amount", "扣款金额", "amount", "amount_minor", "amount", "扣款金额", "交易金额", required=True),
        _number("reference", "银行流水号", "the bank's reference", "reference", "银行流水号", "渠道流水号"),
    ),
    Kind.CORE_FIGURES: (
        _LENDER,
        _ACCOUNT,
        _amount(
            "balance",
            "核心系统余额",
            "balance at the core",
            "balance_minor",
            "balance",
            "核心余额",
            "欠款余额",
            required=True,
        ),
        _choice("state", "核心系统状态", "state at the core", ("open", "closed"), "core_state", "核心状态", "账户状态"),
        Field(
            "currency",
            Text("货币", "currency"),
            _plain(values.one_of(tuple(currency.value for currency in Currency), "unknown_currency")),
            False,
            ("currency", "币种", "货币"),
        ),
    ),
    Kind.CONTACT_PERSONS: (
        _LENDER,
        _CUSTOMER,
        _text(
            "party", "相关人代号", "label of the party", "party", "相关人", required=True, longest=NUMBER_CHARACTERS_MAX
        ),
        _of_people("name", "姓名", "name", "name", "联系人姓名", "姓名", required=True),
        _of_people("relation", "关系", "relation", "relation", "关系", "与本人关系"),
        Field("mobile", Text("手机", "mobile"), _plain(values.mobile), False, ("mobile", "联系人手机", "手机号")),
        _flag("named_by_debtor", "由本人指定", "named by the debtor", "named_by_debtor", "本人指定"),
    ),
    Kind.CONTACTS: (
        _LENDER,
        _CUSTOMER,
        _OF_ACCOUNT,
        _number("reference", "触达编号", "reference", "contact_id", "触达编号", required=True),
        _instant("at", "时间", "instant", "at", "时间", required=True),
        _choice("channel", "渠道", "channel", CHANNELS, "channel", "渠道", required=True),
        _choice("direction", "方向", "direction", ("out", "in", "internal"), "direction", "方向", required=True),
        _PARTY,
        _text("point", "联系方式", "point", "point", "联系方式"),
        _choice("form", "形式", "form", ("notification", "interactive"), "form"),
        _flag("robot", "机器人", "robot", "robot"),
        _text("purpose", "目的", "purpose", "purpose"),
        _choice("outcome", "结果", "outcome", OUTCOMES, "outcome", "结果"),
        _choice("line_result", "线路结果", "line result", LINE_RESULTS, "line_result"),
        _count("ring_seconds", "振铃秒数", "ring seconds", "ring_seconds", most=86_400),
        _count("talk_seconds", "通话秒数", "talk seconds", "talk_seconds", most=86_400),
        _flag("exchanged", "双方有表达", "both sides spoke", "exchanged"),
        _flag("about_debt", "谈及债务", "about the debt", "about_debt"),
        _number("agency", "委外机构代码", "agency code", "agency_code"),
        _number("in_reply_to", "回复的触达", "in reply to", "in_reply_to"),
    ),
    Kind.STATEMENTS: (
        _LENDER,
        _CUSTOMER,
        _number("reference", "编号", "reference", "statement_id"),
        _instant("at", "时间", "instant", "at", "时间", required=True),
        _text("by", "陈述人", "by", "by", "陈述人"),
        _choice("kind", "类别", "kind", STATEMENT_KINDS, "kind", "类别", required=True),
        _text("days", "星期", "days", "days"),
        _text("from", "起", "from", "from"),
        _text("to", "止", "to", "to"),
        _text("on", "日期", "on", "on"),
        _text("until", "至", "until", "until"),
        _choice("form", "形式", "form", ("specific", "standard_clause"), "form"),
        _choice("channel", "渠道", "channel", CHANNELS, "channel"),
        _text("point", "联系方式", "point", "point"),
        _text("place", "地点", "place", "place"),
        _flag("purpose_told", "已告知目的", "purpose told", "purpose_told"),
        _flag("consequences_told", "已告知后果", "consequences told", "consequences_told"),
        _text("of", "所指", "of", "of"),
        _choice("why", "原因", "why", ("not_me", "fraud", "amount"), "why"),
        _amount("amount", "金额", "amount", "amount_minor"),
        _day("paid_on", "付款日", "paid on", "paid_on"),
        _flag("proof", "有凭证", "proof", "proof"),
        _flag("written", "书面", "written", "written"),
        _text("source", "来源", "source", "source", longest=NUMBER_CHARACTERS_MAX),
    ),
    Kind.PROMISES: (
        _LENDER,
        _CUSTOMER,
        _number("reference", "编号", "reference", "promise_id"),
        _instant("promised_at", "承诺时间", "promised at", "made_at", "promised_at", "承诺时间", required=True),
        _day("due_on", "承诺日", "due on", "due_on", "承诺还款日", required=True, ahead=True),
        _amount("amount", "承诺金额", "amount", "amount_minor", "amount", "承诺金额", required=True),
        _choice("state", "状态", "state", ("open", "kept", "broken"), "status", "state", "状态"),
        _day("settled_on", "了结日", "settled on", "settled_on"),
    ),
    Kind.STOPS: (
        _LENDER,
        _CUSTOMER,
        _OF_ACCOUNT,
        _number("reference", "编号", "reference", "stop_id"),
        _choice("kind", "停催类别", "kind", STOPS, "kind", "停催类别", required=True),
        _day("from_on", "自", "from", "from_on", "开始日期", required=True),
        _day("until_on", "至", "until", "until_on", "结束日期", ahead=True),
        _of_people("ground", "依据", "ground", "ground", "依据", required=True, longest=NUMBER_CHARACTERS_MAX * 2),
    ),
    Kind.NOTES: (
        _LENDER,
        _CUSTOMER,
        _number("reference", "编号", "reference", "note_id"),
        _instant("at", "时间", "instant", "at", "时间", required=True),
        _text("author", "记录人", "author", "by", "author", "催收员", longest=NUMBER_CHARACTERS_MAX),
        _number("action", "行动码", "action code", "action_code", "行动码", required=True),
        _number("outcome", "结果码", "outcome code", "outcome_code", "结果码", required=True),
        _number("overdue_reason", "逾期原因", "overdue reason", "overdue_reason_code", "逾期原因"),
        Field("words", Text("催记内容", "words"), _plain(values.words), False, ("note", "text", "催记", "催记内容")),
        _number("next_step", "下一步", "next step", "next_step", "下一步", required=True),
        _instant("next_step_at", "下一步时间", "next step at", "next_step_at", "下一步时间", required=True, ahead=True),
    ),
    Kind.RESIDENCES: (
        _LENDER,
        _CUSTOMER,
        Field(
            "division",
            Text("现居行政区", "division where they live"),
            _plain(values.cached(values.division)),
            True,
            ("division", "residence_division", "现居行政区", "所在行政区", "行政区划代码"),
        ),
    ),
}


def field_of(kind: Kind, name: str) -> Field | None:
    """The field of a kind, or nothing."""
    return next((field for field in FIELDS[kind] if field.name == name), None)
