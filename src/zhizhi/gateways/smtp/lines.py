"""Several connections to one mail server, each of which carries one message at a time."""

from datetime import datetime
from queue import LifoQueue

from zhizhi.gateways.permit import PermitGrant, SendOutcome
from zhizhi.gateways.smtp.channel import SmtpChannel
from zhizhi.gateways.smtp.settings import SmtpSettings


class SmtpLines:
    """Sends e-mail, as many messages at once as there are connections; what is promised of one holds for each."""

    channel = "email"

    def __init__(self, settings: SmtpSettings, count: int) -> None:
        self._settings = settings
        self._lines = [SmtpChannel(settings) for _ in range(count)]
        self._free: LifoQueue[SmtpChannel] = LifoQueue()  # the connection that was used last is the likeliest to stand
        for line in self._lines:
            self._free.put(line)

    def send(self, grant: PermitGrant, at: datetime) -> SendOutcome:
        """Send one message by a connection that is free. Whoever calls it more often than there are ones waits."""
        line = self._free.get()
        try:
            return line.send(grant, at)
        finally:
            self._free.put(line)

    def close(self) -> None:
        """End the open connections."""
        for line in self._lines:
            line.close()
