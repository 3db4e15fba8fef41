"""A passkey or security key in software: answers what a browser with a real one would answer."""

from __future__ import annotations

import json
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import sha256, websafe_decode, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

Flag = AuthenticatorData.FLAG


class SoftKey:
    """One key of one person at one site; ``verifies`` says whether it asks for fingerprint, face or PIN."""

    def __init__(self, name: bytes = b"soft key one", *, verifies: bool = True) -> None:
        self.id, self.verifies, self.user = name.ljust(16, b"."), verifies, b""
        self._secret = ec.generate_private_key(ec.SECP256R1())

    def made(self, options: dict[str, Any], origin: str) -> str:
        """What the browser sends after making the key as the page asked."""
        asked = options["publicKey"]
        self.user, self.site = websafe_decode(asked["user"]["id"]), asked["rp"]["id"]
        data = AttestedCredentialData.create(
            b"\0" * 16, self.id, ES256.from_cryptography_key(self._secret.public_key())
        )
        seen = AuthenticatorData.create(sha256(self.site.encode()), self._flags() | Flag.AT, 0, bytes(data))
        told = CollectedClientData.create("webauthn.create", asked["challenge"], origin)
        return self._say(
            told, {"attestationObject": websafe_encode(bytes(AttestationObject.create("none", seen, {})))}
        )

    def used(self, options: dict[str, Any], origin: str, *, forged: bool = False) -> str:
        """What the browser sends after the key has signed what the page asked for."""
        told = CollectedClientData.create("webauthn.get", options["publicKey"]["challenge"], origin)
        seen = AuthenticatorData.create(sha256(self.site.encode()), self._flags(), 1)
        secret = ec.generate_private_key(ec.SECP256R1()) if forged else self._secret
        signed = secret.sign(bytes(seen) + told.hash, ec.ECDSA(hashes.SHA256()))
        return self._say(
            told,
            {
                "authenticatorData": websafe_encode(bytes(seen)),
                "signature": websafe_encode(signed),
                "userHandle": websafe_encode(self.user),
            },
        )

    def _flags(self) -> Flag:
        return Flag.UP | Flag.UV if self.verifies else Flag.UP

    def _say(self, told: CollectedClientData, response: dict[str, str]) -> str:
        key = websafe_encode(self.id)
        said = {"id": key, "rawId": key, "type": "public-key", "clientExtensionResults": {}}
        return json.dumps({**said, "response": {"clientDataJSON": websafe_encode(bytes(told)), **response}})
