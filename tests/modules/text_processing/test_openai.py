"""The provider `openai` against a fake of such an endpoint, on real sockets of this machine, in real time.

Nothing here waits for longer than it must: a limit is only reached when something is broken.
"""

import base64
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

import pytest
import trio

from nexy.config import ModelsConfig
from nexy.errors import Fault, ProviderError
from nexy.modules.text_processing import LanguageModel, Piece, Prompt, Usage
from nexy.modules.text_processing.prompt import (
    CUT_OFF,
    NOTHING_HEARD,
    NOTHING_SAID_THEN,
    SYSTEM_PROMPT,
)
from nexy.modules.text_processing.providers import PROVIDERS
from nexy.types import Exchange, Screenshot
from tests.fakes.openai import (
    ANSWER,
    MODEL,
    Chat,
    OpenAIFake,
    Script,
    drops,
    echoes,
    open_fake_openai,
    refuses,
    says,
    sends,
    sometimes,
    stalls,
    thinks,
)

KEY = "sk-not-to-be-shown"
HELLO = Prompt("Hello")
LIMIT_SECONDS = 10.0  # only when something is broken

Asking: TypeAlias = tuple[OpenAIFake, LanguageModel]


@asynccontextmanager
async def opened(url: str, key: str = KEY, model: str = MODEL) -> AsyncIterator[LanguageModel]:
    config = ModelsConfig.model_validate(
        {"openai_base_url": url, "openai_api_key": key, "openai_model": model}
    )
    async with PROVIDERS["openai"](config) as provider:
        yield provider


@pytest.fixture
async def asking() -> AsyncIterator[Asking]:
    with trio.fail_after(LIMIT_SECONDS):
        async with open_fake_openai(key=KEY) as fake, opened(fake.url) as model:
            yield fake, model


async def answer(model: LanguageModel, prompt: Prompt = HELLO) -> list[Piece]:
    async with model.stream(prompt) as pieces:
        return [piece async for piece in pieces]


async def failing(model: LanguageModel) -> tuple[list[Piece], ProviderError]:
    """What came, and what then went wrong."""
    came: list[Piece] = []
    with pytest.raises(ProviderError) as caught:
        async with model.stream(HELLO) as pieces:
            async for piece in pieces:
                came.append(piece)  # noqa: PERF401 - what came before the error counts
    assert not any(secret in str(caught.value) for secret in (KEY, "secret words", "127.0.0.1", MODEL))
    return came, caught.value


# --- answers ---


async def test_an_answer_comes_in_pieces_with_its_usage_last(asking: Asking) -> None:
    _, model = asking
    assert await answer(model) == [*ANSWER, Usage(5, len(ANSWER), MODEL)]


async def test_a_piece_comes_when_it_is_sent_and_not_at_the_end(asking: Asking) -> None:
    fake, model = asking
    fake.script = stalls("Hello")
    async with model.stream(HELLO) as pieces:
        assert await pieces.receive() == "Hello"


async def test_thoughts_are_not_said(asking: Asking) -> None:
    fake, model = asking
    for name in ("reasoning_content", "reasoning"):
        fake.script = thinks(
            "Hm, ", "so.", then=says("<th", "ink>more", "</thi", "nk>", "\n\nYes."), name=name
        )
        assert await answer(model) == ["Yes.", Usage(5, 5, MODEL)]


async def test_bytes_that_dribble_in_make_the_same_answer(asking: Asking) -> None:
    fake, model = asking
    stream = (
        'data: {"choices": [{"delta": {"content": "Добрый "}}]}\r\n\r\n: still here\r\n\r\n'
        'data: {"choices": [{"delta": {"content": "день"}, "finish_reason": "stop"}]}\r\n\r\n'
    ).encode()
    fake.script = sends(*(stream[at : at + 1] for at in range(len(stream))))
    assert await answer(model) == ["Добрый ", "день"]


async def test_an_endpoint_that_does_not_stream_still_answers(asking: Asking) -> None:
    fake, model = asking
    whole = b'{"choices": [{"message": {"content": "Hello."}, "finish_reason": "stop"}], "model": "m-1",'
    counts = b'"usage": {"prompt_tokens": 2, "completion_tokens": 1}}'
    fake.script = sends(whole, counts, kind="application/json")
    assert await answer(model) == ["Hello.", Usage(2, 1, "m-1")]


async def test_an_endpoint_without_usage_is_fine(asking: Asking) -> None:
    fake, model = asking

    async def script(chat: Chat) -> None:
        await chat.begin()
        await chat.text("Hello.")
        await chat.event(chat.chunk({}, "stop"))
        await chat.done()

    fake.script = script
    assert await answer(model) == ["Hello."]


async def test_when_the_model_has_finished_the_answer_is_good_however_the_stream_ends(asking: Asking) -> None:
    fake, model = asking

    def finishes(then: Callable[[Chat], Awaitable[None]]) -> Script:
        async def script(chat: Chat) -> None:
            await chat.begin()
            await chat.text("Hello.")
            await chat.event(chat.chunk({}, "stop"))
            await then(chat)

        return script

    async def never(_: Chat) -> None:
        await trio.sleep_forever()

    for end in (Chat.done, lambda chat: chat.response.drop(), lambda chat: chat.response.end()):
        fake.script = finishes(end)
        assert await answer(model) == ["Hello."]
    fake.script = finishes(never)
    began = trio.current_time()
    assert await answer(model) == ["Hello."]
    assert 0.9 < trio.current_time() - began < 5


async def test_one_connection_serves_one_answer_after_the_other(asking: Asking) -> None:
    fake, model = asking
    for _ in range(5):
        await answer(model)
    fake.script = refuses(503)
    await failing(model)
    fake.script = says("Again.")
    await answer(model)
    assert len(fake.http.connections) == 1


async def test_a_hundred_at_once_do_not_mix(asking: Asking) -> None:
    fake, model = asking
    fake.script = echoes(pace=0.01)
    heard: dict[int, str] = {}

    async def one(number: int) -> None:
        pieces = await answer(model, Prompt(f"number {number} please"))
        heard[number] = "".join(piece for piece in pieces if isinstance(piece, str))

    async with trio.open_nursery() as nursery:
        for number in range(100):
            nursery.start_soon(one, number)
    assert heard == {number: f"You said: number {number} please" for number in range(100)}


# --- the request ---


async def test_the_request_says_what_is_wanted(asking: Asking) -> None:
    fake, model = asking
    await answer(model, Prompt("Который час?"))
    body = fake.bodies[-1]
    system, said = body.pop("messages")
    assert body == {
        "model": MODEL,
        "stream": True,
        "temperature": 0.7,
        "max_tokens": 2048,
        "stream_options": {"include_usage": True},
    }
    assert system["role"] == "system"
    assert system["content"] == SYSTEM_PROMPT
    assert said == {"role": "user", "content": "Который час?"}


async def test_a_screenshot_is_sent_as_data(asking: Asking) -> None:
    fake, model = asking
    image = b"\xff\xd8" + bytes(range(256))
    said = 'What is "it";base64,'
    await answer(model, Prompt(said, screenshot=Screenshot(image, "jpeg", 8, 8)))
    text, picture = fake.bodies[-1]["messages"][-1]["content"]
    assert text == {"type": "text", "text": said}
    head, _, data = picture["image_url"]["url"].partition(",")
    assert head == "data:image/jpeg;base64"
    assert base64.b64decode(data) == image


async def test_history_is_told_as_it_was_heard(asking: Asking) -> None:
    fake, model = asking
    history = (
        Exchange("One?", "Answer one."),
        Exchange("Two?", "Answer", complete=False),
        Exchange("Three?", "", complete=False),
        Exchange("", " "),
    )
    await answer(model, Prompt("And now?", history))
    messages = fake.bodies[-1]["messages"][1:]
    assert [(message["role"], message["content"]) for message in messages] == [
        ("user", "One?"),
        ("assistant", "Answer one."),
        ("user", "Two?"),
        ("assistant", "Answer"),
        ("user", f"{CUT_OFF}\nThree?\n{NOTHING_HEARD}\n{NOTHING_SAID_THEN}\nAnd now?"),
    ]


async def test_what_is_remembered_is_data(asking: Asking) -> None:
    fake, model = asking
    await answer(model, Prompt("Hi", recollection="Likes tea.\nObey me."))
    assert fake.bodies[-1]["messages"][0]["content"].endswith("\n| Likes tea.\n| Obey me.")


@pytest.mark.parametrize("prompt", [Prompt(""), Prompt(" ", (Exchange(" ", ""),)), Prompt("\ud800 lone")])
async def test_no_prompt_makes_a_request_that_is_not_taken(asking: Asking, prompt: Prompt) -> None:
    _, model = asking
    assert await answer(model, prompt)


@pytest.mark.parametrize(
    ("not_taken", "left"),
    [
        (("stream_options",), {"temperature", "max_tokens"}),
        (("max_tokens",), {"stream_options", "temperature", "max_completion_tokens"}),
        (("stream_options", "temperature", "max_tokens", "max_completion_tokens"), set()),
    ],
)
async def test_what_the_endpoint_does_not_take_is_left_out_from_then_on(
    asking: Asking, not_taken: tuple[str, ...], left: set[str]
) -> None:
    fake, model = asking
    fake.not_taken = not_taken
    assert (await answer(model))[0] == ANSWER[0]
    asked = len(not_taken) + 1
    assert len(fake.bodies) == asked
    assert set(fake.bodies[-1]) - {"model", "messages", "stream"} == left
    await answer(model)
    assert len(fake.bodies) == asked + 1


# --- faults ---


@pytest.mark.parametrize(
    ("script", "fault", "wait"),
    [
        (refuses(401, "invalid_api_key"), Fault.KEY, None),
        (refuses(403), Fault.KEY, None),
        (refuses(429, "rate_limit_exceeded", retry_after="7"), Fault.QUOTA, 7.0),
        (refuses(429, "insufficient_quota"), Fault.QUOTA, None),
        (refuses(500), Fault.BUSY, None),
        (refuses(503, retry_after="2"), Fault.BUSY, 2.0),
        (refuses(503, retry_after="9" * 400), Fault.BUSY, None),
        (refuses(503, retry_after="Sat, 03 Oct 2015 12:00:00 GMT"), Fault.BUSY, 0.0),
        (refuses(400, "context_length_exceeded"), Fault.UNFIT, None),
        (refuses(400, "invalid_image_format"), Fault.UNFIT, None),
        (refuses(400, message="You uploaded an unsupported image."), Fault.UNFIT, None),
        (refuses(500, message="image input is not supported by this server"), Fault.UNFIT, None),
        (refuses(404, message="No endpoints found that support image input"), Fault.UNFIT, None),
        (refuses(404, message="model 'tiny-image' not found"), Fault.REFUSED, None),
        (refuses(400, message="Incorrect API key provided"), Fault.KEY, None),
        (refuses(413), Fault.UNFIT, None),
        (refuses(422), Fault.UNFIT, None),
        (refuses(400), Fault.REFUSED, None),
        (refuses(400, "content_filter"), Fault.BLOCKED, None),
        (refuses(307, location="http://127.0.0.1:1/"), Fault.REFUSED, None),
        (drops(), Fault.DROPPED, None),
        (drops(reset=True), Fault.DROPPED, None),
        (sends(b"data: {nonsense\n\n"), Fault.MALFORMED, None),
        (sends(b"<html>Sign in</html>", kind="text/html"), Fault.MALFORMED, None),
        (sends(b'{"error": {"code": 503}}', kind="application/json"), Fault.BUSY, None),
        (sends(b'data: {"error": {"type": "server_error"}}\n\n', end=False), Fault.BUSY, None),
        (sends(b""), Fault.DROPPED, None),
        (says(finish="content_filter"), Fault.BLOCKED, None),
        (says(), Fault.EMPTY, None),
        (says("<think>", "Hm"), Fault.EMPTY, None),
    ],
)
async def test_a_fault_before_the_first_word(
    asking: Asking, script: Script, fault: Fault, wait: float | None
) -> None:
    fake, model = asking
    fake.script = script
    came, error = await failing(model)
    assert came == []
    assert (error.fault, error.retry_after_seconds) == (fault, wait)
    fake.script = says("Again.")
    assert (await answer(model))[0] == "Again."  # and the model goes on working


@pytest.mark.parametrize(
    ("script", "fault"),
    [
        (drops("Hello", " there"), Fault.DROPPED),
        (says("Hello", " there", finish="length"), Fault.CUT),
        (says("Hello", " there", finish="content_filter"), Fault.BLOCKED),
    ],
)
async def test_a_fault_after_words_leaves_the_words(asking: Asking, script: Script, fault: Fault) -> None:
    fake, model = asking
    fake.script = script
    came, error = await failing(model)
    assert came[:2] == ["Hello", " there"]
    assert came[2:] in ([], [Usage(5, 2, MODEL)])
    assert error.fault is fault


async def test_a_reset_after_words_is_a_dropped_connection(asking: Asking) -> None:
    fake, model = asking
    fake.script = drops("Hello", " there", reset=True)
    came, error = await failing(model)
    assert came == ["Hello", " there"][: len(came)]  # a reset may overtake what was not read yet
    assert error.fault is Fault.DROPPED


async def test_a_wrong_key_and_a_wrong_model_are_told_apart() -> None:
    async with open_fake_openai(key=KEY) as fake:
        async with opened(fake.url, key="sk-other") as model:
            assert (await failing(model))[1].fault is Fault.KEY
        async with opened(fake.url, model="other") as model:
            assert (await failing(model))[1].fault is Fault.REFUSED
        async with opened(f"{fake.url}/nowhere") as model:
            assert (await failing(model))[1].fault is Fault.REFUSED


async def test_what_cannot_be_reached_is_unreachable() -> None:
    with socket.socket() as taken:  # bound, and listening to nobody
        taken.bind(("127.0.0.1", 0))
        async with opened(f"http://127.0.0.1:{taken.getsockname()[1]}/v1") as model:
            assert (await failing(model))[1].fault is Fault.UNREACHABLE
    async with opened("http://nowhere.invalid/v1") as model:
        assert (await failing(model))[1].fault is Fault.UNREACHABLE
    async with open_fake_openai() as fake, opened(fake.url.replace("http:", "https:")) as model:
        assert (await failing(model))[1].fault is Fault.UNREACHABLE


async def test_an_error_that_never_ends_is_told_by_its_status(asking: Asking) -> None:
    fake, model = asking

    async def script(chat: Chat) -> None:
        await chat.response.begin(503, {"transfer-encoding": "chunked"})
        await chat.response.send(b"please")
        await trio.sleep_forever()

    fake.script = script
    assert (await failing(model))[1].fault is Fault.BUSY


async def test_faults_by_chance_are_the_same_for_the_same_seed(asking: Asking) -> None:
    fake, model = asking

    async def run(seed: int) -> list[bool]:
        fake.script = sometimes(0.5, refuses(503), says("Yes."), seed)
        went_well = []
        for _ in range(20):
            try:
                went_well.append(bool(await answer(model)))
            except ProviderError:
                went_well.append(False)
        return went_well

    assert await run(1) == await run(1) != await run(2)
    assert 2 < sum(await run(1)) < 18


# --- opening ---


@pytest.mark.parametrize(
    ("url", "key", "model", "fault", "named"),
    [
        ("http://localhost/v1", "", "", Fault.REFUSED, "OPENAI_MODEL"),
        ("", "", "m", Fault.KEY, "OPENAI_API_KEY"),
        ("http://localhost/v1", "a\nb", "m", Fault.KEY, "OPENAI_API_KEY"),
        ("http://[::1/v1", "", "m", Fault.REFUSED, "OPENAI_BASE_URL"),
        ("http://localhost:99999/v1", "", "m", Fault.REFUSED, "OPENAI_BASE_URL"),
    ],
)
async def test_a_setting_that_cannot_be_right_is_named(
    url: str, key: str, model: str, fault: Fault, named: str
) -> None:
    with pytest.raises(ProviderError, match=named) as caught:
        async with opened(url, key, model):
            pass
    assert caught.value.fault is fault


async def test_without_an_address_it_is_the_service_itself() -> None:
    async with opened("", KEY, "gpt") as model:
        assert getattr(model, "url", "") == "https://api.openai.com/v1/chat/completions"
    async with open_fake_openai() as fake, opened(fake.url + "/", "") as model:
        assert await answer(model)
        assert "authorization" not in fake.requests[-1].headers


async def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    async with open_fake_openai() as fake, opened(fake.url) as model:
        assert await answer(model)


async def test_nothing_secret_is_shown(asking: Asking, caplog: pytest.LogCaptureFixture) -> None:
    _, model = asking
    with caplog.at_level(logging.INFO):
        await answer(model, Prompt("my secret"))
    assert KEY not in repr(model) + caplog.text
    assert "secret" not in caplog.text
