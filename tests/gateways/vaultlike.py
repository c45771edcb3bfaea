"""A process of our own that answers as the documented transit engine does; no Vault or OpenBao could be had.

It holds keys in memory: versions, `vault:vN:` ciphertexts, batches, HMAC at a version, rotation, 4xx and 5xx, a seal,
answers that come late, an endless answer. Run by `python vaultlike.py`; the first line it prints is its port.
"""

import base64
import hashlib
import hmac
import json
import os
import re
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TOKEN = "t-123"
CIPHERTEXT = re.compile(r"vault:v(\d+):([A-Za-z0-9+/=]+)")


class Transit:
    """Keys by name, each with its versions."""

    def __init__(self) -> None:
        self.keys = {"data": [os.urandom(32)], "root": [os.urandom(32)]}
        self.mode = "well"
        self.asked: dict[str, int] = {}

    def encrypt(self, name: str, item: dict[str, Any]) -> dict[str, str]:
        key, version, nonce = self.keys[name][-1], len(self.keys[name]), os.urandom(12)
        closed = nonce + AESGCM(key).encrypt(nonce, base64.b64decode(item["plaintext"]), None)
        return {"ciphertext": f"vault:v{version}:{base64.b64encode(closed).decode()}", "key_version": str(version)}

    def decrypt(self, name: str, item: dict[str, Any]) -> dict[str, str]:
        found = CIPHERTEXT.fullmatch(item["ciphertext"])
        if found is None or not 0 < int(found[1]) <= len(self.keys[name]):
            return {"error": "invalid ciphertext"}
        closed = base64.b64decode(found[2])
        try:
            opened = AESGCM(self.keys[name][int(found[1]) - 1]).decrypt(closed[:12], closed[12:], None)
        except InvalidTag:
            return {"error": "cipher: message authentication failed"}
        return {"plaintext": base64.b64encode(opened).decode()}

    def rewrap(self, name: str, item: dict[str, Any]) -> dict[str, str]:
        opened = self.decrypt(name, item)
        return opened if "error" in opened else self.encrypt(name, opened)


TRANSIT = Transit()


class Handler(BaseHTTPRequestHandler):
    """`/v1/transit/…`, and `/mode/<word>` for the tests."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/asked":
            self._say(200, TRANSIT.asked)
        elif self._may() and (name := self.path.removeprefix("/v1/transit/keys/")) in TRANSIT.keys:
            self._say(200, {"data": {"name": name, "latest_version": len(TRANSIT.keys[name])}})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        if self.path.startswith("/mode/"):
            TRANSIT.mode = self.path.removeprefix("/mode/")
            self._say(204, None)
        elif self._may():
            self._answer(self.path.removeprefix("/v1/transit/").split("/"), body)

    def _may(self) -> bool:
        """Every failure that the API documents, by the mode; else whether the token is right."""
        verb = "/".join(self.path.split("/")[3:4])
        TRANSIT.asked[verb] = TRANSIT.asked.get(verb, 0) + 1
        if TRANSIT.mode == "sealed":
            self._say(503, {"errors": ["Vault is sealed"]})
        elif TRANSIT.mode == "late":
            time.sleep(2)
            self._say(503, {"errors": []})
        elif TRANSIT.mode == "torn":
            self.close_connection = True
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
        elif TRANSIT.mode == "huge":
            self._say(200, {"data": {"batch_results": ["x" * 5_000_000]}})
        elif TRANSIT.mode == "odd":
            self._say(200, ["what", "is", "this"])
        elif TRANSIT.mode == "error":
            self._say(500, {"errors": ["internal error"]})
        elif TRANSIT.mode == "standby":
            self._say(429, {"errors": []})
        elif self.headers.get("X-Vault-Token") != TOKEN:
            self._say(403, {"errors": ["permission denied"]})
        else:
            return True
        return False

    def _answer(self, path: list[str], body: dict[str, Any]) -> None:
        verb, name = path[0], path[1]
        if name not in TRANSIT.keys:
            self._say(404 if verb == "keys" else 400, {"errors": ["encryption key not found"]})
        elif verb == "hmac":
            version = body["key_version"]
            if not 0 < version <= len(TRANSIT.keys[name]):
                self._say(400, {"errors": ["invalid key version"]})
                return
            digest = hmac.digest(TRANSIT.keys[name][version - 1], base64.b64decode(body["input"]), hashlib.sha256)
            self._say(200, {"data": {"hmac": f"vault:v{version}:{base64.b64encode(digest).decode()}"}})
        elif verb == "keys":
            TRANSIT.keys[name].append(os.urandom(32))
            self._say(200, {"data": {"latest_version": len(TRANSIT.keys[name])}})
        else:
            results = [getattr(TRANSIT, verb)(name, item) for item in body["batch_input"]]
            self._say(400 if any("error" in one for one in results) else 200, {"data": {"batch_results": results}})

    def _say(self, status: int, document: object) -> None:
        content = b"" if document is None else json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Silent."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()
