"""Each alert: it fires, it is told, it clears, and its metric moves with it. Time is simulated."""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest
import trio
from prometheus_client.parser import text_string_to_metric_families
from trio.testing import MockClock

from nexy.config import AlertsConfig
from nexy.errors import Fault, Limit, ProviderError
from nexy.integrations.alerting import alerts_of, watch
from nexy.integrations.cast import Cast
from nexy.integrations.conversation import Conversation
from nexy.integrations.gauges import metrics_of
from nexy.integrations.parts import Models
from nexy.integrations.status import Status
from nexy.monitoring.events import TurnFigures
from nexy.monitoring.vitals import Reading, Vitals
from nexy.nursery.session import Ended
from nexy.types import HardwareId, SessionId, Utterance
from tests.integrations.fakes import BrokenVoice, Model, ask, cast, conversation

DOWN = ProviderError("the text of an error", Fault.REFUSED)
SECONDS = AlertsConfig().alert_seconds
ALL = {name for name, _ in alerts_of(AlertsConfig())}


@dataclass
class Database:
    """Well, or not."""

    trouble: str = ""
    misses: int = 0


@dataclass
class System:
    """What the system says of the process, as the test wants it."""

    memory_percent: float = 10.0
    core_share: float = 0.1

    def __call__(self) -> Reading:
        return Reading(self.memory_percent, 50_000_000, self.core_share * trio.current_time())


@dataclass
class Updates:
    """An update server with files that are damaged, or not."""

    damaged: list[str] = field(default_factory=list)
    requests: Counter[tuple[str, int]] = field(default_factory=Counter)
    bytes_sent: int = 0

    def told(self) -> dict[str, object]:
        return {"state": "works"}


@dataclass
class Watched:
    """A server without sockets, whose alerts are looked at."""

    talk: Conversation
    status: Status
    system: System
    database: Database
    updates: Updates
    log: pytest.LogCaptureFixture
    ended: list[Ended] = field(default_factory=list)

    @property
    def firing(self) -> set[str]:
        """In /status and in /metrics: they must say the same."""
        told = {alert["name"] for alert in self.status.whole()["alerts"]}
        assert told == {name for name in ALL if self.metric("nexy_alert", name=name)}
        return told

    def metric(self, name: str, /, **labels: str) -> float:
        text, _ = metrics_of(self.status, "")
        return sum(
            sample.value
            for family in text_string_to_metric_families(text.decode())
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    def told(self) -> list[tuple[str, str]]:
        """What the log says: (the level, the line)."""
        return [
            (record.levelname, str(record.msg)) for record in self.log.records if record.name == "nexy.alerts"
        ]


Start = Callable[..., Awaitable[Watched]]


@pytest.fixture
def start(nursery: trio.Nursery, caplog: pytest.LogCaptureFixture) -> Start:
    caplog.set_level(logging.INFO)

    async def begin(who: Cast | None = None, **limits: int) -> Watched:
        who = who or cast(Model("One. "))
        talk, database, system = conversation(nursery, who, None, **limits), Database(), System()
        vitals, updates = Vitals(system), Updates()
        await nursery.start(vitals.watch)
        models, voices = who.model, who.voice._voice
        assert isinstance(models, Models)
        status = Status(
            talk.sessions,
            models,
            voices,
            database,
            database,
            events=talk.events,
            vitals=vitals,
            alerts=alerts_of(AlertsConfig()),
            keeper=talk.keeper,
            updates=updates,
        )
        nursery.start_soon(watch, status)
        await trio.sleep(2.5)
        watched = Watched(talk, status, system, database, updates, caplog)
        assert watched.firing == set()
        return watched

    return begin


async def test_memory(autojump_clock: MockClock, start: Start) -> None:
    watched = await start()
    watched.system.memory_percent = 85.0
    await trio.sleep(SECONDS - 1)
    assert watched.firing == set()
    await trio.sleep(3)
    assert watched.firing == {"memory_percent"}
    assert watched.metric("nexy_memory_percent") == 85.0
    (alert,) = watched.status.whole()["alerts"]
    assert (alert["figure"], alert["limit"]) == (85.0, 80.0)
    watched.system.memory_percent = 75.0  # below the limit, and not by a tenth of it
    await trio.sleep(2 * SECONDS)
    assert watched.firing == {"memory_percent"}
    watched.system.memory_percent = 60.0
    await trio.sleep(SECONDS + 3)
    assert watched.firing == set()
    ((fired, line), (over, last)) = watched.told()
    assert (fired, over) == ("WARNING", "INFO")
    assert "memory_percent" in line
    assert "85" in line
    assert "60" in last


async def test_cpu(autojump_clock: MockClock, start: Start) -> None:
    watched = await start()
    began, used = trio.current_time(), watched.system.core_share
    watched.status.vitals._read = lambda: Reading(10, 1, used * began + 0.95 * (trio.current_time() - began))
    await trio.sleep(SECONDS + 3)
    assert watched.firing == {"cpu_percent"}
    assert watched.metric("nexy_cpu_percent") == pytest.approx(95, abs=1)
    later = trio.current_time()
    watched.status.vitals._read = lambda: Reading(10, 1, 1000 + 0.2 * (trio.current_time() - later))
    await trio.sleep(SECONDS + 5)
    assert watched.firing == set()


async def test_errors(autojump_clock: MockClock, start: Start) -> None:
    watched = await start(cast(Model(DOWN), circuit_breaker_threshold=1000))
    for number in range(3):
        await ask(watched.talk, watched.ended, Utterance(HardwareId(f"a{number}"), SessionId("s"), "Hi"))
    await trio.sleep(SECONDS + 3)
    assert watched.firing == {"error_percent"}
    assert watched.metric("nexy_turns_total", why="failed") == 3
    assert watched.metric("nexy_turn_errors_total", error="refused") == 3
    assert watched.metric("nexy_provider_errors_total", kind="model", fault="refused") == 3
    await trio.sleep(60 + SECONDS)
    assert watched.firing == set()


async def test_one_failed_turn_among_few_is_no_alert(autojump_clock: MockClock, start: Start) -> None:
    watched = await start(cast(Model(DOWN), circuit_breaker_threshold=1000))
    await ask(watched.talk, watched.ended)
    await trio.sleep(SECONDS + 3)
    assert watched.firing == set()


@pytest.mark.parametrize("fault", [Fault.BLOCKED, Fault.UNFIT])
async def test_what_the_model_declines_is_no_error_of_ours(
    fault: Fault, autojump_clock: MockClock, start: Start
) -> None:
    watched = await start(cast(Model(ProviderError("no", fault))))
    for _ in range(5):
        await ask(watched.talk, watched.ended)
    await trio.sleep(SECONDS + 3)
    assert watched.firing == set()
    assert watched.metric("nexy_turn_errors_total", error="blocked") == 5


async def test_response_time(autojump_clock: MockClock, start: Start) -> None:
    watched = await start(cast(Model(6.0, "One. ")))
    for _ in range(6):
        await ask(watched.talk, watched.ended)
    await trio.sleep(2)
    assert watched.firing == {"response_seconds"}
    assert watched.metric("nexy_first_sound_seconds_count") == 6
    assert watched.metric("nexy_first_sound_seconds_bucket", le="5.0") == 0
    await trio.sleep(60 + SECONDS)
    assert watched.firing == set()


async def test_requests_a_minute(autojump_clock: MockClock, start: Start) -> None:
    watched = await start(max_requests_per_minute=2000, max_requests_per_minute_per_user=2000)
    end = trio.current_time() + SECONDS + 50
    while trio.current_time() < end:
        for _ in range(20):
            watched.talk.sessions.admission.count_in_minute(HardwareId("a"))
        await trio.sleep(1)
    assert watched.firing == {"requests_per_minute"}
    await trio.sleep(60 + SECONDS)
    assert watched.firing == set()


async def test_a_model_that_rests(autojump_clock: MockClock, start: Start) -> None:
    watched = await start(cast(Model(DOWN), circuit_breaker_threshold=1, circuit_breaker_seconds=100))
    await ask(watched.talk, watched.ended)
    await trio.sleep(2)
    assert watched.firing == {"models_unavailable", "breakers_open"}
    assert watched.metric("nexy_breaker_state", kind="model") == 2
    assert watched.metric("nexy_ready") == 0
    await trio.sleep(110)
    assert watched.firing == set()
    assert watched.metric("nexy_breaker_state", kind="model") == 1
    assert watched.metric("nexy_ready") == 1


async def test_a_voice_that_rests(autojump_clock: MockClock, start: Start) -> None:
    voice = BrokenVoice(DOWN)
    watched = await start(
        cast(Model("One. "), voice, circuit_breaker_threshold=1, circuit_breaker_seconds=20)
    )
    await ask(watched.talk, watched.ended)
    await trio.sleep(2)
    assert watched.firing == {"voices_unavailable", "breakers_open"}
    assert watched.metric("nexy_breaker_state", kind="voice") == 2
    assert watched.metric("nexy_provider_errors_total", kind="voice", fault="refused") >= 1
    await trio.sleep(25)
    assert watched.firing == set()


async def test_a_database_that_fails(autojump_clock: MockClock, start: Start) -> None:
    watched = await start()
    watched.database.trouble = "is full"
    await trio.sleep(1.1)
    assert watched.firing == {"database_trouble"}
    assert watched.metric("nexy_database_trouble") == 1
    watched.database.trouble = ""
    await trio.sleep(1.1)
    assert watched.firing == set()
    assert watched.metric("nexy_database_trouble") == 0


async def test_requests_that_are_refused(autojump_clock: MockClock, start: Start) -> None:
    watched = await start()
    watched.talk.sessions.admission.refusal("too many", Limit.ACTIVE)
    await trio.sleep(1.1)
    assert watched.firing == {"refusals"}
    assert watched.metric("nexy_refused_total", limit="active") == 1
    assert watched.status.whole()["refused"] == {"active": 1}
    await trio.sleep(61)
    assert watched.firing == set()


async def test_what_others_count_is_told(autojump_clock: MockClock, start: Start) -> None:
    @dataclass
    class Door:
        connections: int = 7
        turned_away: Counter[str] = field(default_factory=lambda: Counter(handshake=2))

    watched = await start()
    watched.status.listeners.extend([Door(), Door(1, Counter(handshake=1, address=4))])
    watched.status.doorkeeper.forbidden("no")
    watched.database.misses = 5
    assert watched.metric("nexy_connections") == 8
    assert watched.metric("nexy_turned_away_total", reason="handshake") == 3
    assert watched.metric("nexy_turned_away_total", reason="address") == 4
    assert watched.metric("nexy_auth_failures_total", kind="forbidden") == 1
    assert watched.metric("nexy_memory_misses_total") == 5
    assert watched.status.whole()["connections"] == {"open": 8, "turned_away": {"handshake": 3, "address": 4}}


async def test_a_loop_that_is_late_is_told(autojump_clock: MockClock, start: Start) -> None:
    watched = await start()
    autojump_clock.jump(0.5)
    await trio.sleep(0.001)
    assert watched.metric("nexy_loop_lag_worst_seconds") > 0.3
    assert watched.metric("nexy_loop_lag_seconds") > 0.05


async def test_nothing_in_a_label_tells_who_spoke(autojump_clock: MockClock, start: Start) -> None:
    watched = await start()
    await ask(watched.talk, watched.ended, Utterance(HardwareId("secret-id"), SessionId("ses"), "my words"))
    text, kind = metrics_of(watched.status, "application/openmetrics-text; version=1.0.0")
    assert kind.startswith("application/openmetrics-text")
    assert text.endswith(b"# EOF\n")
    assert not [word for word in (b"secret-id", b'ses"', b"my words") if word in text]


async def test_the_figures_of_a_turn_are_those_of_its_log_line(
    autojump_clock: MockClock, start: Start
) -> None:
    watched = await start(cast(Model(0.25, "One. ")))
    await ask(watched.talk, watched.ended)
    minute = watched.status.whole()["last_minute"]
    assert minute["first_word_seconds"]["p50"] == 0.25
    assert minute["turns"] == 1
    watched.status.events.turn_over(TurnFigures("done", "m", "v", 1.0, 0.75, 0.8))
    assert watched.status.whole()["last_minute"]["first_word_seconds"] == {
        "count": 2, "p50": 0.25, "p95": 0.75, "p99": 0.75,
    }  # fmt: skip


async def test_turns_that_could_not_be_stored(autojump_clock: MockClock, start: Start) -> None:
    watched = await start()
    keeper = watched.talk.keeper
    assert watched.metric("nexy_turns_lost_total") == 0
    keeper.lost += 2
    await trio.sleep(1.5)
    assert watched.firing == {"turns_lost"}
    assert watched.metric("nexy_turns_lost_total") == 2
    await trio.sleep(62)
    assert watched.firing == set()
    assert watched.metric("nexy_turns_lost_total") == 2


async def test_a_download_that_is_damaged(autojump_clock: MockClock, start: Start) -> None:
    watched = await start()
    watched.updates.damaged = ["Nexy-1.0.dmg", "Nexy-1.1.dmg"]
    watched.updates.requests.update({("download", 503): 3, ("feed", 200): 5})
    watched.updates.bytes_sent = 1000
    await trio.sleep(1.1)
    assert watched.firing == {"update_files_damaged"}
    assert watched.metric("nexy_update_files_damaged") == 2
    assert watched.metric("nexy_update_requests_total", kind="download", status="503") == 3
    assert watched.metric("nexy_update_sent_bytes_total") == 1000
    watched.updates.damaged = []
    await trio.sleep(1.1)
    assert watched.firing == set()
    assert watched.metric("nexy_update_files_damaged") == 0
