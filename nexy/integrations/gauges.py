"""What /metrics tells of the parts that know it themselves: read when it is asked for, nothing is kept."""

from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from nexy import __version__
from nexy.errors import Fault
from nexy.integrations.parts import Guarded
from nexy.integrations.status import Status

BREAKER = {"closed": 0, "half-open": 1, "open": 2, "off": 3}
AUTH_FAILURES = ("unauthenticated", "forbidden")
QUESTIONS = ("stop", "claim", "forget", "forget talk")  # that go over the bus


@dataclass(frozen=True)
class Gauges(Collector):
    """The figures of one server's parts."""

    status: Status

    def collect(self) -> Iterator[Metric]:
        status, vitals = self.status, self.status.vitals
        info = GaugeMetricFamily("nexy_build_info", "Always 1.", labels=["version"])
        info.add_metric([__version__], 1)
        yield info
        yield _gauge("nexy_ready", "1 when an answer can be given.", not status.reasons())
        yield _gauge("nexy_sessions", "Open sessions.", len(status.sessions))
        yield _gauge("nexy_active_requests", "Requests that run or wait.", status.sessions.active)
        yield _gauge(
            "nexy_model_calls_waiting", "Calls to a model that wait.", status.models.turnstile.waiting
        )
        yield _by("nexy_refused", "Requests that were refused, by the limit.", "limit", status.refused())
        yield _gauge(
            "nexy_connections", "Open connections.", sum(one.connections for one in status.listeners)
        )
        yield _by(
            "nexy_turned_away",
            "Connections, calls and requests that a port did not take.",
            "reason",
            status.turned_away(),
        )
        yield _by(
            "nexy_auth_failures",
            "Callers who were not let in.",
            "kind",
            dict.fromkeys(AUTH_FAILURES, 0) | status.doorkeeper.turned_away,
        )
        yield from self._providers()
        yield from self._company()
        yield _gauge("nexy_database_trouble", "1 when it cannot be used.", bool(status.database.trouble))
        yield _gauge("nexy_turns_waiting", "Turns that are to be stored.", status.keeper.waiting)
        yield CounterMetricFamily(
            "nexy_turns_lost", "Turns that could not be stored.", value=status.keeper.lost
        )
        yield from self._updates()
        yield CounterMetricFamily(
            "nexy_memory_misses", "Recalls that came to nothing.", value=status.memory.misses
        )
        yield _gauge(
            "nexy_loop_lag_seconds", "Lateness of the loop, a second's average.", vitals.loop_lag_seconds
        )
        yield _gauge(
            "nexy_loop_lag_worst_seconds", "And its worst in that second.", vitals.worst_loop_lag_seconds
        )
        yield _gauge(
            "nexy_memory_percent", "Used of the machine's or the container's memory.", vitals.memory_percent
        )
        yield _gauge("nexy_resident_memory_bytes", "Memory of this process.", vitals.rss_bytes)
        yield _gauge("nexy_cpu_percent", "Of one core, in the last second.", vitals.cpu_percent)
        alerts = GaugeMetricFamily("nexy_alert", "1 while the alert fires.", labels=["name"])
        for name, alert in status.alerts:
            alerts.add_metric([name], alert.fires)
        yield alerts

    def _company(self) -> Iterator[Metric]:
        """What is between this process and others."""
        together = self.status.together
        yield _gauge("nexy_bus_trouble", "1 when it cannot be used.", bool(together.bus_trouble))
        yield _by(
            "nexy_bus_messages", "Sent over the bus, by what for.", "kind", dict(together.messages_sent)
        )
        yield CounterMetricFamily(
            "nexy_bus_received", "Messages that came over the bus.", value=together.messages_received
        )
        yield CounterMetricFamily(
            "nexy_bus_lost", "How often the connection to the bus was lost.", value=together.bus_lost
        )
        yield _by(
            "nexy_bus_unanswered",
            "Answers of other processes that did not come in time.",
            "question",
            dict.fromkeys(QUESTIONS, 0) | dict(together.unanswered),
        )
        yield _gauge(
            "nexy_limits_not_shared", "1 when this process counts alone.", bool(together.limits_trouble)
        )
        yield CounterMetricFamily(
            "nexy_limits_alone",
            "Requests that were let in without being counted with those of others.",
            value=together.limits_alone,
        )

    def _updates(self) -> Iterator[Metric]:
        updates = self.status.updates
        requests = CounterMetricFamily(
            "nexy_update_requests", "Requests to the update server.", labels=["kind", "status"]
        )
        for (kind, status), times in sorted(updates.requests.items()):
            requests.add_metric([kind, str(status)], times)
        yield requests
        yield CounterMetricFamily(
            "nexy_update_sent_bytes", "Bytes that the update server sent.", value=updates.bytes_sent
        )
        yield _gauge(
            "nexy_update_files_damaged", "Downloads that are not what was released.", len(updates.damaged)
        )

    def _providers(self) -> Iterator[Metric]:
        labels = ["kind", "provider"]
        breakers = GaugeMetricFamily(
            "nexy_breaker_state", "0 closed, 1 half-open, 2 open, 3 taken out.", labels=labels
        )
        tries = CounterMetricFamily("nexy_provider_tries", "Requests to it.", labels=labels)
        errors = CounterMetricFamily(
            "nexy_provider_errors", "Those that failed, by the fault.", labels=[*labels, "fault"]
        )
        for kind, several in self._kinds():
            for name, state in several.states.items():
                breakers.add_metric([kind, name], BREAKER[state])
            for one in several.providers:
                tries.add_metric([kind, one.provider.name], one.tries)
                for fault in Fault:
                    errors.add_metric([kind, one.provider.name, fault.value], one.faults[fault])
        yield from (breakers, tries, errors)

    def _kinds(self) -> tuple[tuple[str, Guarded], ...]:
        return ("model", self.status.models), ("voice", self.status.voices)


def _gauge(name: str, help_text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, help_text, value=float(value))


def _by(name: str, help_text: str, label: str, values: dict[str, int]) -> Metric:
    family = CounterMetricFamily(name, help_text, labels=[label])
    for value, times in sorted(values.items()):
        family.add_metric([value], times)
    return family


def metrics_of(status: Status, accept: str) -> tuple[bytes, str]:
    """All figures in the format that is asked for, Prometheus text or OpenMetrics; and its content type."""
    encode, content_type = choose_encoder(accept)
    return encode(_Both(status.events.registry, Gauges(status))), content_type


@dataclass(frozen=True)
class _Both(Collector):
    counted: CollectorRegistry
    read: Gauges

    def collect(self) -> Iterator[Metric]:
        yield from self.counted.collect()
        yield from self.read.collect()
