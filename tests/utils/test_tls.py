"""TLS from files: when a certificate ends, and what happens when it is renewed."""

import ssl
import time
from pathlib import Path

import pytest

from nexy.utils.tls import GRPC, HTTP, Files, Renewing, client_context, ends_at, server_context
from tests.certificates import Authority, Pem

DAY = 86_400


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def files(pem: Pem) -> Files:
    return Files(pem.certificate, pem.key)


def shake(client: ssl.SSLContext, server: ssl.SSLContext) -> ssl.SSLObject:
    """Both ends in memory; the client's, after the handshake."""
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = client.wrap_bio(back, there, server_hostname="localhost")
    theirs = server.wrap_bio(there, back, server_side=True)
    for _ in range(8):
        for end in (ours, theirs):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert ours.version()
    return ours


@pytest.mark.parametrize("days", [10, 400])
def test_when_a_certificate_ends(authority: Authority, days: int) -> None:
    pem = authority.issue("server", ends_in_days=days)
    assert ends_at(files(pem)) == pytest.approx(time.time() + days * DAY, abs=60)


def test_one_that_has_ended(authority: Authority) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
        ends_at(files(authority.issue("server", ends_in_days=-1)))


def test_what_is_spoken(authority: Authority) -> None:
    pem = authority.issue("server")
    for protocols, spoken in ((GRPC, "h2"), (HTTP, "http/1.1")):
        both = client_context(("h2", "http/1.1"), ca=authority.file)
        end = shake(both, server_context(files(pem), protocols))
        assert (end.version(), end.selected_alpn_protocol()) == ("TLSv1.3", spoken)
    old = client_context(("http/1.1",), ca=authority.file)
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    end = shake(old, server_context(files(pem), HTTP))
    assert (end.version(), end.selected_alpn_protocol()) == ("TLSv1.2", "http/1.1")
    assert server_context(files(pem), GRPC).minimum_version is ssl.TLSVersion.TLSv1_2


def test_a_renewed_certificate_is_shown_to_those_who_come_later(authority: Authority) -> None:
    first, second = authority.issue("server", ends_in_days=10), authority.issue("new", ends_in_days=100)
    server = server_context(files(first), GRPC)
    client = client_context(GRPC, ca=authority.file)
    renewing = Renewing(files(first), (server,))
    assert not renewing.renew()
    was = shake(client, server).getpeercert()

    first.certificate.write_bytes(second.certificate.read_bytes())  # and not yet its key
    with pytest.raises(ssl.SSLError):
        renewing.renew()
    assert shake(client, server).getpeercert() == was

    first.key.write_bytes(second.key.read_bytes())
    assert renewing.renew()
    assert not renewing.renew()
    now = shake(client, server).getpeercert()
    assert now
    assert ssl.cert_time_to_seconds(str(now["notAfter"])) > time.time() + 99 * DAY


def test_a_key_with_a_password_is_not_asked_for(authority: Authority, tmp_path: Path) -> None:
    pem = authority.issue("server")
    locked = tmp_path / "locked.key"
    text = pem.key.read_text().replace(
        "-----\n", "-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n", 1
    )
    locked.write_text(text)
    with pytest.raises(ssl.SSLError):
        server_context(Files(pem.certificate, locked), GRPC)
