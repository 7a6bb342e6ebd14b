"""Certificates that are renewed while the server runs, in simulated time."""

import logging
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from nexy.config import SecurityConfig
from nexy.integrations.encryption import LOOK_SECONDS, Contexts, open_tls
from nexy.utils.tls import GRPC, client_context
from tests.certificates import Authority
from tests.utils.test_tls import shake


async def test_a_renewed_certificate_is_taken_up_once_both_files_are_there(
    tmp_path: Path, autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    authority = Authority(tmp_path)
    pem, new = authority.issue("server", ends_in_days=10), authority.issue("new", ends_in_days=100)
    client = client_context(GRPC, ca=authority.file)
    settings = SecurityConfig(tls_cert_file=str(pem.certificate), tls_key_file=str(pem.key))
    caplog.set_level(logging.INFO)
    async with open_tls(settings) as tls:
        assert tls.grpc is not None
        assert tls.http is not None
        first = shake(client, tls.grpc).getpeercert()
        pem.certificate.write_bytes(new.certificate.read_bytes())
        await trio.sleep(3 * LOOK_SECONDS)
        assert shake(client, tls.grpc).getpeercert() == first
        assert caplog.text.count("cannot be used") == 1  # it is said once
        pem.key.write_bytes(new.key.read_bytes())
        await trio.sleep(1.5 * LOOK_SECONDS)
        for context in (tls.grpc, tls.http):
            assert shake(client, context).getpeercert() != first
        assert caplog.text.count("is used from now on") == 1


async def test_without_files_nothing_is_encrypted() -> None:
    async with open_tls(SecurityConfig()) as tls:
        assert tls == Contexts()
