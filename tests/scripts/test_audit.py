"""The audit of the locked libraries, with a service for known holes on this machine."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.scripts.running import run

HASH = "0" * 64
LOCK = f"good==1.0.0 \\\n    --hash=sha256:{HASH}\nold==2.0.0 \\\n    --hash=sha256:{HASH}\n"
HOLE = {
    "id": "PYSEC-1",
    "summary": "It is open.",
    "affected": [
        {
            "package": {"name": "old", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0.1"}]}],
        }
    ],
}


class Service(HTTPServer):
    """Knows holes of some libraries, by name; speaks OSV's protocol."""

    holes: dict[str, Any]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1/query"


class Answers(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        known = self.server.holes.get(asked["package"]["name"])
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"vulns": [known]} if known else {}).encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def service() -> Iterator[Service]:
    with Service(("127.0.0.1", 0), Answers) as server:
        server.holes = {}
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "some.lock").write_text(LOCK)
    return tmp_path


def audit(folder: Path, url: str) -> tuple[int, str]:
    return run("audit.py", "some.lock", "--osv-url", url, folder=folder)


def test_no_known_hole(folder: Path, service: Service) -> None:
    assert audit(folder, service.url) == (0, "some.lock: 2 libraries, 0 known holes\n")


def test_a_known_hole_fails_and_is_named(folder: Path, service: Service) -> None:
    service.holes["old"] = HOLE
    status, said = audit(folder, service.url)
    assert status == 1
    assert said.splitlines() == [
        "old 2.0.0: PYSEC-1, mended in 2.0.1",
        "some.lock: 2 libraries, 1 known holes",
    ]


def test_a_service_that_cannot_be_reached_is_said_and_fails_nothing(folder: Path) -> None:
    with HTTPServer(("127.0.0.1", 0), Answers) as gone:
        port = gone.server_port
    status, said = audit(folder, f"http://127.0.0.1:{port}/v1/query")
    assert status == 0
    assert said == "some.lock: NOT audited, no service for known holes can be reached from here\n"


def test_a_lock_that_cannot_be_read_fails(folder: Path, service: Service) -> None:
    (folder / "some.lock").write_text("old>=2\n")
    status, said = audit(folder, service.url)
    assert status == 1
    assert said.startswith("some.lock: pip-audit does not work: ")
