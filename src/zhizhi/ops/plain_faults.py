"""What ends a process or a thread is told by types and places in the code, never by words (decision 0050)."""

import sys
import threading
from types import TracebackType

from zhizhi.core.kernel.errors import trail


def tell_faults_plainly() -> None:
    """What ends a process or a thread is told by its trail, too."""
    sys.excepthook = _told
    threading.excepthook = lambda fault: _told(fault.exc_type, fault.exc_value, fault.exc_traceback)


def _told(kind: type[BaseException], error: BaseException | None, _trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.stderr.write("\n")
    elif not issubclass(kind, SystemExit):
        sys.stderr.write((trail(error) if error is not None else kind.__name__) + "\n")
