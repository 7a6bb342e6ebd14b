"""What Gemini is asked, what is made of its answer, and which key is used. Real sockets, on loopback."""

import base64

import pytest
import trio

from nexy.errors import Fault
from nexy.modules.text_processing import Prompt, Usage
from nexy.modules.text_processing.prompt import NOTHING_SAID, SYSTEM_PROMPT
from nexy.types import Exchange, Screenshot
from tests.fakes import gemini_wire as wire
from tests.fakes.gemini import END, Script, says
from tests.modules.text_processing.over_gemini import HELLO, hear, talking, text_of

COST = Usage(11, 29, wire.MODEL)
PICTURE = Screenshot(bytes(range(256)), "webp", 10, 20)


# What it is asked


async def test_settings_really_reach_the_request() -> None:
    async with talking(gemini_temperature=0.25, gemini_max_tokens=99) as (fake, model):
        await hear(model)
    asked = fake.asked[0]
    assert asked.http.target == "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse"
    assert asked.key == "first-key"
    assert asked.body["generationConfig"] == {"temperature": 0.25, "maxOutputTokens": 99}
    assert asked.body["tools"] == [{"googleSearch": {}}]
    assert asked.body["systemInstruction"]["parts"] == [{"text": SYSTEM_PROMPT}]
    assert set(asked.body) == {"contents", "generationConfig", "systemInstruction", "tools"}


async def test_a_temperature_of_nothing_and_no_tools_are_kept_too() -> None:
    async with talking(gemini_temperature=0, gemini_tools=()) as (fake, model):
        await hear(model)
    assert fake.asked[0].body["generationConfig"]["temperature"] == 0
    assert not fake.asked[0].body.get("tools")


async def test_the_operators_prompt_and_the_memory_are_the_instructions() -> None:
    async with talking(gemini_system_prompt="Be brief.") as (fake, model):
        await hear(model, Prompt("Hello", recollection="Likes tea."))
    (part,) = fake.asked[0].body["systemInstruction"]["parts"]
    assert part["text"].startswith("Be brief.\n")
    assert part["text"].endswith("\n| Likes tea.")


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
async def test_the_screen_goes_with_the_words(kind: str) -> None:
    picture = Screenshot(PICTURE.image, kind, 10, 20)  # type: ignore[arg-type]
    async with talking() as (fake, model):
        await hear(model, Prompt("What is this?", screenshot=picture))
        await hear(model, Prompt("", screenshot=picture))
    data = {"mimeType": f"image/{kind}", "data": base64.urlsafe_b64encode(PICTURE.image).decode()}
    sent = [asked.body["contents"][-1]["parts"] for asked in fake.asked]
    assert sent[0] == [{"inlineData": data}, {"text": "What is this?"}]
    assert sent[1] == [{"inlineData": data}, {"text": NOTHING_SAID}]


async def test_the_history_is_taken_by_the_service() -> None:
    history = (
        Exchange("Hello", "Hi."),
        Exchange("A story", "Once upon", complete=False),
        Exchange("Shorter", "", complete=False),
        Exchange("", "A window."),
    )
    async with talking() as (fake, model):
        assert (await hear(model, Prompt("And now?", history)))[1] is None
    assert [role for role, _ in fake.asked[0].texts] == [
        "user",
        "model",
        "user",
        "model",
        "user",
        "model",
        "user",
    ]


# What is made of the answer


async def test_the_text_comes_as_it_was_written_and_the_cost_last() -> None:
    text = "It's  a “test” — naïve, ёжик, 日本語, \u2028 and\nthat's \x85it."
    steps: Script = (text[:7], text[7:20], text[20:], END)
    async with talking(steps) as (_, model):
        assert await hear(model) == ([*steps[:3], COST], None)


async def test_thoughts_are_not_spoken() -> None:
    both = wire.chunk(wire.thought("Aha."), wire.said("Yes."))
    async with talking((wire.chunk(wire.thought("Let me think.")), both, END)) as (_, model):
        assert await hear(model) == (["Yes.", COST], None)


async def test_white_space_before_the_first_word_waits_for_it() -> None:
    async with talking(("\n", " ", "Yes.", END)) as (_, model):
        assert await hear(model) == (["\n Yes.", COST], None)


async def test_without_a_count_of_tokens_there_is_no_cost() -> None:
    end = {"candidates": [{"finishReason": "STOP"}]}
    text = {"candidates": [{"content": {"parts": [{"text": "Yes."}]}}]}
    async with talking((text, end)) as (_, model):
        assert await hear(model) == (["Yes."], None)


@pytest.mark.parametrize(
    ("titles", "text", "named"),
    [
        (["bbc.com", "www.wikipedia.org", "bbc.com"], "It rains.", "\n\nSources: bbc.com, wikipedia.org."),
        (["a.com", "b.com", "c.com", "d.com"], "It rains.", "\n\nSources: a.com, b.com, c.com."),
        (["bbc.com"], "Сегодня идёт дождь (BBC).", "\n\nИсточники: bbc.com."),
        (["", "  Weather\n today "], "It rains.", "\n\nSources: Weather today."),
        ([""], "It rains.", ""),
        ([], "It rains.", ""),
    ],
)
async def test_the_web_pages_that_were_used_are_named(titles: list[str], text: str, named: str) -> None:
    end = wire.chunk(finish="STOP", usage=wire.USAGE, grounding=wire.grounded(*titles))
    async with talking(says(text, end=end)) as (_, model):
        pieces, error = await hear(model)
    assert (text_of(pieces), pieces[-1], error) == (text + named, COST, None)


async def test_a_page_without_a_title_is_named_by_its_host() -> None:
    pages = wire.grounded("", "x" * 61, uri="https://www.example.org/page")
    end = wire.chunk(finish="STOP", usage=wire.USAGE, grounding=pages)
    async with talking(says("Yes.", end=end)) as (_, model):
        assert text_of((await hear(model))[0]) == "Yes.\n\nSources: example.org."


async def test_a_hundred_at_once_do_not_mix() -> None:
    heard: dict[int, str] = {}
    async with talking() as (fake, model):

        async def one(number: int) -> None:
            heard[number] = text_of((await hear(model, Prompt(f"Number {number}")))[0])

        with trio.fail_after(20):
            async with trio.open_nursery() as nursery:
                for number in range(100):
                    nursery.start_soon(one, number)
    assert heard == {n: f"You said: Number {n}. That is all I know about it." for n in range(100)}
    assert fake.requests == 100


# Which key is used


async def keys_used(by_key: dict[str, Script], times: int = 1) -> tuple[list[str], list[Fault | None]]:
    async with talking(second="second-key", by_key=by_key) as (fake, model):
        errors = [(await hear(model))[1] for _ in range(times)]
    return [asked.key for asked in fake.asked], [error.fault if error else None for error in errors]


@pytest.mark.parametrize("failure", [wire.WRONG_KEY, wire.NO_KEY, wire.quota("30s"), wire.quota()])
async def test_the_second_key_takes_over_at_once_and_is_then_first(failure: wire.Failure) -> None:
    used, faults = await keys_used({"first-key": (failure,)}, times=2)
    assert used == ["first-key", "second-key", "second-key"]
    assert faults == [None, None]


async def test_when_the_quotas_time_is_over_the_first_key_is_first_again() -> None:
    async with talking((wire.quota("1.5s"),), second="second-key") as (fake, model):
        await hear(model)
        await hear(model)
        await trio.sleep(1.6)
        await hear(model)
    assert [asked.key for asked in fake.asked] == ["first-key", "second-key", "second-key", "first-key"]


@pytest.mark.parametrize("failure", [wire.busy(), wire.bad_argument("no"), wire.blocked_prompt()])
async def test_for_other_faults_the_second_key_is_not_used(failure: wire.Failure | wire.Json) -> None:
    used, _ = await keys_used({"first-key": (failure,)})
    assert used == ["first-key"]


async def test_after_the_first_piece_the_second_key_is_not_used() -> None:
    used, faults = await keys_used({"first-key": ("One ", wire.quota("30s"))})
    assert (used, faults) == (["first-key"], [Fault.QUOTA])


async def test_when_both_keys_fail_it_is_a_quota_if_one_of_them_is_right() -> None:
    wrong, full = (wire.WRONG_KEY,), (wire.quota("30s"),)
    assert (await keys_used({"first-key": wrong, "second-key": full}))[1] == [Fault.QUOTA]
    assert (await keys_used({"first-key": full, "second-key": wrong}))[1] == [Fault.QUOTA]
    assert (await keys_used({"first-key": wrong, "second-key": wrong}))[1] == [Fault.KEY]


async def test_one_key_is_asked_once() -> None:
    async with talking(second="first-key", by_key={"first-key": (wire.WRONG_KEY,)}) as (fake, model):
        await hear(model)
        assert fake.requests == 1
    async with talking(key="", second="second-key") as (fake, model):
        await hear(model, HELLO)
        assert [asked.key for asked in fake.asked] == ["second-key"]
