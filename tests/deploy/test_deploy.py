"""The image, the unit and the balancers: judged by the programs that read them, and by Nexy's defaults."""

import http.server
import re
import ssl
import sys
import threading
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.deploy.files import DEPLOY, PORTS, ROOT, SETTINGS, document, judged, seconds, tool, walk

DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
NGINX = (DEPLOY / "nginx/nginx.conf").read_text()
UNIT = (DEPLOY / "systemd/nexy.service").read_text()
ENVOY = document("envoy/envoy.yaml")
NOT_IN_THE_IMAGE = {"build", "loadtest"}
EXPOSURE = "20"  # of 100, as systemd-analyze counts it


def unit(name: str) -> str:
    (value,) = re.findall(rf"^{name}=(.*)$", UNIT, re.MULTILINE)
    return str(value)


# The image


def test_the_linter_has_nothing_against_the_dockerfile() -> None:
    assert not judged(tool("hadolint"), "--failure-threshold", "style", DEPLOY / "Dockerfile")


def test_the_image_has_all_extras_and_ports() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    (chosen,) = re.findall(r"^ARG EXTRAS=(.*)$", DOCKERFILE, re.MULTILINE)
    assert set(extras) - NOT_IN_THE_IMAGE <= set(chosen.split(","))
    (exposed,) = re.findall(r"^EXPOSE (.*)$", DOCKERFILE, re.MULTILINE)
    assert {int(port) for port in exposed.split()} == set(PORTS.values())
    assert {name: SETTINGS[name] for name in PORTS} == PORTS
    assert not re.search(r"https?://", DOCKERFILE + (ROOT / "requirements.lock").read_text())


def test_only_what_the_dockerfile_copies_gets_to_the_builder() -> None:
    lines = (ROOT / ".dockerignore").read_text().split()
    let_in = {line[1:] for line in lines if line.startswith("!")}
    copied = set()
    for sources in re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE):
        copied |= set(sources.split())
    assert copied == let_in
    assert all((ROOT / name).exists() for name in copied)


class Page(http.server.BaseHTTPRequestHandler):
    """Says with each answer what the server was told to say."""

    def do_GET(self) -> None:
        self.send_response(self.server.status if self.path == "/health" else 404)  # type: ignore[attr-defined]
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def page() -> Iterator[Callable[[int, ssl.SSLContext | None], int]]:
    """Serves /health with a status; gives the port."""
    servers = []

    def serve(status: int, context: ssl.SSLContext | None = None) -> int:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
        server.status = status  # type: ignore[attr-defined]
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        servers.append(server)
        return int(server.server_address[1])

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def health(**env: object) -> str:
    return judged(sys.executable, DEPLOY / "health.py", env={name: str(value) for name, value in env.items()})


def test_the_health_check_tells_what_health_says(page: Any) -> None:
    assert not health(HTTP_PORT=page(200))
    with pytest.raises(AssertionError, match="/health: 503"):
        health(HTTP_PORT=page(503))
    with pytest.raises(AssertionError, match=r"/health: .*refused"):
        health(HTTP_PORT=1)


def test_the_health_check_speaks_tls(page: Any, tmp_path: Path) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("nexy.example.org").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED  # as with TLS_CLIENT_CA_FILE
    shown = authority.issue_cert("probe").private_key_and_cert_chain_pem
    shown.write_to_path(tmp_path / "probe.pem")
    port = page(200, context)
    health(HTTP_PORT=port, TLS_CERT_FILE="server.crt", NEXY_CLIENT_CERT=tmp_path / "probe.pem")
    with pytest.raises(AssertionError, match="/health: "):
        health(HTTP_PORT=port, TLS_CERT_FILE="server.crt")


# The unit


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    analyze = tool("systemd-analyze")
    there = UNIT.replace("/opt/nexy/bin/nexy", sys.executable)
    (tmp_path / "nexy.service").write_text(there)
    assert not judged(analyze, "verify", tmp_path / "nexy.service")
    judged(
        analyze,
        "security",
        "--offline=yes",
        "--no-pager",
        f"--threshold={EXPOSURE}",
        tmp_path / "nexy.service",
    )


def test_the_unit_lets_answers_end() -> None:
    assert float(unit("TimeoutStopSec")) > float(SETTINGS["DRAIN_SECONDS"]) + 10
    assert (
        unit("KillMode") == "mixed"
    )  # a second SIGTERM ends at once: workers must not get one from systemd too
    assert int(unit("LimitNOFILE")) > 3 * int(SETTINGS["MAX_CONNECTIONS"])
    (user,) = re.findall(r"^u (\S+)", (DEPLOY / "systemd/nexy.sysusers").read_text(), re.MULTILINE)
    assert user == unit("User")


# The balancers


def envoy_here(folder: Path) -> Path:
    """A copy of Envoy's files that reads its certificate in `folder`."""
    (folder / "tls").mkdir()
    made = trustme.CA().issue_cert("localhost")
    made.private_key_pem.write_to_path(folder / "tls/tls.key")
    made.cert_chain_pems[0].write_to_path(folder / "tls/tls.crt")
    for name in ("envoy.yaml", "certificate.yaml"):
        text = (DEPLOY / "envoy" / name).read_text()
        (folder / name).write_text(text.replace("/etc/envoy", str(folder)).replace("/etc/nexy", str(folder)))
    return folder / "envoy.yaml"


def test_envoy_takes_its_settings_without_a_warning(tmp_path: Path) -> None:
    told = judged(tool("envoy"), "--mode", "validate", "-l", "warning", "-c", envoy_here(tmp_path))
    assert told.strip().endswith("OK")
    assert "deprecated" not in told.lower()


def listeners() -> dict[str, Any]:
    return {one["name"]: one for one in ENVOY["static_resources"]["listeners"]}


def clusters() -> dict[str, Any]:
    return {one["name"]: one for one in ENVOY["static_resources"]["clusters"]}


def test_envoy_waits_longer_than_nexy() -> None:
    idle = [seconds(one["stream_idle_timeout"]) for one in walk(ENVOY) if "stream_idle_timeout" in one]
    assert len(idle) == 3
    assert min(idle) > 1.5 * float(SETTINGS["STALLED_SECONDS"])
    assert min(idle) > 5 * float(SETTINGS["SILENCE_SECONDS"])
    routes = [one["route"] for one in walk(ENVOY) if isinstance(one.get("route"), dict)]
    assert all(one["timeout"] == "0s" for one in routes if one["cluster"] != "admin")


def test_envoy_stays_within_what_nexy_allows() -> None:
    protocol = clusters()["nexy_grpc"]["typed_extension_protocol_options"]
    (options,) = protocol.values()
    http2 = options["explicit_http_config"]["http2_protocol_options"]
    assert http2["max_concurrent_streams"] < int(SETTINGS["MAX_STREAMS_PER_CONNECTION"])
    idle = seconds(options["common_http_protocol_options"]["idle_timeout"])
    assert idle < float(SETTINGS["CONNECTION_IDLE_SECONDS"])
    for name in ("nexy_grpc", "nexy_websocket"):
        (limits,) = clusters()[name]["circuit_breakers"]["thresholds"]
        assert limits["max_requests"] > 20 * int(SETTINGS["MAX_ACTIVE_SESSIONS"])  # of twenty nodes


def test_envoy_asks_for_no_answer_twice() -> None:
    for name in ("grpc", "websocket"):
        (policy,) = [one["retry_policy"] for one in walk(listeners()[name]) if "retry_policy" in one]
        assert policy["retry_on"] == "connect-failure,refused-stream"


def test_envoy_asks_ready_and_listens_at_the_contracts_ports() -> None:
    asked = {"nexy_grpc": "GRPC_PORT", "nexy_websocket": "WEBSOCKET_PORT", "nexy_updates": "UPDATE_PORT"}
    for name, setting in asked.items():
        cluster = clusters()[name]
        addresses = [one["socket_address"] for one in walk(cluster) if "socket_address" in one]
        assert {one["port_value"] for one in addresses} == {PORTS[setting]}
        assert {one["address"] for one in addresses} <= {"nexy-nodes", "nexy-all"}
        assert seconds(cluster["health_checks"][0]["no_traffic_interval"]) <= 5
    for name in ("nexy_grpc", "nexy_websocket"):
        (check,) = clusters()[name]["health_checks"]
        assert check["http_health_check"]["path"] == "/ready"
        ports = [one["port_value"] for one in walk(clusters()[name]) if one.keys() == {"port_value"}]
        assert ports == [PORTS["HTTP_PORT"]] * 2
    listening = {name: one["address"]["socket_address"]["port_value"] for name, one in listeners().items()}
    assert listening == {"grpc": 50051, "websocket": 8082, "updates": 8081, "operators": 9902}


def nginx_here(folder: Path) -> Path:
    """A copy of nginx's file that reads its certificate in `folder` and knows its nodes by an address."""
    envoy_here(folder)
    text = re.sub(r"server nexy-\d:", "server 127.0.0.1:", NGINX).replace("/etc/nexy", str(folder))
    (folder / "nginx.conf").write_text(text.replace("/tmp/nginx", f"{folder}/nginx"))
    return folder / "nginx.conf"


def test_nginx_takes_its_settings(tmp_path: Path) -> None:
    nginx = tool("nginx", "/usr/sbin/nginx")
    told = judged(nginx, "-t", "-e", "stderr", "-p", tmp_path, "-c", nginx_here(tmp_path))
    assert "warn" not in told


def test_nginx_has_nexys_figures() -> None:
    assert {int(port) for port in re.findall(r"^\s*listen (\d+)", NGINX, re.MULTILINE)} == set(
        PORTS.values()
    ) - {PORTS["HTTP_PORT"]}
    (body,) = re.findall(r"client_max_body_size (\d+)m;", NGINX)
    assert int(body) << 20 > int(SETTINGS["MAX_MESSAGE_BYTES"])
    (idle,) = re.findall(r"^\s*keepalive_timeout (\d+)s;  # before", NGINX, re.MULTILINE)
    assert int(idle) < float(SETTINGS["CONNECTION_IDLE_SECONDS"])
    waits = re.findall(r"(?:grpc|proxy)_read_timeout (\d+)s", NGINX)
    assert min(map(int, waits)) > 1.5 * float(SETTINGS["STALLED_SECONDS"])


# All of it


def test_every_metric_that_is_named_exists() -> None:
    """Those of the rules and the dashboard are asked of a running server elsewhere; here are the others."""
    known = "".join(file.read_text() for file in (ROOT / "nexy").rglob("*.py"))
    files = [*(DEPLOY / "compose").iterdir(), *(DEPLOY / "kubernetes").iterdir()]
    for file in files:
        for name in re.findall(r"\bnexy_[a-z_]+", file.read_text()):
            assert f'"{name.removesuffix("_total")}' in known, f"{file.name}: {name}"
