"""TLS and mutual TLS over real sockets: the official client, a browser's way, OpenSSL, and our own client."""

import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import httpx2
import pytest

from tests.certificates import Authority, Pem
from tests.e2e.conftest import Client, Running, until

UNAVAILABLE = grpc.StatusCode.UNAVAILABLE


class Encrypted(Client):
    """The official client, over TLS."""

    def __init__(self, server: Running, pb: Any, **credentials: bytes | None) -> None:
        super().__init__(server.target, pb)
        self.channel.close()
        target = server.target.replace("127.0.0.1", "localhost")
        options = [("grpc.use_local_subchannel_pool", 1), ("grpc.enable_retries", 0)]
        self.channel = grpc.secure_channel(target, grpc.ssl_channel_credentials(**credentials), options)
        self.stub = type(self.stub)(**{m.name: self._callable(m) for m in pb.service.methods})


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def tls(serve: Callable[..., Running], authority: Authority) -> Callable[..., Running]:
    def start(**settings: object) -> Running:
        pem = authority.issue("server")
        return serve(TLS_CERT_FILE=pem.certificate, TLS_KEY_FILE=pem.key, SCRIPTED_SENTENCES=1, **settings)

    return start


def asked(server: Running, pb: Any, **credentials: bytes | None) -> grpc.StatusCode | None:
    """How a whole spoken answer ends."""
    client = Encrypted(server, pb, **credentials)
    try:
        answer = client.say(timeout=5).wait()
        if answer.status is grpc.StatusCode.OK:
            assert answer.sound
        return answer.status
    finally:
        client.channel.close()


def own(pem: Pem) -> dict[str, bytes]:
    return {"private_key": pem.key.read_bytes(), "certificate_chain": pem.certificate.read_bytes()}


def test_an_answer_over_tls(tls: Any, authority: Authority, pb: Any, tmp_path: Path, connect: Any) -> None:
    server = tls()
    other = Authority(tmp_path, "other")
    assert asked(server, pb, root_certificates=authority.file.read_bytes()) is grpc.StatusCode.OK
    assert asked(server, pb, root_certificates=other.file.read_bytes()) is UNAVAILABLE
    assert asked(server, pb) is UNAVAILABLE
    assert connect(server).say(timeout=5).wait().status is UNAVAILABLE  # in plain text
    assert asked(server, pb, root_certificates=authority.file.read_bytes()) is grpc.StatusCode.OK


def test_an_interrupt_over_tls_is_as_fast(serve: Any, authority: Authority, pb: Any) -> None:
    pem = authority.issue("server")
    server = serve(TLS_CERT_FILE=pem.certificate, TLS_KEY_FILE=pem.key, SCRIPTED_SENTENCES=100)
    client = Encrypted(server, pb, root_certificates=authority.file.read_bytes())
    answer = client.say(timeout=None)
    assert answer.speaking()
    began = time.monotonic()
    assert client.interrupt().success
    assert time.monotonic() - began < 0.5
    assert answer.wait().of("end_message") == ["interrupted"]
    client.channel.close()


def test_clients_must_show_a_certificate(tls: Any, authority: Authority, pb: Any, tmp_path: Path) -> None:
    server = tls(TLS_CLIENT_CA_FILE=authority.file)
    root = authority.file.read_bytes()
    stranger = Authority(tmp_path, "other").issue("client", "client.example")
    ended = authority.issue("ended", "ended.example", ends_in_days=-1)
    assert asked(server, pb, root_certificates=root) is UNAVAILABLE
    assert asked(server, pb, root_certificates=root, **own(stranger)) is UNAVAILABLE
    assert asked(server, pb, root_certificates=root, **own(ended)) is UNAVAILABLE
    client = authority.issue("client", "client.example")
    assert asked(server, pb, root_certificates=root, **own(client)) is grpc.StatusCode.OK
    for pem, welcome in ((client, True), (stranger, False), (None, False)):
        context = ssl.create_default_context(cafile=authority.file)
        if pem is not None:
            context.load_cert_chain(pem.certificate, pem.key)
        assert (page(server, "/health", context) == 200) is welcome


def page(server: Running, path: str, context: ssl.SSLContext) -> int:
    """The status; 0 when there is no connection."""
    url = f"https://localhost:{server.http.rpartition(':')[2]}{path}"
    try:
        with urllib.request.urlopen(url, timeout=5, context=context) as response:
            code: int = response.status
            return code
    except (OSError, urllib.error.URLError):
        return 0


def test_pages_over_tls(tls: Any, authority: Authority) -> None:
    server = tls()
    context = ssl.create_default_context(cafile=authority.file)
    assert page(server, "/health", context) == 200
    assert page(server, "/status", context) == 200
    assert page(server, "/health", ssl.create_default_context()) == 0
    with pytest.raises(OSError):  # noqa: PT011 - whatever it is called
        urllib.request.urlopen(f"{server.http}/health", timeout=5).close()


@pytest.mark.parametrize("version", ["-tls1_1", "-tls1_2", "-tls1_3"])
def test_openssl(tls: Any, authority: Authority, version: str) -> None:
    server = tls()
    for port, protocols, spoken in (
        (server.target.rpartition(":")[2], "h2,http/1.1", "h2"),
        (server.http.rpartition(":")[2], "h2,http/1.1", "http/1.1"),
    ):
        command = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", version, "-alpn", protocols]
        command += ["-CAfile", str(authority.file), "-verify_return_error"]
        done = subprocess.run(command, input=b"", capture_output=True, timeout=10, check=False)
        said = done.stdout.decode(errors="replace")
        fits = version != "-tls1_1"
        assert (done.returncode == 0) is fits
        assert (f"ALPN protocol: {spoken}" in said) is fits
        assert ("BEGIN CERTIFICATE" in said) is fits
    assert until(server.is_quiet, 8)  # Hypercorn lets go of a connection that asked for nothing after 5 s


def test_a_client_that_would_like_http_2_is_answered_at_the_pages(tls: Any, authority: Authority) -> None:
    """As curl, Prometheus and most balancers are."""
    server = tls()
    context = ssl.create_default_context(cafile=str(authority.file))
    context.set_alpn_protocols(["h2", "http/1.1"])
    with httpx2.Client(verify=context, http2=False, trust_env=False) as client:
        assert client.get(f"https://127.0.0.1:{server.http.rpartition(':')[2]}/ready").json()["ready"]
    host, port = "127.0.0.1", int(server.http.rpartition(":")[2])
    with (
        socket.create_connection((host, port)) as plain,
        context.wrap_socket(plain, server_hostname=host) as end,
    ):
        assert end.selected_alpn_protocol() == "http/1.1"
        end.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert end.recv(1000).startswith(b"HTTP/1.1 200")


def test_who_never_shakes_hands_does_not_stop_others(tls: Any, authority: Authority, pb: Any) -> None:
    server = tls()
    host, port = server.target.split(":")
    idle = [socket.create_connection((host, int(port))) for _ in range(20)]
    for one in idle[10:]:
        one.sendall(b"\x16\x03\x01\x02\x00\x01\x00nonsense")
    assert asked(server, pb, root_certificates=authority.file.read_bytes()) is grpc.StatusCode.OK
    for one in idle:
        one.close()


def nexy(*args: str, **env: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "nexy", *args]
    root = str(Path(__file__).parents[2])
    return subprocess.run(
        command, capture_output=True, text=True, timeout=20, check=False, env={"PYTHONPATH": root, **env}
    )


def test_our_own_client(tls: Any, authority: Authority, tmp_path: Path) -> None:
    server = tls()
    where = f"--server={server.target}"
    done = nexy("ask", "Hello", where, "--ca-file", str(authority.file))
    assert (done.returncode, bool(done.stdout.strip())) == (0, True), done.stderr
    assert nexy("welcome", where, NEXY_CA_FILE=str(authority.file)).returncode == 0
    stopped = nexy("interrupt", "nobody", where, "--tls", "--ca-file", str(authority.file))
    assert (stopped.returncode, stopped.stderr) == (1, "nexy: no active sessions\n")
    other = Authority(tmp_path, "other")
    for args, words in (
        ((), "broke off; if it speaks TLS, give --tls"),
        (("--tls",), "its certificate is not to be trusted: "),
        (("--ca-file", str(other.file)), "its certificate is not to be trusted: "),
        (("--ca-file", "/nonexistent/ca.pem"), "--ca-file: /nonexistent/ca.pem: No such file"),
        (("--tls", "--client-cert", str(authority.file)), "--client-cert: there is no PEM certificate with"),
    ):
        failed = nexy("ask", "Hello", where, *args)
        assert failed.returncode == 1
        assert words in failed.stderr
        assert failed.stderr.count("\n") == 1, failed.stderr
    wrong = nexy("ask", "Hello", where, "--tls", "--client-key", str(authority.file))
    assert (wrong.returncode, wrong.stderr) == (2, "nexy: --client-key needs --client-cert\n")


def test_our_own_client_with_a_certificate(tls: Any, authority: Authority) -> None:
    server = tls(TLS_CLIENT_CA_FILE=authority.file)
    where, ca = f"--server={server.target}", ["--ca-file", str(authority.file)]
    refused = nexy("ask", "Hello", where, *ca)
    assert refused.returncode == 1
    assert "broke off; if it asks for a certificate, give --client-cert" in refused.stderr
    pem = authority.issue("client", "client.example")
    files = ["--client-cert", str(pem.certificate), "--client-key", str(pem.key)]
    assert nexy("ask", "Hello", where, *ca, *files).returncode == 0


def test_the_recipe_for_an_authority_of_ones_own(serve: Any, tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs/security.md").read_text()
    (recipe,) = (part for part in text.split("```sh\n") if part.startswith("NAME="))
    script = recipe.partition("```")[0].replace("nexy.example.org", "localhost")
    subprocess.run(["sh", "-ec", script], cwd=tmp_path, check=True, capture_output=True, timeout=20)
    made = {name: str(tmp_path / name) for name in ("ca.crt", "laptop.crt", "laptop.key")}
    server = serve(
        TLS_CERT_FILE=tmp_path / "localhost.crt",
        TLS_KEY_FILE=tmp_path / "localhost.key",
        TLS_CLIENT_CA_FILE=made["ca.crt"],
    )
    where = f"--server=localhost:{server.target.rpartition(':')[2]}"
    options = ["--ca-file", made["ca.crt"], "--client-cert", made["laptop.crt"], "--client-key"]
    done = nexy("ask", "Hello", where, *options, made["laptop.key"])
    assert done.returncode == 0, done.stderr


def test_our_own_client_and_a_server_without_tls(serve: Any) -> None:
    failed = nexy("ask", "Hello", f"--server={serve().target}", "--tls")
    assert failed.returncode == 1
    assert "it does not speak TLS; leave out --tls" in failed.stderr
