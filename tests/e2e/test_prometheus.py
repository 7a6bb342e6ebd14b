"""What `deploy/` gives Prometheus and Grafana, asked of the real tools where this machine has them."""

import json
import re
import shutil
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trio
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.conftest import Running, until

DEPLOY = Path(__file__).parents[2] / "deploy"
DASHBOARD = json.loads((DEPLOY / "grafana/dashboards/nexy.json").read_text())
RULES = (DEPLOY / "prometheus/nexy.rules.yml").read_text()
SCRAPE_SECONDS = 0.5
NAME = re.compile(r"\bnexy_[a-z_]+\b")
OF_WORKERS = {"nexy_worker_up", "nexy_worker_starts_total"}  # asked of workers, in test_workers.py
LIMIT = re.compile(
    r"\s(?:==|>)\s[\d.]+$"
)  # of an alert: without it, its figure is there also when it is quiet

with_promtool = pytest.mark.skipif(not shutil.which("promtool"), reason="needs promtool, of Prometheus")
with_prometheus = pytest.mark.skipif(not shutil.which("prometheus"), reason="needs Prometheus")


def queries() -> list[str]:
    """All that the dashboard asks."""
    return [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]


def rules() -> list[str]:
    """All that the rules ask."""
    joined = RULES.replace(">-\n          ", "").replace("\n          /", " /")
    return [line.partition("expr:")[2].strip() for line in joined.splitlines() if "expr:" in line]


def get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return json.load(answer)


def use(server: Running, client: Any) -> None:
    """Something of everything: answers, an interrupt, a failure, a connection that says nothing."""
    assert server.server.updates is not None
    with urllib.request.urlopen(f"http://{server.server.updates.address}/appcast.xml", timeout=5) as feed:
        assert feed.status == 200
    silent = socket.create_connection((server.server.grpc.host, server.server.grpc.port))
    for number in range(3):
        client.say(who=f"device-{number}").wait()
    speaking = client.say("Long", who="talker", timeout=None)
    assert speaking.speaking()
    assert client.interrupt("talker").success
    providers = server.server.backstage.providers
    trio.from_thread.run(partial(providers.switch, "scripted", on=False), trio_token=server.token)
    client.say(who="unlucky").wait()
    trio.from_thread.run(partial(providers.switch, "scripted", on=True), trio_token=server.token)
    assert until(lambda: server.server.grpc.turned_away["handshake"], 5)
    silent.close()


@pytest.fixture
def used(serve: Any, connect: Any) -> tuple[Running, Any]:
    server = serve(HANDSHAKE_SECONDS=0.3, SCRIPTED_WORD_SECONDS=0.02)
    client = connect(server)
    use(server, client)
    return server, client


def test_every_figure_that_is_asked_for_is_there(used: tuple[Running, Any]) -> None:
    with urllib.request.urlopen(f"{used[0].http}/metrics", timeout=5) as answer:
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        text = answer.read().decode()
    samples = [one for family in text_string_to_metric_families(text) for one in family.samples]
    told = {sample.name for sample in samples}
    asked = {name for query in [*queries(), *rules()] for name in NAME.findall(query)}
    assert asked - told == OF_WORKERS
    assert len(asked) > 20
    labels = {value for sample in samples for value in sample.labels.values()}
    assert not [value for value in labels if "device" in value or value in ("talker", "unlucky")]


def test_openmetrics_is_told_to_who_asks_for_it(serve: Any) -> None:
    kind = "application/openmetrics-text"
    asked = urllib.request.Request(f"{serve().http}/metrics", headers={"accept": f"{kind};version=1.0.0"})
    with urllib.request.urlopen(asked, timeout=5) as answer:
        assert answer.headers["content-type"].startswith(kind)
        assert answer.read().endswith(b"# EOF\n")


@with_promtool
@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "rules", "nexy.rules.yml"),
        ("test", "rules", "nexy.rules.test.yml"),
        ("check", "config", "prometheus.yml"),
    ],
)
def test_promtool_takes_it(arguments: tuple[str, ...]) -> None:
    told = subprocess.run(
        ["promtool", *arguments], cwd=DEPLOY / "prometheus", capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert "SUCCESS" in told.stdout


@with_promtool
def test_promtool_finds_nothing_wrong_with_the_names(used: tuple[Running, Any]) -> None:
    with urllib.request.urlopen(f"{used[0].http}/metrics", timeout=5) as answer:
        told = subprocess.run(
            ["promtool", "check", "metrics"], input=answer.read(), capture_output=True, check=False
        )
    assert (told.returncode, told.stdout + told.stderr) == (0, b"")


@pytest.fixture
def prometheus(tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Start a real Prometheus that scrapes a target; its address is returned."""
    started: list[subprocess.Popen[bytes]] = []

    def start(target: str) -> str:
        config = (DEPLOY / "prometheus/prometheus.yml").read_text()
        config = config.replace("15s", f"{round(SCRAPE_SECONDS * 1000)}ms").replace("localhost:8080", target)
        (tmp_path / "prometheus.yml").write_text(config)
        (tmp_path / "nexy.rules.yml").write_text(RULES)
        with socket.create_server(("127.0.0.1", 0)) as free:
            address = f"127.0.0.1:{free.getsockname()[1]}"
        command = ["prometheus", "--log.level=error", f"--web.listen-address={address}"]
        command += ["--config.file=prometheus.yml", "--storage.tsdb.path=data"]
        started.append(subprocess.Popen(command, cwd=tmp_path))
        return f"http://{address}"

    yield start
    for process in started:
        process.terminate()
        process.wait(10)


@with_prometheus
def test_a_real_prometheus_has_data_for_every_panel_and_every_rule(
    used: tuple[Running, Any], prometheus: Callable[[str], str]
) -> None:
    server, client = used
    address = prometheus(server.server.addresses["http"])

    def ask(query: str) -> list[Any]:
        query = query.replace("$__rate_interval", "30s").replace("$instance", ".+").replace("[5m]", "[30s]")
        url = f"{address}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
        return list(get(url)["data"]["result"])

    def scraped() -> bool:
        try:
            return bool(ask("nexy_ready"))
        except OSError:  # it does not listen yet
            return False

    assert until(scraped, 20)
    use(server, client)
    time.sleep(4 * SCRAPE_SECONDS)
    use(server, client)
    every = [*queries(), *(LIMIT.sub("", rule) for rule in rules())]
    wanting = [one for one in every if not any(name in one for name in OF_WORKERS)]

    def all_there() -> bool:
        wanting[:] = [one for one in wanting if not ask(one)]
        return not wanting

    assert until(all_there, 10), wanting
    (group,) = get(f"{address}/api/v1/rules")["data"]["groups"]
    assert [(rule["name"], rule["lastError"]) for rule in group["rules"] if rule.get("lastError")] == []
    assert len(group["rules"]) == len(rules())
    assert until(lambda: ask("nexy:first_sound_seconds:p95_5m"), 5)
