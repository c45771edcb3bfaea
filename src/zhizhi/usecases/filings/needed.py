"""A text leaves through a carrier only where its wording and its signature stand filed with it.

House rule, strict reading of the practice (R8 of the reviewed law): signatures are filed under the real name of whoever
sends, and what is not filed is not delivered. A number whose carrier is not known may be of any, so all have to stand.
"""

from collections.abc import Iterable
from datetime import date, datetime

from zhizhi.core.kernel.carriers import CARRIERS
from zhizhi.core.kernel.text import Text
from zhizhi.store import channels
from zhizhi.store.filings.standing import Standing, load_standing
from zhizhi.store.filings.words import FILED_CHANNELS
from zhizhi.usecases.proposal import Proposal
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.zones import civil_day

NOT_FILED = "not_filed"
KNOWN = Text("", "")
UNKNOWN = Text("号码归属运营商不明，须四家均有效；", "the number's carrier is not known, so all have to stand; ")


def needs_filing(channel: str) -> bool:
    """Whether texts of a channel leave through carriers here. Boundary: the demonstration outbox reaches nobody, and
    no carrier has to know of it."""
    gateway = channels.gateway_of(channel)
    return channel in FILED_CHANNELS and gateway is not None and gateway in channels.real_gateways()


def standing_of(proposals: Iterable[Proposal]) -> Standing | None:
    """What stands filed for these texts; None where none of them needs it."""
    wanted = [one for one in proposals if one.template is not None and needs_filing(one.channel)]
    if not wanted:
        return None
    numbers = [(one.person_id, one.point_id) for one in wanted]
    return load_standing(numbers, [one.template.version_id for one in wanted if one.template is not None])


def require_filed(proposal: Proposal, standing: Standing | None, at: datetime) -> None:
    """Refuses: a text whose wording and signature do not both stand filed with the carrier of the number on the civil
    day; `standing` None asks for it."""
    if proposal.template is None or not needs_filing(proposal.channel):
        return
    if standing is None or proposal.template.version_id not in standing.until:  # a safe form took its place since
        standing = standing_of([proposal])
        assert standing is not None, "it needs a filing"
    carrier = standing.carriers[proposal.person_id, proposal.point_id]
    missing = _missing(standing, proposal.template.version_id, carrier, civil_day(at))
    if missing:
        raise UseCaseRefused(NOT_FILED, _why(missing, is_known=carrier is not None))


def _missing(standing: Standing, version_id: int, carrier: str | None, day: date) -> list[str]:
    until = standing.until[version_id]
    wanted = CARRIERS if carrier is None else (carrier,)
    return [one for one in wanted if until.get(one, date.min) < day]


def _why(missing: list[str], *, is_known: bool) -> Text:
    zh, en = "、".join(CARRIERS[one].zh for one in missing), ", ".join(CARRIERS[one].en for one in missing)
    unknown = KNOWN if is_known else UNKNOWN
    return Text(
        f"{unknown.zh}短信签名与模板在{zh}没有有效报备（内部规则：未报备不发），"
        "请在「合规规则 → 运营商报备」登记运营商的批复",
        f"{unknown.en}signature and wording do not both stand filed with {en} (house rule: nothing unfiled leaves);"
        " help: record the carrier's answer under Rules, Carrier filings",
    )
