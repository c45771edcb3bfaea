"""A child that ends when its parent ends, however the parent ends.

The kernel sends the signal (prctl PR_SET_PDEATHSIG, set by `setpriv`), so kill -9 of the parent leaves nothing running.
Boundary: the tie is to the *thread* that starts the child; start children from the main thread.
"""

import os
from collections.abc import Sequence

# The parent may die between fork and prctl; the shell looks once more before the program starts.
_STILL_MY_PARENT = '[ "$PPID" = "$1" ] || exit 1; shift; exec "$@"'


def tied_to_parent(argv: Sequence[str], *, signal_name: str) -> list[str]:
    """`argv`, run so that the child gets the signal (`INT`, `TERM`) when this process ends."""
    return ["setpriv", "--pdeathsig", signal_name, "sh", "-c", _STILL_MY_PARENT, "sh", str(os.getpid()), *argv]
