"""A vendor behind TLS for tests: certificates of every kind that goes wrong, and a server that shows one.

with serving(Authority(folder).certificate("localhost")) as port: …
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Authority:
    """Somebody who issues certificates; ``trust`` is a context that believes it and nobody else."""

    def __init__(self, folder: Path, name: str = "Test Authority") -> None:
        self.folder, self.name = folder, name
        self.key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC)
        self.root = (
            self._builder(name, self.key, now - DAY, now + 90 * DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(self.key, hashes.SHA256())
        )

    def _builder(
        self, name: str, key: ec.EllipticCurvePrivateKey, begins: datetime, ends: datetime
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(_name(name))
            .issuer_name(_name(self.name))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(ends)
        )

    def certificate(self, host: str, *, days: int = 90, begun: int = 1) -> Path:
        """A file with a key and a certificate for ``host`` that ends in so many days."""
        key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
        issued = (
            self._builder(host, key, now - begun * DAY, now + days * DAY)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        plain = serialization.NoEncryption()
        path = self.folder / f"{host}-{days}-{begun}.pem"
        path.write_bytes(
            key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
            + issued.public_bytes(serialization.Encoding.PEM)
        )
        return path

    @property
    def trust(self) -> ssl.SSLContext:
        text = self.root.public_bytes(serialization.Encoding.PEM).decode()
        return ssl.create_default_context(cadata=text)


@contextmanager
def serving(certificate: Path, answer: bytes = b'{"hold_for_deductible": true}') -> Iterator[int]:
    """Answer every request over TLS with the same JSON; gives the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as door:
        stopped = threading.Event()

        def serve() -> None:
            while not stopped.is_set():
                with suppress(OSError):
                    line, _ = door.accept()
                    line.settimeout(5)
                    with line, context.wrap_socket(line, server_side=True) as secure:
                        if secure.recv(65536):
                            head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
                            secure.sendall(head % len(answer) + answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield door.getsockname()[1]
        finally:
            stopped.set()
            with suppress(OSError), socket.create_connection(door.getsockname(), timeout=1):
                pass
            thread.join(5)
