"""The update server as part of Nexy: the installed updater's way through it, its alert, its figures, TLS."""

import base64
import hashlib
import http.client
import json
import os
import re
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import nacl.signing
import pytest

from tests.certificates import Authority
from tests.e2e.conftest import Running, until
from tests.e2e.test_process import Process, launch  # noqa: F401 - a fixture
from tests.modules.update.serving import BASE_URL, Workshop

DATA = os.urandom(3_000_000)
FILE = "/downloads/Nexy-1.0.dmg"


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


@pytest.fixture
def server(serve: Callable[..., Running], workshop: Workshop) -> Running:
    return serve(UPDATE_BASE_URL=BASE_URL)


def address(server: Running) -> str:
    assert server.server.updates is not None
    return server.server.updates.address


def get(server: Running, path: str, **headers: str) -> tuple[int, bytes]:
    asked = urllib.request.Request(f"http://{address(server)}{path}", headers=headers)
    try:
        with urllib.request.urlopen(asked, timeout=5) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def status(server: Running) -> Any:
    with urllib.request.urlopen(f"{server.http}/status", timeout=5) as answer:
        return json.load(answer)


def metric(server: Running, name: str) -> float:
    with urllib.request.urlopen(f"{server.http}/metrics", timeout=5) as answer:
        text = answer.read().decode()
    return sum(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name))


class Updater:
    """What the installed clients have: it asks for the manifest, and takes only what is whole and signed."""

    def __init__(self, address: str, public: str, build: int, folder: Path) -> None:
        self.address, self.public, self.build = address, public, build
        self.part = folder / "update.part"
        self.requests = 0

    def manifest(self) -> dict[str, Any] | None:
        """Of what is newer; None when nothing is."""
        try:
            with urllib.request.urlopen(
                f"http://{self.address}/manifest.json?arch=arm64", timeout=5
            ) as answer:
                manifest: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as error:
            error.close()
            return None
        return manifest if int(manifest["build"]) > self.build else None

    def download(self, artifact: dict[str, Any], break_after: int | None = None) -> None:
        """Go on where the last try has ended. `break_after`: the connection breaks after so many bytes."""
        self.requests += 1
        done = self.part.stat().st_size if self.part.exists() else 0
        headers = {"If-Range": f'"{artifact["sha256"]}"', "Range": f"bytes={done}-"} if done else {}
        line = http.client.HTTPConnection(self.address, timeout=5)
        line.request("GET", urlsplit(artifact["url"]).path, headers=headers)
        answer = line.getresponse()
        assert answer.status == (206 if done else 200)
        with self.part.open("ab") as file:
            while piece := answer.read(65_536):
                file.write(piece)
                if break_after is not None and file.tell() >= break_after:
                    break
        if break_after is not None and line.sock is not None:
            line.sock.shutdown(socket.SHUT_RDWR)
        line.close()

    def check(self, artifact: dict[str, Any]) -> bytes:
        data = self.part.read_bytes()
        assert len(data) == artifact["size"]
        assert hashlib.sha256(data).hexdigest() == artifact["sha256"]
        key = nacl.signing.VerifyKey(base64.b64decode(self.public))
        key.verify(data, base64.b64decode(artifact["ed25519"]))
        return data


def test_an_installed_client_updates_itself_over_a_bad_line(
    server: Running, workshop: Workshop, tmp_path: Path
) -> None:
    updater = Updater(address(server), workshop.key.public, 1, tmp_path)
    assert updater.manifest() is None
    workshop.add("1.0", b"what is installed")
    assert updater.manifest() is None
    workshop.add("1.1", DATA)
    manifest = updater.manifest()
    assert manifest is not None
    assert manifest["artifact"]["url"].startswith("https://")
    updater.download(manifest["artifact"], 500_000)
    updater.download(manifest["artifact"], 1_700_000)
    with pytest.raises(AssertionError):
        updater.check(manifest["artifact"])
    updater.download(manifest["artifact"])
    assert updater.check(manifest["artifact"]) == DATA
    assert updater.requests == 3
    updater.build = int(manifest["build"])
    assert updater.manifest() is None


def test_the_feed_is_signed_by_who_released(server: Running, workshop: Workshop) -> None:
    workshop.add("1.0", b"one", "Некси & <1.0>.dmg", notes="Новости & <b>")
    (_, feed), (_, signature) = get(server, "/appcast.xml"), get(server, "/appcast.xml.sig")
    key = nacl.signing.VerifyKey(base64.b64decode(workshop.key.public))
    key.verify(feed, base64.b64decode(signature))
    (path,) = re.findall(rf'url="{BASE_URL}(/downloads/[^"]+)"', feed.decode())
    assert get(server, path) == (200, b"one")
    notes, length = re.findall(
        rf'sparkle:edSignature="([^"]+)" sparkle:length="(\d+)">{BASE_URL}', feed.decode()
    )[0]
    _, html = get(server, "/notes/1")
    assert len(html) == int(length)
    key.verify(html, base64.b64decode(notes))


def test_a_damaged_file_is_not_served_and_an_operator_is_told(server: Running, workshop: Workshop) -> None:
    def fires() -> bool:
        return "update_files_damaged" in [alert["name"] for alert in status(server)["alerts"]]

    file = workshop.file(workshop.add("1.0", DATA))
    assert get(server, FILE) == (200, DATA)
    assert metric(server, "nexy_update_files_damaged") == 0
    assert metric(server, "nexy_update_sent_bytes_total") == len(DATA)
    with file.open("r+b") as opened:
        opened.seek(1_000_000)
        opened.write(b"harm")
    code, body = get(server, FILE)
    assert (code, json.loads(body)) == (503, {"error": "the file cannot be downloaded just now"})
    assert metric(server, "nexy_update_files_damaged") == 1
    assert until(fires)
    assert metric(server, 'nexy_alert{name="update_files_damaged"}') == 1
    assert status(server)["update_server"]["damaged_files"] == [file.name]
    assert status(server)["ready"] is True  # answers go on
    file.write_bytes(DATA)
    assert get(server, FILE) == (200, DATA)
    assert metric(server, "nexy_update_files_damaged") == 0
    assert until(lambda: not fires())
    assert metric(server, 'nexy_update_requests_total{kind="download",status="503"}') == 1


def test_status_says_what_is_offered_and_where(server: Running, workshop: Workshop) -> None:
    assert status(server)["update_server"] == {
        "state": "works",
        "address": address(server),
        "releases": 0,
        "stable": None,
        "beta": None,
        "damaged_files": [],
    }
    workshop.add("1.0", b"one", rollout=20)
    get(server, "/appcast.xml")
    told = status(server)
    assert told["update_server"]["stable"] == {"version": "1.0", "build": 1, "rollout": 20}
    assert told["modules"]["update"] == {"state": "works"}
    assert told["endpoints"]["updates"] == address(server)


def test_without_a_folder_there_is_no_update_server(serve: Callable[..., Running]) -> None:
    server = serve(UPDATE_DIR="none")
    assert "updates=" not in str(server.server)
    told = status(server)
    assert told["update_server"] == told["modules"]["update"] == {"state": "off"}
    assert "updates" not in told["endpoints"]
    assert metric(server, "nexy_update_files_damaged") == 0


def test_with_tls_it_is_encrypted_and_open_to_everybody(
    serve: Callable[..., Running], workshop: Workshop, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    pem = authority.issue("server")
    server = serve(
        TLS_CERT_FILE=pem.certificate,
        TLS_KEY_FILE=pem.key,
        TLS_CLIENT_CA_FILE=authority.file,
        AUTH="tokens",
        UPDATE_BASE_URL=BASE_URL,
    )
    workshop.add("1.0", DATA)
    context = ssl.create_default_context(cafile=authority.file)
    with urllib.request.urlopen(f"https://{address(server)}{FILE}", timeout=5, context=context) as answer:
        assert answer.read() == DATA
    port = int(server.server.addresses["http"].rpartition(":")[2])
    with (  # whose other pages are not
        socket.create_connection(("127.0.0.1", port), 5) as line,
        pytest.raises((ssl.SSLError, ConnectionError)),
        context.wrap_socket(line, server_hostname="localhost") as encrypted,
    ):
        encrypted.sendall(b"GET /status HTTP/1.1\r\nHost: x\r\n\r\n")
        assert not encrypted.recv(100)
        raise ConnectionError


@pytest.fixture
def process(launch: Callable[..., Process], workshop: Workshop) -> Process:  # noqa: F811
    return launch(UPDATE_DIR=workshop.folder.path, UPDATE_BASE_URL=BASE_URL)


def test_a_process_that_serves_updates_ends_at_once_though_somebody_downloads(
    process: Process, workshop: Workshop
) -> None:
    assert process.updates
    workshop.add("1.0", os.urandom(30_000_000))
    host, port = process.updates.split(":")
    with socket.create_connection((host, int(port)), 5) as line:
        line.sendall(f"GET {FILE} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert line.recv(12) == b"HTTP/1.1 200"
        process.signal()
        assert process.wait(5) == 0
