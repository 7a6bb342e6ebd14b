"""Of several models or voices, the first that can begin is used."""

from functools import partial

import pytest

from nexy.config import ModelsConfig, VoicesConfig
from nexy.errors import ProviderError
from nexy.modules.audio_generation import open_voice
from nexy.modules.text_processing import Prompt, open_model
from nexy.types import Sentence
from nexy.utils.fallback import first_that_works
from tests.integrations.fakes import Model


async def said(*models: Model) -> list[object]:
    async with first_that_works([partial(model.stream, Prompt("Hello")) for model in models]) as pieces:
        return [piece async for piece in pieces]


async def test_the_first_that_works_is_the_only_one_asked() -> None:
    first, second = Model("one", "two"), Model("three")
    assert await said(first, second) == ["one", "two"]
    assert second.prompts == []


@pytest.mark.parametrize("broken", [Model(ProviderError("quota")), Model()])
async def test_the_next_is_asked_when_one_cannot_begin(broken: Model) -> None:
    assert await said(broken, Model("three")) == ["three"]
    assert broken.left >= 1


async def test_half_an_answer_is_not_begun_again() -> None:
    second = Model("three")
    with pytest.raises(ProviderError, match="quota"):
        await said(Model("one", ProviderError("quota")), second)
    assert second.prompts == []


async def test_when_none_works_every_reason_is_told() -> None:
    with pytest.raises(ProviderError, match="quota; down"):
        await said(Model(ProviderError("quota")), Model(ProviderError("down")))
    with pytest.raises(ProviderError, match="nothing came"):
        await said(Model())


async def test_what_is_opened_as_one() -> None:
    async with open_model(ModelsConfig(llm_providers=("scripted", "offline"))) as model:
        assert model.name == "scripted,offline"
    async with open_voice(VoicesConfig(tts_providers=("tone", "tone"))) as voice:
        assert voice.name == "tone,tone"
        assert voice.choose("", "en") == "tone"
        async with voice.speak(Sentence("One two.", "One two.")) as sounds:
            assert sum([sound.seconds async for sound in sounds]) == pytest.approx(0.4)
