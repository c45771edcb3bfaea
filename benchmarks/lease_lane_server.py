"""The lane of leases in the benchmark: the product's own server, deciding by the benchmark's clock."""

import sys

from lease_clock import install

from zhizhi.config import lane, lane_server

_begin = lane.begin


def begin(parent: int) -> None:
    """As the product begins one, and then the clock."""
    _begin(parent)
    install()


if __name__ == "__main__":
    lane.begin = begin
    sys.exit(lane_server.main(int(sys.argv[1])))
