"""Every metric of the product: its name, what it says, its labels. docs/alerts.md describes the same list."""

from dataclasses import dataclass
from typing import Literal

from zhizhi.core.kernel.text import Text
from zhizhi.store.operations.tallies import END, HOLD, PERMIT, REFUSAL
from zhizhi.web.shared.metrics import observers as read


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric; a `counter` only grows. `name` is without the `_total` that the format adds to counters."""

    name: str
    kind: Literal["counter", "gauge"]
    text: Text
    labels: tuple[str, ...]
    observe: read.Observe

    @property
    def exposed_as(self) -> str:
        """The name that a scraper sees."""
        return f"{self.name}_total" if self.kind == "counter" else self.name


METRICS: tuple[Metric, ...] = (
    Metric(
        "zhizhi_permits_minted",
        "counter",
        Text("已签发的触达许可", "Permits minted"),
        ("channel",),
        read.counts(PERMIT, "channel"),
    ),
    Metric(
        "zhizhi_refusals",
        "counter",
        Text("被拒绝的联系，按首要规则", "Contacts refused, by the first rule"),
        ("rule",),
        read.counts(REFUSAL, "rule"),
    ),
    Metric(
        "zhizhi_holds",
        "counter",
        Text("待人工核定的联系，按首要规则", "Contacts put on hold, by the first rule"),
        ("rule",),
        read.counts(HOLD, "rule"),
    ),
    Metric(
        "zhizhi_delivery_ends",
        "counter",
        Text("触达的结局", "How deliveries ended"),
        ("state", "channel"),
        read.counts(END, "state", "channel"),
    ),
    Metric(
        "zhizhi_deliveries_open",
        "gauge",
        Text("尚无结局的触达", "Deliveries without an end"),
        ("state", "channel"),
        read.deliveries,
    ),
    Metric(
        "zhizhi_delivery_waiting_oldest_seconds",
        "gauge",
        Text("最早一条待发送已等待的秒数", "How long the oldest waiting delivery has been due"),
        (),
        read.oldest("waiting"),
    ),
    Metric(
        "zhizhi_delivery_unknown_oldest_seconds",
        "gauge",
        Text("最早一条结果未定至今的秒数", "How long the oldest delivery has been unknown"),
        (),
        read.oldest("unknown"),
    ),
    Metric("zhizhi_queue_length", "gauge", Text("排队数", "What waits in a queue"), ("queue",), read.queues),
    Metric(
        "zhizhi_queue_oldest_seconds",
        "gauge",
        Text("队首已等待的秒数", "How long the oldest of a queue waits"),
        ("queue",),
        read.queue_ages,
    ),
    Metric(
        "zhizhi_clock_ahead_seconds",
        "gauge",
        Text("应答进程的时钟比数据库快的秒数", "How far the answering process's clock is ahead of the database's"),
        (),
        read.own_clock,
    ),
    Metric(
        "zhizhi_clock_processes",
        "gauge",
        Text("在运行的进程，按其时钟状态", "Living processes by the state of their clock"),
        ("state",),
        read.held,
    ),
    Metric("zhizhi_worker_processes", "gauge", Text("在运行的后台进程", "Living worker processes"), (), read.workers),
    Metric(
        "zhizhi_worker_progress_age_seconds",
        "gauge",
        Text("各步骤最近一次进展至今的秒数，取最久者", "Since a step last got on, the worst process"),
        ("step",),
        read.progress,
    ),
    Metric(
        "zhizhi_worker_failing",
        "gauge",
        Text("该步骤正在出错的进程数", "Processes in which a step meets an exception"),
        ("step",),
        read.failing,
    ),
    Metric(
        "zhizhi_pack",
        "gauge",
        Text("生效的规则包及其摘要", "A rule pack in force and its digest"),
        ("pack", "version", "sha256"),
        read.packs,
    ),
    Metric(
        "zhizhi_profile",
        "gauge",
        Text("生效的规则组合及其状态", "A profile in force and its state"),
        ("profile", "state"),
        read.profiles,
    ),
    Metric(
        "zhizhi_house_pack",
        "gauge",
        Text("启用中的机构内部规则包及其状态", "A lender's own pack that stands and its state"),
        ("pack", "sha256", "state"),
        read.houses,
    ),
    Metric("zhizhi_database_up", "gauge", Text("数据库可用为 1", "1 while the database answers"), (), read.database),
    Metric(
        "zhizhi_disk_free_bytes",
        "gauge",
        Text("状态目录所在磁盘的剩余字节", "Free bytes on the disk of the state folder"),
        (),
        read.disk,
    ),
    Metric(
        "zhizhi_metrics_seconds",
        "gauge",
        Text("读取这些数字所用的秒数", "How long these figures took to read"),
        (),
        read.cost,
    ),
)
