"""Envoy and nginx as deploy/ has them, in front of nodes of this machine.

Only addresses, ports and folders are others than in the files: a node is 127.0.0.1 with ports of its own.
"""

import json
import os
import re
import socket
import ssl
import subprocess
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc
import trustme

from tests.deploy.files import DEPLOY, PORTS, document, tool, walk
from tests.e2e.conftest import Client, until
from tests.e2e.test_process import Process

ADMIN = 9901
LISTENERS = {"grpc": "GRPC_PORT", "websocket": "WEBSOCKET_PORT", "updates": "UPDATE_PORT"}


def port_of(address: str) -> int:
    return int(address.rpartition(":")[2])


def ports_of(node: Process) -> dict[int, int]:
    """The contract's ports, and this node's."""
    addresses = node.target, node.http, node.updates, node.ws
    return dict(zip(PORTS.values(), map(port_of, addresses), strict=True))


def with_ports(pattern: str, text: str, node: Process) -> str:
    """`text` with the contract's ports, where the pattern finds them, as this node's."""
    ports = ports_of(node)
    return re.sub(pattern, lambda found: str(ports[int(found[0])]), text)


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


@dataclass
class Balancer:
    """A program in front of nodes, that listens with TLS."""

    folder: Path
    nodes: Sequence[Process]

    def __post_init__(self) -> None:
        self.folder.mkdir()
        (self.folder / "tls").mkdir()
        self.authority = trustme.CA()
        self.certify()
        free = free_ports(len(LISTENERS) + 2)
        self.ports = dict(zip((PORTS[name] for name in LISTENERS.values()), free, strict=False))
        self.operators, self.admin = free[-2:]
        self.log = (self.folder / "log").open("w")
        self.process = subprocess.Popen(self.command(), cwd=self.folder, stdout=self.log, stderr=self.log)
        assert until(self.ready, 10), (self.folder / "log").read_text()

    def certify(self) -> None:
        """Put a new certificate in the place of the old one, if there is one."""
        made = self.authority.issue_cert("localhost")
        made.private_key_pem.write_to_path(self.folder / "new.key")
        made.cert_chain_pems[0].write_to_path(self.folder / "new.crt")
        (self.folder / "new.key").rename(self.folder / "tls/tls.key")
        (self.folder / "new.crt").rename(self.folder / "tls/tls.crt")

    def command(self) -> list[str]:
        """What is run; its files are written to the folder."""
        raise NotImplementedError

    def ready(self) -> bool:
        """All of it listens, and knows that the nodes are ready."""
        raise NotImplementedError

    @property
    def target(self) -> str:
        return f"localhost:{self.ports[PORTS['GRPC_PORT']]}"

    @property
    def trusting(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        return context

    def certificate(self) -> bytes:
        """What it shows to whoever connects."""
        with (
            socket.create_connection(("127.0.0.1", port_of(self.target))) as plain,
            self.trusting.wrap_socket(plain, server_hostname="localhost") as secure,
        ):
            return secure.getpeercert(binary_form=True) or b""

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.log.close()


class Envoy(Balancer):
    def command(self) -> list[str]:
        config = json.loads(json.dumps(document("envoy/envoy.yaml")).replace("/etc/envoy", str(self.folder)))
        for one in config["static_resources"]["listeners"]:
            address = one["address"]["socket_address"]
            address["address"] = "127.0.0.1"
            address["port_value"] = self.ports.get(address["port_value"], self.operators)
        for one in walk(config):
            if one.get("port_value") == ADMIN:
                one["port_value"] = self.admin
            if "lb_endpoints" in one:
                one["lb_endpoints"] = [here for there in one["lb_endpoints"] for here in self._here(there)]
        (self.folder / "envoy.json").write_text(json.dumps(config))
        certificate = (DEPLOY / "envoy/certificate.yaml").read_text().replace("/etc/nexy", str(self.folder))
        (self.folder / "certificate.yaml").write_text(certificate)
        settings = ["-c", str(self.folder / "envoy.json"), "--disable-hot-restart", "--concurrency", "1"]
        return [tool("envoy"), *settings, "-l", "warning"]

    def _here(self, there: dict[str, Any]) -> list[dict[str, Any]]:
        """A node of the file as the nodes of this machine."""
        text = json.dumps(there)
        if "nexy-" not in text:
            return [there]
        text = re.sub(r"nexy-(nodes|all)", "127.0.0.1", text)
        return [json.loads(with_ports(r'(?<="port_value": )(\d+)', text, node)) for node in self.nodes]

    def clusters(self) -> str:
        """What it knows of each node."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/clusters", timeout=5) as answer:
                return str(answer.read().decode())
        except OSError:
            return ""

    def healthy(self) -> list[str]:
        """The nodes that it would send calls to; each is there twice, once with each priority."""
        states = re.findall(r"^nexy_grpc::(\S+?)::health_flags::healthy$", self.clusters(), re.MULTILINE)
        return [str(one) for one in states]

    def ready(self) -> bool:
        return len(self.healthy()) == 2 * len(self.nodes)


class Nginx(Balancer):
    def command(self) -> list[str]:
        text = (DEPLOY / "nginx/nginx.conf").read_text()
        text = re.sub(r"listen (\d+)", lambda found: f"listen 127.0.0.1:{self.ports[int(found[1])]}", text)
        for number, node in enumerate(self.nodes, 1):
            text = with_ports(rf"(?<=nexy-{number}:)(\d+)", text, node).replace(
                f"nexy-{number}:", "127.0.0.1:"
            )
        text = text.replace("/etc/nexy", str(self.folder)).replace("/tmp/nginx", f"{self.folder}/nginx")
        text = text.replace("/dev/stdout", f"{self.folder}/access.log")
        root = "user root; " if os.geteuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(text)
        settings = ["-e", "stderr", "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]
        return [tool("nginx", "/usr/sbin/nginx"), *settings, "-g", f"{root}daemon off;"]

    def ready(self) -> bool:
        try:
            return bool(self.certificate())
        except OSError:
            return False

    def close(self) -> None:
        self.process.terminate()  # it ends its workers itself
        self.process.wait(10)
        super().close()


class Device(Client):
    """A client with TLS, and metadata of its own with each call."""

    def __init__(self, balancer: Balancer, pb: SimpleNamespace) -> None:
        super().__init__(balancer.target, pb)
        self.channel.close()
        trusted = grpc.ssl_channel_credentials(balancer.authority.cert_pem.bytes())
        options = [("grpc.use_local_subchannel_pool", 1), ("grpc.enable_retries", 0)]
        self.channel = grpc.secure_channel(balancer.target, trusted, options=options)
        self.stub = SimpleNamespace(**{method.name: self._callable(method) for method in pb.service.methods})
