"""The doctor tries each of Gemini's keys by itself. Real sockets, on loopback."""

from pathlib import Path

import pytest

from nexy.cli.checks import examine
from nexy.cli.findings import Finding, Level, warn
from nexy.config import load
from tests.fakes import gemini_wire as wire
from tests.fakes.gemini import FakeGemini, open_fake_gemini

SETTINGS = {"first": "GEMINI_API_KEY", "second": "GEMINI_FALLBACK_API_KEY"}
REST = {
    "LLM_PROVIDERS": "gemini",
    "TTS_PROVIDERS": "tone",
    "GRPC_PORT": "0",
    "HTTP_PORT": "0",
    "UPDATE_PORT": "0",
    "WEBSOCKET_PORT": "0",
}


async def models_found(fake: FakeGemini, **keys: str) -> dict[str, Finding]:
    """What is found of a model with these keys."""
    given = REST | {"GEMINI_BASE_URL": fake.url} | {SETTINGS[which]: key for which, key in keys.items()}
    config, _ = load(given, Path("/nonexistent"))
    found = {one.what: one for one in await examine(config)}
    return {what.removeprefix("model "): one for what, one in found.items() if what.startswith("model ")}


async def test_each_key_of_gemini_is_tried_by_itself_with_one_call() -> None:
    async with open_fake_gemini() as fake:
        found = await models_found(fake, first="good", second="good too")
    assert {what: one.level for what, one in found.items()} == {
        "gemini": Level.OK,
        "gemini, second key": Level.OK,
    }
    assert sorted(asked.key for asked in fake.asked) == ["good", "good too"]


async def test_a_wrong_second_key_is_seen_though_the_first_works() -> None:
    async with open_fake_gemini(keys=["good"]) as fake:
        found = await models_found(fake, first="good", second="wrong")
    assert found["gemini"].level is Level.OK
    assert found["gemini, second key"] == warn(
        "model gemini, second key",
        "gemini: the key is missing or is not accepted; "
        "set GEMINI_FALLBACK_API_KEY to a key that is valid, or leave GEMINI_FALLBACK_API_KEY empty",
    )


async def test_a_wrong_first_key_is_seen_though_the_second_takes_over() -> None:
    async with open_fake_gemini(keys=["good"]) as fake:
        found = await models_found(fake, first="wrong", second="good")
    assert found["gemini"].level is Level.WARN
    assert "set GEMINI_API_KEY to a key that is valid" in found["gemini"].words
    assert found["gemini, second key"].level is Level.OK


async def test_two_bad_keys_are_told_apart() -> None:
    full = {"full": (wire.quota("30s"),)}
    async with open_fake_gemini(keys=["full"], by_key=full) as fake:
        found = await models_found(fake, first="wrong", second="full")
    assert [one.level for one in found.values()] == [Level.BAD, Level.BAD]
    assert "set GEMINI_API_KEY to a key that is valid, or " in found["gemini"].words
    second = found["gemini, second key"].words
    assert second.startswith("gemini: the key's quota is reached; wait, or set GEMINI_FALLBACK_API_KEY to ")


@pytest.mark.parametrize("keys", [{"second": "one"}, {"first": "one", "second": "one"}, {"first": "one"}])
async def test_one_key_is_tried_once(keys: dict[str, str]) -> None:
    async with open_fake_gemini() as fake:
        found = await models_found(fake, **keys)
    assert list(found) == ["gemini"]
    assert [asked.key for asked in fake.asked] == ["one"]


async def test_an_only_key_that_is_wrong_is_named_by_the_setting_that_it_is_in() -> None:
    async with open_fake_gemini(keys=[]) as fake:
        found = await models_found(fake, second="wrong")
    words = "set GEMINI_FALLBACK_API_KEY to a key that is valid, or take gemini out of LLM_PROVIDERS"
    assert found["gemini"].words.endswith(words)
