"""Receipts and replies are pulled from providers into the inbox, then worked on."""

import logging
from collections.abc import Mapping
from datetime import datetime

from zhizhi.gateways.permit import SendingChannel
from zhizhi.gateways.sms_http.channel import HttpSmsChannel, ProviderError
from zhizhi.jobs.connecting import arrival_of
from zhizhi.store.inbox.arrivals import cursor_of, keep_arrivals
from zhizhi.usecases.work_inbox import work_inbox

LOG = logging.getLogger(__name__)
PULLS_MAX = 1000  # of one source in one go


class Receipts:
    """Pulls from every channel that reports."""

    def __init__(self, channels: Mapping[str, Mapping[str, SendingChannel]]) -> None:
        self._channels = channels

    def pull(self, at: datetime) -> int:
        """Fetch and work on everything that is there; answers how many events. A provider that is away is asked
        again next time."""
        for gateway, channels in self._channels.items():
            for channel in channels.values():
                if isinstance(channel, HttpSmsChannel):
                    self._pull(gateway, channel, at)
        return work_inbox(at)

    def _pull(self, gateway: str, channel: HttpSmsChannel, at: datetime) -> None:
        try:
            for _ in range(PULLS_MAX):
                receipts, cursor = channel.pull_receipts(cursor_of(f"{gateway}/receipts"))
                if not receipts:
                    break
                arrivals = [arrival_of(receipt) for receipt in receipts]
                keep_arrivals(f"{gateway}/receipts", arrivals, cursor, at)
            for _ in range(PULLS_MAX):
                replies, cursor = channel.pull_replies(cursor_of(f"{gateway}/replies"))
                if not replies:
                    break
                arrivals = [arrival_of(reply) for reply in replies]
                keep_arrivals(f"{gateway}/replies", arrivals, cursor, at)
        except ProviderError as error:  # nothing is lost: the cursor stands where the last kept event stood
            LOG.warning("gateway `%s` did not report: %s", gateway, type(error).__name__)
