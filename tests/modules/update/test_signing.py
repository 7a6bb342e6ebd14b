"""Signatures, as others check them."""

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexy.modules.update import Key, is_signed, make_key
from tests.modules.update import openssl, sparkle
from tests.modules.update.making import key
from tests.modules.update.openssl import needs_openssl

DATA = "Некси & <друзья>\n".encode() * 1000


@needs_openssl
def test_openssl_believes_a_key_that_was_just_made(tmp_path: Path) -> None:
    made = make_key(tmp_path / "signing")
    signature = made.sign(DATA)
    assert openssl.is_signed(tmp_path, made.public, DATA, signature)
    assert not openssl.is_signed(tmp_path, made.public, DATA + b".", signature)
    assert not openssl.is_signed(tmp_path, key().public, DATA, signature)


@needs_openssl
def test_openssl_finds_the_same_public_key_in_the_file(tmp_path: Path) -> None:
    made = make_key(tmp_path / "signing")
    found = openssl.openssl("pkey", "-in", tmp_path / "signing", "-pubout", "-outform", "DER")
    assert found.stdout == openssl.SUBJECT_PUBLIC_KEY + base64.b64decode(made.public)


@needs_openssl
def test_openssl_signs_the_same_with_the_same_key(tmp_path: Path) -> None:
    """RFC 8032: a signature depends on the key and the bytes alone."""
    file = openssl.made_key(tmp_path / "signing", "-algorithm", "ed25519")
    (tmp_path / "data").write_bytes(DATA)
    signed = openssl.openssl("pkeyutl", "-sign", "-rawin", "-inkey", file, "-in", tmp_path / "data")
    assert base64.b64encode(signed.stdout).decode() == Key.read(file).sign(DATA)


@given(st.binary(), st.binary(min_size=32, max_size=32))
def test_libsodium_believes_every_signature(data: bytes, seed: bytes) -> None:
    one = key(seed)
    signature = one.sign(data)
    assert len(base64.b64decode(signature)) == 64
    assert sparkle.is_signed(one.public, data, signature)
    assert is_signed(one.public, data, signature)


@given(st.binary(min_size=1), st.data())
def test_no_bit_may_change(data: bytes, which: st.DataObject) -> None:
    one = key()
    good = one.sign(data)
    at = which.draw(st.integers(0, 8 * (len(data) + 64) - 1))
    both = bytearray(base64.b64decode(good) + data)
    both[at // 8] ^= 1 << at % 8
    assert not is_signed(one.public, bytes(both[64:]), base64.b64encode(both[:64]).decode())


def test_a_file_that_is_mapped_is_signed_as_its_bytes_are() -> None:
    assert key().sign(memoryview(DATA)) == key().sign(DATA)


@pytest.mark.parametrize("wrong", ["", "?", "é", "AAAA", "A" * 88, key().public + "\n"])
def test_what_is_no_signature_or_no_key_is_just_not_right(wrong: str) -> None:
    one = key()
    assert not is_signed(one.public, DATA, wrong)
    assert not is_signed(wrong, DATA, one.sign(DATA))


def test_a_known_signature() -> None:
    """RFC 8032, 7.1, test 3."""
    seed = "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"
    public = "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"
    signature = (
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
    )
    one = key(bytes.fromhex(seed))
    assert base64.b64decode(one.public).hex() == public
    assert base64.b64decode(one.sign(bytes.fromhex("af82"))).hex() == signature
