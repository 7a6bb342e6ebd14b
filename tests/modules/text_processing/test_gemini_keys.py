"""Which of Gemini's keys is asked when, and for how long nobody is. Time is simulated."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any

import httpx2
import pytest
import trio
from google.genai.errors import ClientError
from google.genai.types import GenerateContentResponse
from trio.testing import MockClock

from nexy.config import ModelsConfig, PatienceConfig
from nexy.errors import Fault, ProviderError
from nexy.modules.text_processing import FirstThatWorks, LanguageModel
from nexy.modules.text_processing.providers.gemini.client import Gemini
from nexy.modules.text_processing.providers.gemini.keys import QUOTA_SECONDS, WRONG_SECONDS, Keys
from tests.fakes import gemini_wire as wire
from tests.modules.text_processing.over_gemini import hear

GOOD = wire.chunk(wire.said("Yes."), finish="STOP")
QUOTA, KEY, BUSY = Fault.QUOTA, Fault.KEY, Fault.BUSY

Answers = Mapping[str, list[wire.Json | wire.Failure]]
"""What each key gets, request by request; the last one also in all further ones."""


class Service:
    """Stands in for the SDK's client, in simulated time: an answer has one chunk, and takes a second."""

    def __init__(self, answers: Answers) -> None:
        self._answers = {key: list(given) for key, given in answers.items()}
        self.asked: list[tuple[float, str]] = []

    @property
    def aio(self) -> "Service":
        return self

    models = aio

    async def generate_content_stream(self, *, config: Any, **_: Any) -> AsyncGenerator[Any, None]:
        return self._stream(config["http_options"]["headers"]["x-goog-api-key"])

    async def _stream(self, key: str) -> AsyncGenerator[Any, None]:
        self.asked.append((trio.current_time(), key))
        given = self._answers[key]
        answer = given.pop(0) if len(given) > 1 else given[0]
        if isinstance(answer, wire.Failure):
            raise ClientError(answer.code, answer.json, httpx2.Response(answer.code, headers=answer.headers))
        yield GenerateContentResponse.model_validate(answer)
        await trio.sleep(1)


def gemini(**answers: list[wire.Json | wire.Failure]) -> tuple[Service, LanguageModel]:
    service = Service(answers)
    return service, Gemini(service, ModelsConfig(), Keys(list(answers)))  # type: ignore[arg-type]


async def ask(model: LanguageModel, at: float) -> tuple[Fault, float | None] | None:
    """What a question at this time ends with: None for an answer."""
    await trio.sleep_until(at)
    error = (await hear(model))[1]
    return (error.fault, error.retry_after_seconds) if error else None


async def test_a_key_that_rests_longer_is_not_asked_before_its_time(autojump_clock: MockClock) -> None:
    service, model = gemini(one=[wire.quota("30s"), GOOD, wire.quota("30s")], two=[wire.quota("300s"), GOOD])
    assert await ask(model, 0) == (QUOTA, 30)
    assert await ask(model, 10) == (QUOTA, 20)  # at once: nobody is asked
    assert await ask(model, 29) == (QUOTA, 1)
    assert await ask(model, 30) is None
    assert await ask(model, 40) == (QUOTA, 30)
    assert await ask(model, 299) == (QUOTA, 1)
    assert await ask(model, 300) is None
    assert service.asked == [
        (0, "one"),
        (0, "two"),
        (30, "one"),
        (40, "one"),
        (299, "one"),
        (300, "two"),
    ]


async def test_the_breaker_rests_exactly_as_long_as_the_key_that_is_back_first(
    autojump_clock: MockClock,
) -> None:
    service, one = gemini(one=[wire.quota("300s")], two=[wire.quota("30s"), GOOD])
    model = FirstThatWorks([one], PatienceConfig())
    assert await ask(model, 0) == (QUOTA, 30)
    assert await ask(model, 29) == (BUSY, 1)
    assert await ask(model, 30) is None
    assert model.states == {"gemini": "closed"}
    assert service.asked == [(0, "one"), (0, "two"), (30, "two")]


async def test_three_keys_are_asked_in_their_order_as_each_is_back(autojump_clock: MockClock) -> None:
    service, model = gemini(
        one=[wire.quota("30s"), GOOD], two=[wire.quota("300s"), GOOD], three=[wire.quota("3s"), GOOD]
    )
    assert await ask(model, 0) == (QUOTA, 3)
    for at in (3, 30, 300):
        assert await ask(model, at) is None
    assert [key for _, key in service.asked] == ["one", "two", "three", "three", "one", "one"]


async def test_without_a_time_a_quota_is_a_minutes(autojump_clock: MockClock) -> None:
    service, model = gemini(one=[wire.quota(), GOOD])
    assert await ask(model, 0) == (QUOTA, QUOTA_SECONDS)
    assert await ask(model, 59) == (QUOTA, 1)
    assert await ask(model, 60) is None
    assert len(service.asked) == 2


async def test_while_another_key_is_there_nobody_has_to_wait(autojump_clock: MockClock) -> None:
    """The first key's quota ends an answer that has begun: the error tells of no rest."""

    class Ending(Service):
        async def _stream(self, key: str) -> AsyncGenerator[Any, None]:
            async for chunk in super()._stream(key):
                yield chunk
            if key == "one":
                raise ClientError(429, wire.quota("30s").json, httpx2.Response(429))

    service = Ending({"one": [wire.chunk(wire.said("Half"))], "two": [GOOD]})
    model = FirstThatWorks(
        [Gemini(service, ModelsConfig(), Keys(["one", "two"]))],  # type: ignore[arg-type]
        PatienceConfig(),
    )
    assert await ask(model, 0) == (QUOTA, None)
    assert model.states == {"gemini": "closed"}
    assert await ask(model, 1) is None
    assert [key for _, key in service.asked] == ["one", "two"]


@pytest.mark.parametrize("wrong", [wire.WRONG_KEY, wire.NOT_AUTHENTICATED, wire.NO_KEY])
async def test_a_wrong_key_is_not_asked_while_another_only_rests(
    wrong: wire.Failure, autojump_clock: MockClock
) -> None:
    service, model = gemini(one=[wrong], two=[wire.quota("300s"), GOOD])
    assert await ask(model, 0) == (QUOTA, 300)
    assert await ask(model, 100) == (QUOTA, 200)
    assert await ask(model, 300) is None
    assert [key for _, key in service.asked] == ["one", "two", "two"]


async def test_a_wrong_key_is_asked_again_after_an_hour(autojump_clock: MockClock) -> None:
    service, model = gemini(one=[wire.WRONG_KEY, GOOD], two=[GOOD])
    for at in (0, 1000, WRONG_SECONDS - 2):
        assert await ask(model, at) is None
    assert await ask(model, WRONG_SECONDS) is None
    assert [key for _, key in service.asked] == ["one", "two", "two", "two", "one"]


async def test_when_all_keys_are_wrong_they_are_asked_all_the_same(autojump_clock: MockClock) -> None:
    """Perhaps it is the service that is mistaken; how often it is asked is the breaker's affair."""
    service, model = gemini(one=[wire.WRONG_KEY], two=[wire.NO_KEY, wire.NO_KEY, GOOD])
    assert await ask(model, 0) == (KEY, None)
    assert await ask(model, 1) == (KEY, None)
    assert await ask(model, 2) is None
    assert await ask(model, 10) is None
    assert [key for _, key in service.asked] == ["one", "two", "one", "two", "one", "two", "two"]


async def test_a_fault_that_is_not_of_the_key_rests_none(autojump_clock: MockClock) -> None:
    service, model = gemini(one=[wire.busy("30"), GOOD], two=[GOOD])
    assert await ask(model, 0) == (BUSY, 30)
    assert await ask(model, 1) is None
    assert [key for _, key in service.asked] == ["one", "one"]


def test_of_two_who_ask_at_once_none_asks_a_key_that_the_other_has_seen_resting() -> None:
    keys = Keys(["one", "two"])
    assert keys.best(0) == "one"
    keys.blame("one", ProviderError("", QUOTA, retry_after_seconds=30), 1)
    keys.blame("two", ProviderError("", QUOTA, retry_after_seconds=9), 1)  # by the other
    assert keys.best(2, {"one"}) is None
    error = keys.exhausted(2)
    assert error is not None
    assert error.retry_after_seconds == 8
    assert keys.exhausted(10) is None


def test_no_repr_shows_a_key() -> None:
    keys = Keys(["secret"])
    keys.blame("secret", ProviderError("", KEY), 0)
    assert "secret" not in f"{keys!r}{keys._sound(0)!r}"
