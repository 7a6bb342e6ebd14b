"""Several workers that speak as one server."""

from collections.abc import Iterator
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST as OPEN_METRICS
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parsed_open_metrics
from prometheus_client.parser import text_string_to_metric_families as parsed

from nexy.integrations.aggregate import metrics, reasons, status
from nexy.monitoring.events import Events


@pytest.mark.parametrize(
    ("told", "closing", "expected"),
    [
        ({1: [], 2: []}, False, []),
        ({1: []}, False, []),  # the other one starts
        ({1: [], 2: None}, False, []),  # or drains
        ({}, False, ["none of 2 workers listens"]),
        ({1: None, 2: None}, False, ["none of 2 workers listens"]),
        ({1: [], 2: ["no model works: gemini"]}, False, ["worker 2: no model works: gemini"]),
        (
            {2: ["b", "a"], 1: ["b"]},
            False,
            ["worker 1: b", "worker 2: a", "worker 2: b"],
        ),
        ({1: [], 2: []}, True, ["the server is closing"]),
        ({}, True, ["the server is closing"]),
    ],
)
def test_reasons(told: dict[int, list[str] | None], closing: bool, expected: list[str]) -> None:
    assert reasons(told, 2, closing=closing) == expected


def percentiles(count: int, p50: float | None = None, p95: float | None = None) -> dict[str, Any]:
    return {"count": count, "p50": p50, "p95": p95}


def one_status(**more: Any) -> dict[str, Any]:
    """As a worker tells it, in small."""
    return {
        "sessions": 2,
        "active_sessions": 1,
        "tasks": 30,
        "requests_in_last_minute": 4,
        "last_minute": {"turns": 0, "failed": 0, "first_sound_seconds": percentiles(0)},
        "refused": {},
        "connections": {"open": 3, "turned_away": {}},
        "auth_failures": {},
        "alerts": [],
        "modules": {"database": {"state": "works"}, "update": {"state": "off"}},
        "update_server": {"state": "off"},
    } | more


def test_status_is_the_sum() -> None:
    one = one_status(
        refused={"memory": 1, "loop_lag": 2},
        connections={"open": 5, "turned_away": {"full": 1}},
        auth_failures={"forbidden": 1},
        alerts=[{"name": "slow"}],
    )
    other = one_status(refused={"memory": 3}, alerts=[{"name": "slow"}, {"name": "bus"}], sessions=7)
    together = status({2: other, 1: one})
    assert together["sessions"] == 9
    assert together["active_sessions"] == 2
    assert together["tasks"] == 60
    assert together["requests_in_last_minute"] == 8
    assert together["refused"] == {"memory": 4, "loop_lag": 2}
    assert together["connections"] == {"open": 8, "turned_away": {"full": 1}}
    assert together["auth_failures"] == {"forbidden": 1}
    assert together["alerts"] == [
        {"worker": 1, "name": "slow"},
        {"worker": 2, "name": "slow"},
        {"worker": 2, "name": "bus"},
    ]
    assert together["update_server"] == {"state": "off"}


def test_the_last_minute_is_as_bad_as_that_of_the_worst() -> None:
    minutes = [
        {"turns": 3, "failed": 1, "first_sound_seconds": percentiles(3, 0.2, 0.3)},
        {"turns": 5, "failed": 0, "first_sound_seconds": percentiles(4, 0.1, 0.9)},
        {"turns": 1, "failed": 1, "first_sound_seconds": percentiles(0)},
    ]
    together = status({at: one_status(last_minute=minute) for at, minute in enumerate(minutes)})
    assert together["last_minute"] == {
        "turns": 9,
        "failed": 2,
        "first_sound_seconds": percentiles(7, 0.2, 0.9),
    }
    assert status({1: one_status()})["last_minute"] == one_status()["last_minute"]


def test_of_each_module_the_worst_is_shown() -> None:
    sick = {"database": {"state": "cannot be reached", "turns_waiting": 3}, "grpc_service": {"state": "open"}}
    well = {"database": {"state": "works", "turns_waiting": 0}, "grpc_service": {"state": "closing"}}
    for told in ({1: sick, 2: well}, {1: well, 2: sick}):
        together = status({number: one_status(modules=modules) for number, modules in told.items()})
        assert together["modules"] == {"database": sick["database"], "grpc_service": well["grpc_service"]}
    assert status({1: one_status(modules={}), 2: one_status(modules=well)})["modules"] == well


@pytest.mark.parametrize("sick", [1, 2])
def test_whoever_has_lost_the_bus_or_the_limits_it_is_seen(sick: int) -> None:
    well = {"state": "works", "slowest_seconds": 0.0, "bus": "nats", "limits": "hold"}
    ill = [well | {"bus": "nats, away"}, well | {"limits": "JetStream says 503"}]
    for one in ill:
        told = {at: one_status(modules={"interrupt_handling": one if at == sick else well}) for at in (1, 2)}
        assert status(told)["modules"]["interrupt_handling"] == one
    slow = well | {"state": "slow", "slowest_seconds": 2.0}
    workers = {at: one_status(modules={"interrupt_handling": one}) for at, one in enumerate([slow, *ill])}
    both = {"bus": "nats, away", "limits": "JetStream says 503"}
    assert status(workers)["modules"]["interrupt_handling"] == slow | both


def test_status_of_nobody() -> None:
    together = status({})
    assert (together["sessions"], together["modules"], together["alerts"]) == (0, {}, [])
    assert together["connections"] == {"open": 0, "turned_away": {}}
    assert together["update_server"] == {"state": "off"}


def told_by(value: int) -> str:
    """What a worker says: one of each kind, with labels that must be written with care."""
    Events()  # which turns the times of creation off, as in a server
    registry = CollectorRegistry()
    Gauge("nexy_sessions", "Open sessions.", registry=registry).set(value)
    turns = Counter("nexy_turns", 'How "turns"\nended, \\ all.', ["why"], registry=registry)
    turns.labels('a "quoted"\nword \\ {},').inc(value)
    turns.labels("ok").inc(10)
    seconds = Histogram("nexy_seconds", "How long.", buckets=(0.1, 1), registry=registry)
    for _ in range(value):
        seconds.observe(0.05)
    seconds.observe(7)
    if value > 1:  # what only one of them has
        Gauge("nexy_rare", "Not everywhere.", ["kind"], registry=registry).labels("x").set(float("inf"))
    return generate_latest(registry).decode()


def own() -> list[Metric]:
    works = GaugeMetricFamily("nexy_worker_up", "Listens.", labels=["worker"])
    starts = CounterMetricFamily("nexy_worker_starts", "Starts.", labels=["worker"])
    for number in ("1", "2"):
        works.add_metric([number], 1)
        starts.add_metric([number], 4)
    return [works, starts]


def samples(families: Iterator[Metric]) -> dict[tuple[str, str, str], float]:
    """Of each sample its value, by its name, its worker, and what else it is labelled with."""
    found = {}
    for family in families:
        for sample in family.samples:
            others = ",".join(f"{name}={what}" for name, what in sample.labels.items() if name != "worker")
            found[sample.name, sample.labels["worker"], others] = sample.value
    return found


EXPECTED = {
    ("nexy_sessions", "1", ""): 1,
    ("nexy_sessions", "2", ""): 2,
    ("nexy_turns_total", "1", 'why=a "quoted"\nword \\ {},'): 1,
    ("nexy_turns_total", "2", 'why=a "quoted"\nword \\ {},'): 2,
    ("nexy_turns_total", "1", "why=ok"): 10,
    ("nexy_turns_total", "2", "why=ok"): 10,
    ("nexy_seconds_bucket", "1", "le=0.1"): 1,
    ("nexy_seconds_bucket", "2", "le=0.1"): 2,
    ("nexy_seconds_bucket", "1", "le=1.0"): 1,
    ("nexy_seconds_bucket", "2", "le=1.0"): 2,
    ("nexy_seconds_bucket", "1", "le=+Inf"): 2,
    ("nexy_seconds_bucket", "2", "le=+Inf"): 3,
    ("nexy_seconds_count", "1", ""): 2,
    ("nexy_seconds_count", "2", ""): 3,
    ("nexy_seconds_sum", "1", ""): pytest.approx(7.05),
    ("nexy_seconds_sum", "2", ""): pytest.approx(7.1),
    ("nexy_rare", "2", "kind=x"): float("inf"),
    ("nexy_worker_up", "1", ""): 1,
    ("nexy_worker_up", "2", ""): 1,
    ("nexy_worker_starts_total", "1", ""): 4,
    ("nexy_worker_starts_total", "2", ""): 4,
}


def test_metrics_for_prometheus() -> None:
    encoded, kind = metrics({2: told_by(2), 1: told_by(1)}, own(), "")
    text = encoded.decode()
    assert kind.startswith("text/plain")
    assert samples(iter(list(parsed(text)))) == EXPECTED
    types = [line.split()[2:] for line in text.splitlines() if line.startswith("# TYPE")]
    assert types == [
        ["nexy_sessions", "gauge"],
        ["nexy_turns_total", "counter"],
        ["nexy_seconds", "histogram"],
        ["nexy_rare", "gauge"],
        ["nexy_worker_up", "gauge"],
        ["nexy_worker_starts_total", "counter"],
    ]
    assert '# HELP nexy_turns_total How "turns"\\nended, \\\\ all.' in text.splitlines()


def test_metrics_as_open_metrics() -> None:
    encoded, kind = metrics({1: told_by(1), 2: told_by(2)}, own(), "application/openmetrics-text")
    assert kind.split(";")[0] == OPEN_METRICS.split(";")[0]
    families = list(parsed_open_metrics(encoded.decode()))  # type: ignore[no-untyped-call]  # strict: a family that comes twice is an error
    assert samples(iter(families)) == EXPECTED
    assert [family.name for family in families] == [
        "nexy_sessions",
        "nexy_turns",
        "nexy_seconds",
        "nexy_rare",
        "nexy_worker_up",
        "nexy_worker_starts",
    ]


def test_metrics_when_no_worker_answers() -> None:
    text = metrics({}, own(), "")[0].decode()
    assert {family.name for family in parsed(text)} == {"nexy_worker_up", "nexy_worker_starts"}


@pytest.mark.parametrize("accept", ["", "application/openmetrics-text"])
def test_what_is_said_for_one_that_is_silent_is_of_the_same_family(accept: str) -> None:
    sessions = GaugeMetricFamily("nexy_sessions", "Open sessions.", labels=["worker"])
    sessions.add_metric(["2"], 0)
    text = metrics({1: told_by(1)}, [*own(), sessions], accept)[0].decode()
    assert text.count("# TYPE nexy_sessions gauge") == 1
    told = [line for line in text.splitlines() if line.startswith("nexy_sessions")]
    assert told == ['nexy_sessions{worker="1"} 1.0', 'nexy_sessions{worker="2"} 0.0']
