"""Receipts and replies are pulled from providers into the inbox, then worked on."""

import logging
from collections.abc import Mapping
from datetime import datetime

from zhizhi.gateways.permit import SendingChannel
from zhizhi.gateways.smpp.channel import SmppChannel
from zhizhi.gateways.sms_http.channel import HttpSmsChannel, ProviderError
from zhizhi.jobs.connecting import arrival_of
from zhizhi.store.inbox.arrivals import cursor_of, keep_arrivals
from zhizhi.usecases.work_inbox import work_inbox

LOG = logging.getLogger(__name__)
PULLS_MAX = 1000  # of one source in one go


class ProviderAway(Exception):
    """A provider does not report now; nothing is lost, its cursor stands where the last kept event stood."""


class Receipts:
    """Pulls from every channel that reports."""

    def __init__(self, channels: Mapping[str, Mapping[str, SendingChannel]]) -> None:
        self._channels = channels

    def pull(self, at: datetime) -> int:
        """Fetch and work on everything that is there; answers how many events. A provider that is away is asked
        again next time."""
        for gateway in self._channels:
            try:
                self.fetch(gateway, at)
            except ProviderAway as away:
                LOG.warning("gateway `%s` did not report: %s", gateway, away)
        return work_inbox(at)

    def fetch(self, gateway: str, at: datetime) -> None:
        """Keep everything that one provider tells; one that pushes is bound again where its line broke.

        Refuses: a provider that does not answer (ProviderAway).
        """
        for channel in self._channels[gateway].values():
            if isinstance(channel, HttpSmsChannel):
                self._fetch(gateway, channel, at)
            elif isinstance(channel, SmppChannel):
                refused = channel.listen()
                if refused is not None:
                    raise ProviderAway(refused.code)

    def _fetch(self, gateway: str, channel: HttpSmsChannel, at: datetime) -> None:
        for what, pull in (("receipts", channel.pull_receipts), ("replies", channel.pull_replies)):
            source = f"{gateway}/{what}"
            for _ in range(PULLS_MAX):
                try:
                    events, cursor = pull(cursor_of(source))
                except ProviderError as error:
                    raise ProviderAway(error.code) from error
                if not events:
                    break
                keep_arrivals(source, [arrival_of(event) for event in events], cursor, at)
