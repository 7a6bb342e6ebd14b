"""What was told in one session, the offline model knows in the next."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexy.modules.memory_management import Remembering
from nexy.modules.text_processing.model import Prompt
from nexy.modules.text_processing.providers.offline.assistant import answer
from nexy.types import Exchange, HardwareId
from tests.modules.memory_management.stores import MemoryInProcess
from tests.modules.text_processing.talking import SATURDAY

ADA = HardwareId("ada")

STORIES = {
    ("My name is Ada", "What is my name?"): "Your name is Ada.",
    ("My name is Ada", "My name is Grace", "Who am I?"): "Your name is Grace.",
    ("I live in Riga", "Where do I live?"): "You live in Riga.",
    (
        "I live in Riga",
        "I no longer live in Riga",
        "Where do I live?",
    ): "You have not told me where you live yet.",
    ("I like tea", "I love long walks", "What do I like?"): "You like tea and long walks.",
    ("I like tea", "I don't like tea", "What do I like?"): "You have not told me what you like yet.",
    ("I am 42 years old", "How old am I?"): "You are 42 years old.",
    ("I work as a nurse", "What is my job?"): "You work as a nurse.",
    ("My sister is called Grace", "What is my sister called?"): "You told me: your sister is called Grace.",
    ("I have a dog called Rex", "What is my dog called?"): "You told me: you have a dog called Rex.",
    (
        "Remember that the keys are in the red bag",
        "Where are the keys?",
    ): "You told me: the keys are in the red bag.",
    (
        "My name is Ada",
        "Good morning",
    ): "Good afternoon, Ada. I am Nexy. I work without a language model just now. Ask me what I can do.",
    ("Меня зовут Ада", "Как меня зовут?"): "Вас зовут Ада.",
    ("Меня зовут Ада", "What is my name?"): "Your name is Ада.",
    ("My name is Ada", "Как меня зовут?"): "Вас зовут Ada.",
    ("Я живу в Риге", "Где я живу?"): "Вы живёте в Риге.",
    ("Я люблю чай", "Что я люблю?"): "Вы любите чай.",
    ("Мне нравится море", "Что я люблю?"): "Вам нравится море.",
    ("Мне 42 года", "Сколько мне лет?"): "Вам 42 года.",
    ("Я работаю учителем", "Кем я работаю?"): "Вы работаете учителем.",
    (
        "У меня есть собака по имени Рекс",
        "Как зовут мою собаку?",
    ): "Вы сказали: у вас есть собака по имени Рекс.",
    ("Запомни, что ключи в красной сумке", "Где ключи?"): "Вы сказали: ключи в красной сумке.",
    ("Какая погода?", "Как меня зовут?"): "Вы ещё не сказали, как вас зовут.",
}


@pytest.mark.parametrize(("said", "answered"), STORIES.items())
async def test_a_new_session_knows_what_was_told_before(said: tuple[str, ...], answered: str) -> None:
    memory = Remembering(MemoryInProcess())
    for at, utterance in enumerate(said[:-1]):
        await memory.remember(ADA, Exchange(utterance, "All right."), str(at))
    recollection = await memory.recall(ADA, said[-1])
    assert answer(Prompt(said[-1], recollection=recollection), SATURDAY) == answered


async def test_what_is_said_now_counts_more_than_what_is_remembered() -> None:
    prompt = Prompt(
        "What is my name?", (Exchange("My name is Grace", "Hello."),), recollection="The user's name is Ada."
    )
    assert answer(prompt, SATURDAY) == "Your name is Grace."


lines = st.lists(
    st.one_of(st.text(max_size=60), st.sampled_from(["The user ", "Пользователь ", "(", "\n", "is called X"]))
)


@given(
    lines.map("".join),
    st.sampled_from(["What is my name?", "What do you know about me", "Что я люблю?", "x"]),
)
def test_any_recollection_gets_a_short_answer(recollection: str, said: str) -> None:
    text = answer(Prompt(said, recollection=recollection), SATURDAY)
    assert 0 < len(text) < 600
    assert "\n" not in text
