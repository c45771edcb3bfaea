"""A passkey in software: makes and signs as WebAuthn says, and can be told to lie."""

import base64
import hashlib
import json
import os
import struct
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor
from fido2.cose import ES256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class Passkey:
    """One passkey at one origin."""

    def __init__(self, origin: str, name: str) -> None:
        self.origin, self.name = origin, name
        self.id = os.urandom(32)
        self.count = 0
        self.flags = PRESENT | VERIFIED
        self.is_framed = False
        self._key = ec.generate_private_key(ec.SECP256R1())

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        """What a browser answers to `create`."""
        said = self._client_data("webauthn.create", options)
        public = cbor.encode(dict(ES256.from_cryptography_key(self._key.public_key())))
        credential = bytes(16) + struct.pack(">H", len(self.id)) + self.id + public
        attested = {"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTED) + credential}
        response = {"clientDataJSON": _text(said), "attestationObject": _text(cbor.encode(attested))}
        return self._answer(response)

    def sign(self, options: dict[str, Any]) -> dict[str, Any]:
        """What a browser answers to `get`."""
        said = self._client_data("webauthn.get", options)
        self.count += 1
        data = self._data()
        signature = self._key.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(SHA256()))
        response = {"clientDataJSON": _text(said), "authenticatorData": _text(data), "signature": _text(signature)}
        return self._answer(response)

    def _client_data(self, kind: str, options: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": self.is_framed}
        return json.dumps(said).encode()

    def _data(self, more: int = 0) -> bytes:
        return hashlib.sha256(self.name.encode()).digest() + struct.pack(">BI", self.flags | more, self.count)

    def _answer(self, response: dict[str, str]) -> dict[str, Any]:
        own = _text(self.id)
        return {"id": own, "rawId": own, "type": "public-key", "response": response, "clientExtensionResults": {}}


def _text(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")
