"""Ask what other rules would have done: a pack that somebody brings, or one of this release with a number changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

import yaml

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.core.law.pack import MANIFEST, Pack, manifest_of
from zhizhi.store.law.impacts import AskedRun, open_run
from zhizhi.store.law.releases import files_of_zip, keep_proposed
from zhizhi.store.lenders.rights import Right
from zhizhi.store.packs import release_contents
from zhizhi.usecases.authority import require

SPAN_DAYS_MAX = 366


class ImpactRefused(Refused):
    """What was asked cannot be weighed; `field` names the place in the form."""

    def __init__(self, field: str, code: str, text: Text) -> None:
        super().__init__(code, text)
        self.field = field


@dataclass(frozen=True, slots=True)
class OneNumber:
    """A parameter of a pack of this release, with the value to try."""

    pack: str
    parameter: str
    value: int


@dataclass(frozen=True, slots=True)
class AskImpact:
    """A span of days, and either a zipped pack or one number; `lender_id` where the desk sees one lender only."""

    since: date
    until: date
    lender_id: int | None
    by: int
    zipped: bytes | None = field(default=None, repr=False)
    number: OneNumber | None = None


def ask_impact(command: AskImpact, at: datetime) -> int:
    """Keep the proposed pack and open the run that a job works; answers its id. Refuses: ImpactRefused, BadPackFile."""
    require(command.by, Right.WEIGH_RULES, lender_id=command.lender_id)
    if command.until < command.since or (command.until - command.since).days > SPAN_DAYS_MAX:
        text = Text(
            f"日期须由先到后，至多 {SPAN_DAYS_MAX} 天", f"write the earlier day first, at most {SPAN_DAYS_MAX} days"
        )
        raise ImpactRefused("until", "bad_span", text)
    pack = keep_proposed(_files(command), at)
    return open_run(AskedRun(command.lender_id, pack.sha256, command.since, command.until, command.by), at)


def _files(command: AskImpact) -> Mapping[str, bytes]:
    if command.zipped is not None:
        return files_of_zip(command.zipped)
    if command.number is None:
        text = Text("请选择一个参数，或上传规则包", "choose a parameter, or bring a pack")
        raise ImpactRefused("parameter", "nothing_proposed", text)
    return with_number(command.number)


def with_number(number: OneNumber) -> dict[str, bytes]:
    """The files of a pack in which one parameter has one value from the first day on. Refuses: ImpactRefused."""
    pack, files = _release(number.pack)
    name = f"params/{number.parameter}.yaml"
    if number.parameter not in pack.params or name not in files:
        text = Text(f"规则包没有参数 {number.parameter}", f"the pack has no parameter {number.parameter}")
        raise ImpactRefused("parameter", "unknown_parameter", text)
    written = yaml.safe_load(files[name])
    series = pack.params[number.parameter].values
    written["values"] = [{"from": series[0].span.first, "value": number.value, "row": series[-1].row}]
    changed = {**files, name: yaml.safe_dump(written, allow_unicode=True, sort_keys=False).encode()}
    return {**changed, MANIFEST: manifest_of(changed).encode()}


def _release(pack_id: str) -> tuple[Pack, dict[str, bytes]]:
    for pack, files in release_contents():
        if pack.id == pack_id:
            return pack, files
    raise ImpactRefused("pack", "unknown_pack", Text(f"没有规则包 {pack_id}", f"there is no pack {pack_id}"))
