"""What several workers say of themselves, as one server says it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

WELL = frozenset({"works", "open", "off"})
PARTS = {"bus": ("local", "nats"), "limits": ("hold",)}  # of a module, with what each says when it is well
SUMS = ("sessions", "active_sessions", "tasks", "requests_in_last_minute")


def reasons(told: Mapping[int, Sequence[str] | None], workers: int, *, closing: bool) -> list[str]:
    """Why no answer can be given just now, of `workers` processes; None is a worker that listens to nobody.

    Clients come to those who listen: one of them is enough, and each of them must be able to answer.
    """
    if closing:
        return ["the server is closing"]
    listening = {number: why for number, why in told.items() if why is not None}
    if not listening:
        return [f"none of {workers} workers listens"]
    return sorted({f"worker {number}: {one}" for number, why in listening.items() for one in why})


def status(told: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    """The parts of /status that are of all workers: sums, and of each module the worst."""
    every = list(told.values())
    together: dict[str, Any] = {name: sum(one.get(name, 0) for one in every) for name in SUMS}
    together["last_minute"] = _last_minute([one["last_minute"] for one in every])
    together["refused"] = _sum(one.get("refused", {}) for one in every)
    together["connections"] = {
        "open": sum(one["connections"]["open"] for one in every),
        "turned_away": _sum(one["connections"]["turned_away"] for one in every),
    }
    together["auth_failures"] = _sum(one.get("auth_failures", {}) for one in every)
    names = dict.fromkeys(name for one in every for name in one.get("modules", {}))
    together["modules"] = {name: _worst(name, every) for name in names}
    together["alerts"] = [
        {"worker": number, **alert} for number, one in sorted(told.items()) for alert in one.get("alerts", ())
    ]
    together["update_server"] = next((one["update_server"] for one in every), {"state": "off"})
    return together


def _last_minute(every: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Counts are sums. Of a percentile the worst worker's: that of all their figures is not above it."""
    together: dict[str, Any] = {}
    for one in every:
        for name, figure in one.items():
            before = together.get(name)
            if isinstance(figure, Mapping):
                together[name] = _last_minute([before or {}, figure])
            elif name.startswith("p"):
                together[name] = max((at for at in (before, figure) if at is not None), default=None)
            else:
                together[name] = (before or 0) + figure
    return together


def _sum(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    together: Counter[str] = Counter()
    for one in counts:
        together.update(one)
    return dict(together)


def _worst(name: str, every: Sequence[Mapping[str, Any]]) -> Any:
    found = [one["modules"][name] for one in every if name in one.get("modules", {})]
    worst = dict(next((one for one in found if one.get("state") not in WELL), found[0]))
    for part, well in PARTS.items():  # the state says nothing of them
        troubled = (one[part] for one in found if part in one and one[part] not in well)
        if (trouble := next(troubled, None)) is not None:
            worst[part] = trouble
    return worst


@dataclass(frozen=True)
class _All(Collector):
    """The figures of each worker, with its number as a label; and those of the supervisor."""

    told: Mapping[int, str]
    own: Sequence[Metric]

    def collect(self) -> Iterator[Metric]:
        families: dict[str, Metric] = {}
        for number, text in sorted(self.told.items()):
            for family in text_string_to_metric_families(text):
                whole = families.setdefault(
                    family.name, Metric(family.name, family.documentation, family.type)
                )
                for sample in family.samples:
                    labels = {**sample.labels, "worker": str(number)}
                    whole.add_sample(sample.name, labels, sample.value)
        for family in self.own:
            families.setdefault(family.name, Metric(family.name, family.documentation, family.type))
            families[family.name].samples += family.samples
        yield from families.values()


def metrics(told: Mapping[int, str], own: Sequence[Metric], accept: str) -> tuple[bytes, str]:
    """In the format that the header Accept asks for; and its content type."""
    encode, content_type = choose_encoder(accept)
    return encode(_All(told, own)), content_type
