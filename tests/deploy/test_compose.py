"""deploy/compose.yaml and what it mounts: judged by the schema of Compose, and by Nexy itself."""

import re
import shutil
import ssl
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from nexy.config import load
from tests.deploy.files import DEPLOY, PORTS, SETTINGS, document, env_file, judged, seconds, tool

COMPOSE = document("compose.yaml")
SERVICES: dict[str, Any] = COMPOSE["services"]
NODES = [SERVICES["nexy-1"], SERVICES["nexy-2"]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """deploy/ as it is after secrets.sh, in a copy."""
    tool("openssl")
    copy = tmp_path_factory.mktemp("made") / "deploy"
    shutil.copytree(DEPLOY, copy, ignore=shutil.ignore_patterns("secrets"))
    judged(copy / "secrets.sh", "nexy.example.org")
    return copy


def test_the_schema_of_compose_takes_it() -> None:
    judged(tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml")


def test_the_schema_refuses_a_wrong_one(tmp_path: Path) -> None:
    wrong = tmp_path / "compose.yaml"
    wrong.write_text("services: {nexy: {stop_grace: 45s}}\n")
    with pytest.raises(AssertionError, match="stop_grace"):
        judged(tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", wrong)


def test_docker_takes_it(made: Path) -> None:
    docker = tool("docker")
    if subprocess.run([docker, "compose", "version"], capture_output=True).returncode:
        pytest.skip("needs the plugin compose of docker")
    judged(docker, "compose", "-f", made / "compose.yaml", "config", "--quiet")


def test_what_it_mounts_is_there(made: Path) -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert (made / source).exists() if source.startswith(".") else source in COMPOSE["volumes"]
        for secret in service.get("secrets", []):
            assert (secret if isinstance(secret, str) else secret["source"]) in COMPOSE["secrets"]
        assert service["networks"]
    for secret in COMPOSE["secrets"].values():
        assert (made / secret["file"]).exists()
    assert (made / NODES[0]["build"]["context"] / NODES[0]["build"]["dockerfile"]).exists()


def test_nodes_differ_in_their_names_alone() -> None:
    first, second = ({**node, "hostname": ""} for node in NODES)
    assert first == second
    assert NODES[0]["hostname"] != NODES[1]["hostname"]


def test_a_node_that_goes_has_the_time_it_needs() -> None:
    for node in NODES:
        drain = float(node["environment"]["DRAIN_SECONDS"])
        assert drain == SETTINGS["DRAIN_SECONDS"]
        assert seconds(node["stop_grace_period"]) > drain + 10


def test_only_envoy_and_pages_of_this_machine_are_published() -> None:
    published = {name for name, service in SERVICES.items() if service.get("ports")}
    assert published == {"envoy", "prometheus", "grafana"}
    assert {port.split(":")[-1] for port in SERVICES["envoy"]["ports"]} == {
        str(PORTS[name]) for name in ("GRPC_PORT", "UPDATE_PORT", "WEBSOCKET_PORT")
    }
    for name in ("prometheus", "grafana"):
        assert all(port.startswith("127.0.0.1:") for port in SERVICES[name]["ports"])
    assert COMPOSE["networks"]["back"] == {"internal": True}
    assert all(set(SERVICES[name]["networks"]) == {"back"} for name in ("postgres", "nats"))


def test_containers_may_do_little() -> None:
    for service in SERVICES.values():
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
        assert service["logging"]["options"]["max-size"]
    assert [name for name, service in SERVICES.items() if not service["read_only"]] == ["postgres"]
    assert all(
        re.search(r":v?\d+\.?\d*", service["image"])
        for service in SERVICES.values()
        if "build" not in service
    )


def test_secrets_are_made_once_and_for_their_owner(made: Path) -> None:
    folder = made / "secrets"
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    judged(made / "secrets.sh")
    assert {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == before
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert all(file.stat().st_mode & stat.S_IROTH for file in before)  # each container is another user
    assert (folder / "tls").stat().st_mode & stat.S_IXOTH
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(folder / "tls/tls.crt", folder / "tls/tls.key")


def test_nexy_takes_its_settings(made: Path) -> None:
    file = made / "secrets/config.env"
    assert env_file(file).keys() <= SETTINGS.keys() | {"NATS_URL"}
    given = {name: "" if value.startswith("$") else value for name, value in NODES[0]["environment"].items()}
    assert given.keys() <= SETTINGS.keys()
    config, _ = load(given | {"GRPC_HOST": "0.0.0.0"}, file)
    assert config.security.auth == "tokens"
    assert config.database.database_url.get_secret_value().startswith("postgresql://nexy:n")
    assert config.connections.max_connections_per_address > SETTINGS["MAX_CONNECTIONS_PER_ADDRESS"]
    default = re.search(r":-(.+)}", NODES[0]["environment"]["UPDATE_BASE_URL"])
    assert default
    load(given | {"GRPC_HOST": "0.0.0.0", "UPDATE_BASE_URL": default[1]}, file)


def test_the_bus_takes_its_settings(made: Path) -> None:
    server = tool("nats-server")
    shutil.copy(made / "secrets/nats.conf", made / "compose/auth.conf")
    judged(server, "-t", "-c", made / "compose/nats.conf")


def test_prometheus_asks_both_nodes() -> None:
    nodes, envoy = document("compose/prometheus.yml")["scrape_configs"]
    assert nodes["static_configs"][0]["targets"] == [
        f"{one['hostname']}:{PORTS['HTTP_PORT']}" for one in NODES
    ]
    assert envoy["static_configs"][0]["targets"] == ["envoy:9902"]
    assert document("compose/datasource.yml")["datasources"][0]["url"] == "http://prometheus:9090"


def test_prometheus_takes_its_settings(tmp_path: Path) -> None:
    promtool = tool("promtool")
    text = (DEPLOY / "compose/prometheus.yml").read_text()
    (tmp_path / "nexy.token").write_text("")
    (tmp_path / "prometheus.yml").write_text(text.replace("/etc/prometheus/", f"{tmp_path}/"))
    shutil.copy(DEPLOY / "prometheus/nexy.rules.yml", tmp_path)
    judged(promtool, "check", "config", tmp_path / "prometheus.yml")
