"""A refusal for one user's picture or prompt switches no model off for the others.

The words are those that users of the services report, by the numbers of their reports.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from trio.testing import MockClock

from nexy.config import ModelsConfig, PatienceConfig
from nexy.errors import Fault, ProviderError
from nexy.modules.text_processing import FirstThatWorks, LanguageModel, Prompt
from nexy.modules.text_processing.providers import PROVIDERS
from nexy.modules.text_processing.providers.unfit import DOUBTS, MOST_CHARS, names_a_key, unfit
from nexy.types import Screenshot
from tests.fakes import gemini_wire as wire
from tests.fakes import openai as chat
from tests.fakes.gemini import Asked, Script, echo
from tests.modules.text_processing.over_gemini import HELLO, hear, talking, text_of
from tests.utils.tries import Tried

ODD = Prompt("What is this?", screenshot=Screenshot(b"odd", "png", 1, 1))
THRESHOLD = 5
VAGUE = wire.bad_argument("Request contains an invalid argument.")


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, "Provided image is not valid."),  # gemini-cli#27244
        (400, "Unable to process input image. Please retry or report in https://…"),  # gemini-cli#5064
        (400, "Unsupported MIME type: image/gif"),
        (400, "The input token count (3475108) exceeds the maximum number of tokens allowed."),  # #4231
        (400, "Request payload size exceeds the limit: 20971520 bytes."),
        (400, "* GenerateContentRequest.contents[0].parts[1].inline_data.data: must not be empty."),
        (
            400,
            "You uploaded an unsupported image. Please make sure your image is below 20 MB.",
        ),  # vercel/ai#1544
        (400, '{"param": "messages[1].content[1].image_url", "code": "invalid_type"}'),
        (400, "Invalid content type. image_url is only supported by certain models."),
        (400, "This model's maximum context length is 4096 tokens. However, you requested 9000."),
        (400, "The prompt (total length 25938) is too long to fit into the model"),  # vllm#12165
        (400, '{"type": "exceed_context_size_error"}'),  # llama.cpp
        (400, "facebook/opt-125m is not a multimodal model None"),  # vllm
        (400, "this model does not support image input"),  # ollama#17301
        (404, "No endpoints found that support image input"),  # openrouter, as openclaw#99079 has it
        (500, "image input is not supported - hint: you may need to provide the mmproj"),  # llama.cpp#15377
        (500, 'Failed to parse messages: Unsupported content part type: "image_url"'),  # llama.cpp#12947
        (500, "failed to process inputs: this model is missing data required for image input"),  # ollama
        (413, ""),
        (422, ""),
    ],
)
def test_it_is_for_what_was_sent(status: int, words: str) -> None:
    assert unfit(status, words)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, "Request contains an invalid argument."),
        (400, "User location is not supported for the API use."),
        (400, 'Invalid JSON payload received. Unknown name "tool": Cannot find field.'),
        (400, "generation_config.temperature: temperature must be in the range [0.0, 2.0]."),
        (400, "generation_config.response_mime_type: unknown"),
        (400, "max_tokens is too large: 5000. This model supports at most 4096 completion tokens."),
        (400, "The model gpt-image-1 cannot be used here."),
        (404, "models/gemini-2.5-flash-image is not found for API version v1beta"),
        (404, "The model `images` does not exist"),
        (500, "An internal error has occurred."),
        (503, "The model is overloaded. Please try again later."),
        (405, ""),
        (400, ""),
        (400, "x" * MOST_CHARS + " image"),  # far behind it is rather what the user said
    ],
)
def test_it_is_for_everybody(status: int, words: str) -> None:
    assert not unfit(status, words)


def test_it_is_for_the_key() -> None:
    assert names_a_key("API key not valid. Please pass a valid API key.")
    assert names_a_key("Incorrect API key provided: sk-…")
    assert names_a_key('{"code": "invalid_api_key"}')
    assert not names_a_key("The monkey is not valid.")


# Gemini


def first_of(*models: LanguageModel) -> FirstThatWorks:
    return FirstThatWorks(models, PatienceConfig(circuit_breaker_threshold=THRESHOLD))


def refusing(failure: wire.Failure) -> Callable[[Asked], Script]:
    """A service that refuses each picture, and answers everything else."""

    def script(asked: Asked) -> Script:
        pictures = [part for part in asked.body["contents"][-1]["parts"] if "inlineData" in part]
        return (failure,) if pictures else echo(asked)

    return script


@pytest.mark.parametrize(
    "failure",
    [
        wire.bad_argument("Unable to process input image."),
        wire.Failure(413, "INVALID_ARGUMENT", "Request Entity Too Large"),
        wire.Failure(422, "INVALID_ARGUMENT", ""),
        wire.Failure(404, "NOT_FOUND", "No endpoints found that support image input"),
    ],
)
async def test_odd_pictures_do_not_switch_gemini_off_for_the_others(failure: wire.Failure) -> None:
    async with talking(default=refusing(failure)) as (fake, gemini):
        model = first_of(gemini)
        for _ in range(2 * THRESHOLD):
            error = (await hear(model, ODD))[1]
            assert error is not None
            assert error.fault is Fault.BLOCKED  # who asks again is not answered either
        assert model.states == {"gemini": "closed"}
        assert (await hear(model))[1] is None
        assert fake.requests == 2 * THRESHOLD + 1  # none was tried twice


async def test_a_vague_refusal_is_for_what_was_sent_once_another_was_answered() -> None:
    """gemini-cli#14838: it says no more of a picture that it cannot read."""
    async with talking(default=refusing(VAGUE)) as (_, gemini):
        assert (await hear(gemini, ODD))[1].fault is Fault.REFUSED  # type: ignore[union-attr]
        assert (await hear(gemini))[1] is None
        assert (await hear(gemini, ODD))[1].fault is Fault.UNFIT  # type: ignore[union-attr]


async def test_a_vague_refusal_of_everybody_is_the_setups_fault_from_the_fourth_on() -> None:
    """A key that is disabled or an account that is empty while the server runs."""
    async with talking(default=refusing(VAGUE)) as (_, gemini):
        assert (await hear(gemini))[1] is None
        faults = [(await hear(gemini, ODD))[1].fault for _ in range(DOUBTS + 2)]  # type: ignore[union-attr]
        assert faults == [Fault.UNFIT] * DOUBTS + [Fault.REFUSED] * 2
        assert (await hear(gemini))[1] is None
        assert (await hear(gemini, ODD))[1].fault is Fault.UNFIT  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("failure", "fault"),
    [
        (wire.HERE_IS_NOT_SERVED, Fault.REFUSED),
        (wire.no_model("none"), Fault.REFUSED),
        (wire.WRONG_KEY, Fault.KEY),
        (wire.bad_argument("API key not valid. Please pass a valid API key."), Fault.KEY),
    ],
    ids=lambda value: value.message if isinstance(value, wire.Failure) else value.name,
)
async def test_what_is_wrong_for_everybody_stays_so(failure: wire.Failure, fault: Fault) -> None:
    async with talking(default=refusing(failure)) as (_, gemini):
        assert (await hear(gemini))[1] is None
        assert (await hear(gemini, ODD))[1].fault is fault  # type: ignore[union-attr]


@pytest.mark.parametrize("failure", [wire.HERE_IS_NOT_SERVED, wire.no_model("none"), VAGUE])
async def test_what_is_wrong_for_everybody_switches_it_off(failure: wire.Failure) -> None:
    async with talking(default=lambda _: (failure,)) as (fake, gemini):
        model = first_of(gemini)
        for _ in range(2 * THRESHOLD):
            await hear(model)
        assert model.states == {"gemini": "open"}
        assert fake.requests == THRESHOLD


# OpenAI-compatible endpoints


@asynccontextmanager
async def chatting(bad: chat.Script) -> AsyncIterator[tuple[chat.OpenAIFake, LanguageModel]]:
    """An endpoint that does `bad` to each picture, and answers everything else."""

    async def script(asked: chat.Chat) -> None:
        pictures = isinstance(asked.body["messages"][-1]["content"], list)
        await (bad if pictures else chat.says("Yes."))(asked)

    async with chat.open_fake_openai(script) as fake:
        config = ModelsConfig(openai_base_url=fake.url, openai_model=chat.MODEL)
        async with PROVIDERS["openai"](config) as model:
            yield fake, model


@pytest.mark.parametrize(
    "bad",
    [
        chat.refuses(400, "invalid_image_format"),
        chat.refuses(413),
        chat.refuses(500, message="image input is not supported by this server"),
        chat.sends(b'data: {"error": {"code": 500, "message": "image input is not supported"}}\n\n'),
    ],
)
async def test_odd_pictures_do_not_switch_an_endpoint_off_for_the_others(bad: chat.Script) -> None:
    async with chatting(bad) as (_, openai):
        model = first_of(openai)
        for _ in range(2 * THRESHOLD):
            await hear(model, ODD)
        assert model.states == {"openai": "closed"}
        assert text_of((await hear(model))[0]) == "Yes."


async def test_a_vague_400_is_for_what_was_sent_once_another_was_answered() -> None:
    async with chatting(chat.refuses(400)) as (_, openai):
        assert (await hear(openai, ODD))[1].fault is Fault.REFUSED  # type: ignore[union-attr]
        assert (await hear(openai))[1] is None
        faults = [(await hear(openai, ODD))[1].fault for _ in range(DOUBTS + 1)]  # type: ignore[union-attr]
        assert faults == [Fault.UNFIT] * DOUBTS + [Fault.REFUSED]


# The next model, and what is told when there is none


UNFIT, BUSY = ProviderError("odd", Fault.UNFIT), ProviderError("busy", Fault.BUSY, retry_after_seconds=9)


async def told(model: FirstThatWorks) -> tuple[Fault, float | None]:
    error = (await hear(model))[1]
    assert error is not None
    return error.fault, error.retry_after_seconds


async def test_the_next_model_may_take_it(autojump_clock: MockClock) -> None:
    one, two = Tried("one", [UNFIT]), Tried("two", ["Yes."])
    assert await hear(first_of(one, two), HELLO) == (["Yes."], None)
    assert one.asked == [0.0]


async def test_what_no_model_takes_is_as_good_as_blocked(autojump_clock: MockClock) -> None:
    assert await told(first_of(Tried("one", [UNFIT]), Tried("two", [UNFIT]))) == (Fault.BLOCKED, None)


@pytest.mark.parametrize("order", [1, -1])
async def test_a_model_that_may_take_it_later_is_told_of_first(order: int, autojump_clock: MockClock) -> None:
    models = [Tried("one", [UNFIT]), Tried("two", [BUSY])][::order]
    assert await told(first_of(*models)) == (Fault.BUSY, 9)
    assert await told(first_of(*models)) == (Fault.BUSY, 9)


async def test_a_model_that_rests_may_take_it_later(autojump_clock: MockClock) -> None:
    model = first_of(Tried("one", [UNFIT]), Tried("two", [BUSY]))
    await hear(model)
    assert model.states == {"one": "closed", "two": "open"}
    assert await told(model) == (Fault.BUSY, 9)
