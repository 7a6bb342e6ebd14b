"""How a process works with others, as operators see it."""

from dataclasses import replace

import trio
from prometheus_client.parser import text_string_to_metric_families

from nexy.config import LimitsConfig
from nexy.integrations.gauges import QUESTIONS, metrics_of
from nexy.integrations.parts import Alone, InCompany
from nexy.integrations.together import Together
from nexy.modules.interrupt_handling import NatsBus
from nexy.modules.session_management import JetStreamLimits
from nexy.nursery.nats import Nats
from nexy.types import HardwareId
from tests.integrations.fakes import Model, cast, conversation
from tests.integrations.test_status import status_of


def figures(nursery: trio.Nursery, together: InCompany) -> dict[str, float]:
    """What /metrics tells of it, by the name and what it is labelled with."""
    who = cast(Model("One. "))
    status = replace(status_of(conversation(nursery, who), who), together=together)
    families = text_string_to_metric_families(metrics_of(status, "")[0].decode())
    samples = [sample for family in families for sample in family.samples]
    return {" ".join([one.name, *one.labels.values()]): one.value for one in samples}


async def test_what_went_wrong_on_the_bus_is_counted(nursery: trio.Nursery) -> None:
    line, sessions = Nats("nats://nobody", "one"), conversation(nursery, cast(Model("One. "))).sessions
    bus = NatsBus(line, "one", sessions, str, nursery)  # type: ignore[arg-type]  # nobody is asked
    limits = JetStreamLimits(line, "one", LimitsConfig(), sessions.admission, str, "test")
    bus.unanswered.update({"stop": 2, "forget talk": 1})
    limits.alone, line.received, line.lost_times = 3, 5, 7
    line.sent["stop"] = 4
    told = figures(nursery, Together(bus, limits, line))
    assert told["nexy_bus_trouble"] == told["nexy_limits_not_shared"] == 1
    assert told["nexy_bus_messages_total stop"] == 4
    assert told["nexy_bus_received_total"] == 5
    assert told["nexy_bus_lost_total"] == 7
    assert told["nexy_limits_alone_total"] == 3
    unanswered = {question: told[f"nexy_bus_unanswered_total {question}"] for question in QUESTIONS}
    assert unanswered == {"stop": 2, "claim": 0, "forget": 0, "forget talk": 1}


async def test_alone_all_of_it_is_nothing(nursery: trio.Nursery) -> None:
    told = figures(nursery, Alone())
    names = [name for name in told if name.startswith(("nexy_bus", "nexy_limits"))]
    assert len(names) == 9
    assert not any(told[name] for name in names)


async def test_requests_in_the_last_minute_are_those_of_all_processes(nursery: trio.Nursery) -> None:
    who = cast(Model("One. "))
    status = status_of(conversation(nursery, who), who)
    status.sessions.admission.count_in_minute(HardwareId("anna"))
    assert status.in_last_minute == 1
    assert replace(status, together=Alone(in_last_minute=900)).in_last_minute == 900
