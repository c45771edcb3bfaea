"""Receipts and replies are pulled from providers into the inbox, then worked on."""

from collections.abc import Mapping
from datetime import datetime

from zhizhi.gateways.permit import SendingChannel
from zhizhi.gateways.sms_http.channel import HttpSmsChannel, ProviderError
from zhizhi.store.inbox.arrivals import Arrival, cursor_of, keep_arrivals
from zhizhi.usecases.work_inbox import work_inbox

PULLS_MAX = 1000  # of one source in one go


class Receipts:
    """Pulls from every channel that reports."""

    def __init__(self, channels: Mapping[str, Mapping[str, SendingChannel]]) -> None:
        self._channels = channels

    def pull(self, at: datetime) -> int:
        """Fetch and work on everything that is there; answers how many events. A provider that is away is asked
        again next time."""
        done = 0
        for gateway, channels in self._channels.items():
            for channel in channels.values():
                if isinstance(channel, HttpSmsChannel):
                    self._pull(gateway, channel, at)
        while worked := work_inbox(at):
            done += worked
        return done

    def _pull(self, gateway: str, channel: HttpSmsChannel, at: datetime) -> None:
        try:
            for _ in range(PULLS_MAX):
                receipts, cursor = channel.pull_receipts(cursor_of(f"{gateway}/receipts"))
                if not receipts:
                    break
                arrivals = [
                    Arrival(
                        receipt.key,
                        {
                            "provider_message_id": receipt.provider_message_id,
                            "state": receipt.state.value,
                            "at": receipt.at.isoformat(),
                        },
                    )
                    for receipt in receipts
                ]
                keep_arrivals(f"{gateway}/receipts", arrivals, cursor, at)
            for _ in range(PULLS_MAX):
                replies, cursor = channel.pull_replies(cursor_of(f"{gateway}/replies"))
                if not replies:
                    break
                arrivals = [
                    Arrival(
                        reply.key,
                        {
                            "address": reply.address,
                            "kind": reply.kind.value,
                            "at": reply.at.isoformat(),
                            "channel": "sms",
                        },
                    )
                    for reply in replies
                ]
                keep_arrivals(f"{gateway}/replies", arrivals, cursor, at)
        except ProviderError:
            return  # nothing is lost: the cursor stands where the last kept event stood
