"""What serves the console page, without a browser: its files, its policy, and names that are not ours."""

import urllib.error
import urllib.request
from email.message import Message
from typing import Any

import pytest

from nexy.integrations.console import pages, policy
from nexy.integrations.hosts import known_by_name
from tests.e2e.conftest import Running, serve

__all__ = ["serve"]


def get(url: str, **headers: str) -> tuple[int, Message, bytes]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=named), timeout=5) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def test_the_page_and_its_files(serve: Any) -> None:
    server: Running = serve()
    status, headers, body = get(f"{server.http}/")
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    port = server.ws.rpartition(":")[2]
    assert (
        f"connect-src 'self' ws://127.0.0.1:{port} wss://127.0.0.1:{port};"
        in headers["content-security-policy"]
    )
    assert get(f"{server.http}/", if_none_match=headers["etag"])[0] == 304
    assert f'"websocket_port":{port}'.encode() in get(f"{server.http}/console/config.json")[2]
    for path, page in pages().items():
        if not path.endswith("index.html"):
            status, headers, body = get(f"{server.http}{path}", accept_encoding="gzip")
            assert (status, headers["content-type"], body) == (200, page.kind, page.packed)
            assert headers["x-content-type-options"] == "nosniff"
    for path in ("/console/../app.py", "/console/%2e%2e/app.py", "/console/none.js", "/console/index.html/"):
        assert get(f"{server.http}{path}")[0] == 404


def test_only_the_machines_own_names_are_answered_on_loopback(serve: Any) -> None:
    """A page of another site whose name was led to 127.0.0.1 reads nothing."""
    server: Running = serve(WEBSOCKET_ORIGINS="https://talk.example")
    for path in ("/", "/status", "/health", "/console/config.json"):
        assert get(server.http + path, host="evil.example")[0] == 421
        assert get(server.http + path, host="localhost.evil.example:8080")[0] == 421
    for host in ("localhost", "LOCALHOST:1", "127.0.0.1:9", "[::1]:8080", "nexy.localhost", "talk.example"):
        assert get(f"{server.http}/health", host=host)[0] == 200, host


def test_where_others_reach_it_all_names_are_answered() -> None:
    async def app(*_: Any) -> None: ...

    assert known_by_name(app, "0.0.0.0", ()) is app


@pytest.mark.parametrize(
    ("host", "sources"),
    [
        ("nexy.example:8080", "'self' ws://nexy.example:1 wss://nexy.example:1;"),
        ("[::1]:8080", "'self' ws: wss:;"),  # the policy's language has no word for such an address
        ("a; script-src *", "'self' ws: wss:;"),
    ],
)
def test_a_host_cannot_write_into_the_policy(host: str, sources: str) -> None:
    assert f"connect-src {sources}" in policy(host, 1)
    assert "*" not in policy(host, 1)


def test_without_websockets_the_page_says_so(serve: Any) -> None:
    server: Running = serve(WEBSOCKET_PORT="none")
    assert b'"websocket_port":null' in get(f"{server.http}/console/config.json")[2]
    assert "connect-src 'self';" in get(f"{server.http}/")[1]["content-security-policy"]


def test_with_tokens_the_page_is_for_all_and_the_status_is_not(serve: Any) -> None:
    server: Running = serve(AUTH="tokens")
    assert [get(server.http + path)[0] for path in ("/", "/console/main.js", "/status")] == [200, 200, 401]
