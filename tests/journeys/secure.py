"""The same installation over HTTPS, with a certificate that is good for this run alone."""

from __future__ import annotations

import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from ipaddress import IPv4Address
from pathlib import Path
from urllib.request import urlopen

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.server import ROOT, SECONDS_TO_END, SECONDS_TO_START, environment, free_port

HOST = "127.0.0.1"


def certified(folder: Path, *names: str) -> tuple[Path, Path]:
    """Make a certificate for this machine, whatever ``names`` it goes by, and its key; return where they lie."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    called = [x509.IPAddress(IPv4Address(HOST)), *map(x509.DNSName, names)]
    now = datetime.now(timezone.utc)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(called), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    shape = serialization.PrivateFormat.PKCS8
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, shape, serialization.NoEncryption()))
    return certificate, private


@contextmanager
def running_securely(instance: Path, folder: Path, **more: str) -> Iterator[str]:
    """Run gunicorn with HTTPS over ``instance`` until the block ends; its log lies in ``folder``.

    ``more`` joins its environment.
    """
    certificate, private = certified(folder)
    bound = f"{HOST}:{free_port()}"
    with (folder / "secure.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", str(ROOT / "gunicorn.conf.py"), "--bind", bound,
             "--certfile", str(certificate), "--keyfile", str(private), "wsgi:create_app()"],
            cwd=ROOT, env=environment(instance, **more), stdout=log, stderr=log,
        )  # fmt: skip
        try:
            _wait_for(f"https://{bound}/", process)
            yield f"https://{bound}"
        finally:
            process.terminate()
            process.wait(SECONDS_TO_END)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urlopen(url, timeout=5, context=trusting).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("no answer over HTTPS; the server's log lies beside its certificate")
