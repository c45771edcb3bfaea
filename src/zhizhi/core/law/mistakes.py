"""What can be wrong with a pack, and what to write instead: each mistake once, in both languages."""

from dataclasses import dataclass

from zhizhi.core.kernel.text import Text
from zhizhi.core.law.errors import PackError


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake and its remedy; `{holes}` are filled with what stands in the file."""

    wrong: Text
    help: Text

    def at(self, file: str, line: int, **facts: object) -> PackError:
        """The error that points at a place."""
        return PackError(file, line, self.wrong.fill(**facts), self.help.fill(**facts))


def _mistake(wrong_zh: str, wrong_en: str, help_zh: str, help_en: str) -> Mistake:
    return Mistake(Text(wrong_zh, wrong_en), Text(help_zh, help_en))


MAPPING_WANTED = _mistake(
    "此处须为键值表", "a mapping is wanted here", "写出其中的键：{names}", "write some of the keys {names}"
)
LIST_WANTED = _mistake(
    "此处须为列表", "a list is wanted here", "把各项写在 [ 与 ] 之间", "write the items between [ and ]"
)
TEXT_WANTED = _mistake("此处须为文字", "text is wanted here", "写一个词或一句话", "write a word or a sentence")
INTEGER_WANTED = _mistake(
    "此处须为整数", "an integer is wanted here", "写数字，或 param(名称)", "write digits, or param(name)"
)
FLAG_WANTED = _mistake(
    "此处须为 true 或 false", "true or false is wanted here", "写 true 或 false", "write true or false"
)
UNKNOWN_WORD = _mistake("不认识的词 `{word}`", "unknown word `{word}`", "改用其中之一：{names}", "use one of {names}")
NO_YAML = _mistake("不是 YAML：{wrong}", "no YAML: {wrong}", "检查缩进与引号", "check indentation and quotes")
NO_TEXT = _mistake("不是 YAML：{wrong}", "no YAML: {wrong}", "写成 UTF-8 文本", "write UTF-8 text")
UNKNOWN_KEY = _mistake("不认识的键 `{key}`", "unknown key `{key}`", "改用其中之一：{names}", "use one of {names}")
KEY_MISSING = _mistake("缺少键 `{key}`", "key `{key}` is missing", "加上 `{key}`", "add `{key}`")
KEY_TWICE = _mistake("键 `{key}` 重复", "key `{key}` stands twice", "保留一个", "keep one")
TOO_MANY_RULES = _mistake("规则超过 {most} 条", "more than {most} rules", "拆分规则包", "split the pack")
NO_FIRST_VALUE = _mistake(
    "{first} 当日没有数值",
    "no value on {first}",
    "自规则包或条款施行之日写起",
    "begin on the day the pack or the article comes into force",
)
NO_LAST_VALUE = _mistake(
    "自 {last} 起没有数值", "no value from {last} on", "最后一个数值不写 `until`", "leave `until` off the last value"
)
OTHER_UNIT = _mistake(
    "`{name}` 的单位是 {unit}，规则的是 {period}",
    "`{name}` counts {unit}, the rule {period}",
    "两处写同一单位",
    "write the same unit in both",
)
UNKNOWN_RULE = _mistake(
    "没有规则 `{label}`", "unknown rule `{label}`", "写本包一条规则的标签", "use the label of a rule of this pack"
)
LABEL_TWICE = _mistake(
    "标签 `{label}` 在本包内重复", "label `{label}` stands twice in the pack", "改掉一个", "rename one"
)
PARAMETER_MISSING = _mistake(
    "缺少参数 `{name}`", "parameter `{name}` is missing", "加上 `params/{name}.yaml`", "add `params/{name}.yaml`"
)
CASE_MISSING = _mistake(
    "规则 `{label}` 没有 {kind} 案例",
    "rule `{label}` has no {kind} case",
    "在 cases/{row}.yaml 加一个",
    "add one to cases/{row}.yaml",
)
TOO_MANY_FILES = _mistake("文件超过 {most} 个", "more than {most} files", "拆分规则包", "split the pack")
FILE_MISSING = _mistake("缺少这个文件", "the file is missing", "在规则包中加上 `{name}`", "add `{name}` to the pack")
UNKNOWN_FORCE = _mistake(
    "不认识的效力 `{word}`", "unknown force `{word}`", "改用其中之一：{names}", "use one of {names}"
)
ENDS_FIRST = _mistake("止于起始之前", "ends before it begins", "写一个更晚的日期", "write a later day")
NO_FRONT_MATTER = _mistake(
    "缺少文件头", "no front matter", "以 `---`、各键、`---` 开头", "begin with `---`, the keys, and `---`"
)
OTHER_FILE = _mistake(
    "条目 `{row}` 写在了别的文件里",
    "row `{row}` stands in another file",
    "文件命名为 `articles/{row}.md`",
    "name the file `articles/{row}.md`",
)
NO_TITLE = _mistake("缺少标题", "no title", "先写 `# 标题`", "write `# title` first")
NO_RULE = _mistake(
    "条目 `{row}` 没有规则",
    "row `{row}` has no rule",
    "写一个 rule 块，或 `modelled: out_of_scope` 与 `reason`",
    "write a rule block, or `modelled: out_of_scope` and a `reason`",
)
RULE_UNWANTED = _mistake(
    "未建模的条目须有理由而无规则",
    "a row that is not modelled has a reason and no rule",
    "加上 `reason:`，或去掉 `modelled:`",
    "add `reason:`, or remove `modelled:`",
)
NO_VALUE = _mistake(
    "参数 `{name}` 没有数值", "parameter `{name}` has no value", "在 `values:` 下加一个", "add one under `values:`"
)
NOT_UTF8 = _mistake("不是 UTF-8", "not UTF-8", "另存为 UTF-8", "save the file as UTF-8")
NO_TOML = _mistake("不是 TOML：{wrong}", "no TOML: {wrong}", "检查引号与括号", "check quotes and brackets")
KEY_INCOMPLETE = _mistake("`{key}` 不完整", "`{key}` is incomplete", "加上 {names}", "add {names}")
UNKNOWN_ZONE = _mistake("不认识的时区 `{word}`", "unknown zone `{word}`", "写 IANA 时区名", "use an IANA key")
NEGATIVE = _mistake("法定数值不为负", "a number of the law is not negative", "写 0 或更大", "write 0 or more")
DATES_APART = _mistake(
    "日期之间有空档或重叠",
    "the dates leave a gap or overlap",
    "每个数值自前一个终止之日起",
    "let each value begin where the one before ends",
)
NO_DAY = _mistake("`{word}` 不是日期", "`{word}` is no day", "写成 YYYY-MM-DD", "write YYYY-MM-DD")
NO_LABEL = _mistake(
    "`{label}` 不能作标签", "`{label}` is no label", "用小写词与连字符", "use lower-case words with hyphens"
)
LOW_PERMITS = _mistake(
    "可信度低的条目只可收紧从严口径",
    "a row of low confidence may only restrict the strict reading",
    "加上 `reading: {{text: false}}`",
    "add `reading: {{text: false}}`",
)
NO_READING = _mistake(
    "规则在任何口径下都不适用",
    "the rule speaks under no reading",
    "删去它，或保留一种口径",
    "remove it, or let one reading stand",
)
MANY_THINGS = _mistake(
    "一条规则只说一件事，而不是 {number} 件",
    "a rule says exactly one thing, not {number}",
    "写其中之一：{names}",
    "write one of {names}",
)
DUTY_WITH_CONDITION = _mistake(
    "职责与保存期限不属于某次触达",
    "a duty and a retention belong to no contact",
    "去掉 `when:` 与 `unless:`",
    "remove `when:` and `unless:`",
)
NOT_BREAKABLE = _mistake(
    "`{word}` 无所谓违反",
    "`{word}` is not broken",
    "去掉它，或写其中之一：{names}",
    "remove it, or write one of {names}",
)
CONDITION_WANTED = _mistake(
    "条件是从特征到判断的键值表",
    "a condition is a mapping of features to tests",
    "写成 `特征: 值`",
    "write `feature: value`",
)
NOT_COMPARED = _mistake(
    "`{name}` 的类型是 {type}，不与取值比较",
    "`{name}` has unit {type} and is not compared with values",
    "写 `at_least:`",
    "write `at_least:`",
)
NOTHING_COMPARED = _mistake("没有可比较的值", "no value to compare with", "至少写一个", "write at least one")
NOT_POSITIVE = _mistake(
    "须发生之事的次数为 `{number}`", "`{number}` of a thing that has to happen", "写 1 或更大", "write 1 or more"
)
NO_LIMIT = _mistake("上限须有数值", "a cap needs a limit", "加上 `limit:` 或 `agreed:`", "add `limit:` or `agreed:`")
TWO_WINDOWS = _mistake(
    "一个上限只有一个窗口", "a cap has one window", "写 `days:` 或 `minutes:`", "write `days:` or `minutes:`"
)
MANY_PERIODS = _mistake(
    "只写一个期间，而不是 {number} 个", "one period, not {number}", "写其中之一：{names}", "write one of {names}"
)
ONE_OCCASION = _mistake(
    "职责自一个事由起算", "a duty runs from one occasion", "写 `after:` 或 `before:`", "write `after:` or `before:`"
)
MANY_TESTS = _mistake(
    "一个判断只说一件事", "a test says one thing", "写 `not:` 或 `at_least:`", "write `not:` or `at_least:`"
)
FEATURE_NO_NUMBER = _mistake("`{name}` 不是数", "`{name}` is no number", "与取值比较", "compare it with values")
NO_NUMBER = _mistake(
    "`{word}` 不是数", "`{word}` is no number", "写数字，或 param(名称)", "write digits, or param(name)"
)
UNKNOWN_FEATURE = _mistake(
    "不认识的特征 `{name}`",
    "unknown feature `{name}`",
    "改用 docs/law/vocabulary.md 中的",
    "use one of docs/law/vocabulary.md",
)
UNKNOWN_HOLE = _mistake(
    "`{{{hole}}}` 在此没有值",
    "`{{{hole}}}` has no value here",
    "去掉它，或用规则体自有的",
    "remove it, or use one of the body's own",
)
