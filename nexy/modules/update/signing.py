"""Ed25519 keys and signatures, as Sparkle has them: over the bytes themselves, in base64."""

import base64
import os
import stat
from pathlib import Path
from typing import TypeAlias

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from nexy.errors import ReleaseError

Buffer: TypeAlias = bytes | memoryview

OLD_SPARKLE_BYTES = 64 + 32
"""Of the secret that Sparkle made until the end of 2023: what the seed was hashed to, and the public key.
Signing with it would take an Ed25519 of our own, as the seed that every library begins with is not in it."""

OTHERS = stat.S_IRWXG | stat.S_IRWXO  # group and world


class Key:
    """A private key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    def __repr__(self) -> str:
        return f"<Key public={self.public}>"

    @classmethod
    def read(cls, file: Path) -> "Key":
        """From PEM, or from what Sparkle's `generate_keys -x` writes: the seed, in base64.

        Raises ReleaseError, also for the 96 bytes that `generate_keys` wrote of its older keys.
        """
        try:
            with file.open("rb") as opened:
                mode = os.fstat(opened.fileno()).st_mode
                text = opened.read(10_000)
        except FileNotFoundError:
            raise ReleaseError("there is no signing key yet; nexy release keygen makes one") from None
        except OSError as error:
            raise ReleaseError(f"the signing key cannot be read: {error.strerror}") from None
        if mode & OTHERS:
            raise ReleaseError("the signing key can be read by others than its owner; chmod 600 it")
        return cls(_parsed(text))

    @property
    def public(self) -> str:
        """What the client has as SUPublicEDKey, base64."""
        raw = self._key.public_key().public_bytes_raw()
        return base64.b64encode(raw).decode()

    def sign(self, data: Buffer) -> str:
        """The signature, base64."""
        return base64.b64encode(self._key.sign(data)).decode()


def _parsed(text: bytes) -> Ed25519PrivateKey:
    try:
        if b"-----BEGIN" in text:
            key = serialization.load_pem_private_key(text, None)
        else:
            key = Ed25519PrivateKey.from_private_bytes(_seed(text))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ReleaseError(
            "the signing key is no Ed25519 key in PEM, or of Sparkle's, without a password"
        ) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise ReleaseError("the signing key is of another kind than Ed25519")
    return key


def _seed(text: bytes) -> bytes:
    secret = base64.b64decode(text.strip(), validate=True)
    if len(secret) == OLD_SPARKLE_BYTES:
        raise ReleaseError(
            "the signing key is of Sparkle's older form, 96 bytes, which keeps no seed to sign with;"
            " make a new key, and let a release that is signed with the old one bring it to the clients"
        )
    return secret


def make_key(file: Path) -> Key:
    """Write a new key in PEM that its owner alone can read. Raises ReleaseError; never overwrites."""
    for folder in file.resolve().parents:  # also where links lead
        if os.path.exists(folder / ".git"):
            raise ReleaseError("the signing key would lie in a git repository; put it elsewhere")
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_new(file, pem)
    except OSError as error:
        raise ReleaseError(f"the signing key cannot be written: {error.strerror}") from None
    return Key(key)


def _write_new(file: Path, pem: bytes) -> None:
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise ReleaseError(
            "there is a signing key already; clients that know it would trust no other"
        ) from None
    try:
        with os.fdopen(descriptor, "wb") as opened:
            os.fchmod(descriptor, 0o600)  # whatever the umask
            opened.write(pem)
            opened.flush()
            os.fsync(descriptor)
    except OSError:
        file.unlink()  # half a key is none, and would be in the way of the next try
        raise


def is_signed(public: str, data: Buffer, signature: str) -> bool:
    """Whether `signature` is that of `data` with the key of `public`; both in base64."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public, validate=True))
        key.verify(base64.b64decode(signature, validate=True), data)
    except (InvalidSignature, ValueError):
        return False
    return True
