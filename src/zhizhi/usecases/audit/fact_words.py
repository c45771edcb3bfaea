"""Missing facts in words."""

from collections.abc import Mapping

from zhizhi.core.kernel.text import Text
from zhizhi.core.law.catalogue import FEATURES

_OTHER_FACTS: Mapping[str, Text] = {
    "reviews": Text("是否有人先行核定", "whether a person looked at it first"),
    "packs": Text("当日没有有效的规则", "no law was in force on that day"),
    "log.complete": Text("日志是否包含其他机构的触达", "whether other agencies' contacts are in the log"),
    "statements.inconvenient_time": Text("客户是否说过不便时间", "whether the person named inconvenient hours"),
    "statements.agree_hours": Text("是否约定过联系时段", "whether hours were agreed"),
    "statements.agree_frequency": Text("是否约定过联系次数", "whether a number of contacts was agreed"),
    "events.outcome": Text("当日此前某次联系的结果", "the outcome of an earlier contact of the day"),
    "events.point": Text("此前某次联系的号码", "the number of an earlier contact"),
    "events.talk_seconds": Text("此前某次通话的时长", "the length of an earlier call"),
    "events.exchanged": Text("此前某次通话双方是否有交流", "whether both sides spoke in an earlier call"),
    "events.debts.product": Text("此前信函的产品", "the product of an earlier letter"),
    "proposed.point": Text("本次联系的号码", "the number of this contact"),
}


def fact_text(fact: str) -> Text:
    """A missing fact in words; one that has none stands for itself."""
    feature = FEATURES.get(fact)
    return feature.text if feature is not None else _OTHER_FACTS.get(fact, Text(fact, fact))
