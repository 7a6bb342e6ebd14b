"""The other implementation that signatures are checked with, and keys made with: the program `openssl`."""

import base64
import shutil
import subprocess
from pathlib import Path

import pytest

PROGRAM = shutil.which("openssl")
SUBJECT_PUBLIC_KEY = bytes.fromhex(
    "302a300506032b6570032100"
)  # RFC 8410: what is before the 32 bytes, in DER

needs_openssl = pytest.mark.skipif(
    PROGRAM is None, reason="there is no program openssl here to check signatures with"
)


def openssl(*arguments: object) -> subprocess.CompletedProcess[bytes]:
    assert PROGRAM is not None
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, check=False, timeout=60)


def made_key(file: Path, *options: object) -> Path:
    """A private key that openssl makes, in PEM, readable by its owner alone."""
    done = openssl("genpkey", "-out", file, *options)
    assert done.returncode == 0, done.stderr
    file.chmod(0o600)
    return file


def is_signed(folder: Path, public: str, data: bytes, signature: str) -> bool:
    """By the public key alone, as the client has it."""
    parts = {
        "public.der": SUBJECT_PUBLIC_KEY + base64.b64decode(public),
        "data": data,
        "signature": base64.b64decode(signature),
    }
    for name, content in parts.items():
        (folder / name).write_bytes(content)
    public_key, signed, by = (folder / name for name in parts)
    done = openssl(
        *("pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER"),
        *("-inkey", public_key, "-in", signed, "-sigfile", by),
    )
    assert done.returncode in (0, 1), done.stderr
    return done.returncode == 0
