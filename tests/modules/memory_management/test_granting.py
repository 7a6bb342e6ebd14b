"""What a user hears who asks what is known, or wants it forgotten."""

import pytest

from nexy.modules.memory_management import Fact, Remembering, Wish, grant
from nexy.modules.memory_management.rules import facts_said
from nexy.modules.memory_management.spoken import to_user, told
from nexy.types import Exchange, HardwareId
from tests.modules.memory_management.stores import MemoryInProcess, Store

ADA = HardwareId("ada")


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("My name is Ada", "Your name is Ada."),
        ("I live with my mother", "You live with your mother."),
        ("I no longer live in Rome", "You no longer live in Rome."),
        ("I don't like my job", "You do not like your job."),
        ("I was born in Rome", "You were born in Rome."),
        ("My sister's birthday is on 4 July", "The birthday of your sister is 4 July."),
        ("Remember that the user's guide is here", "You asked me to remember: the user's guide is here."),
        ("Меня зовут Ада", "Вас зовут Ада."),
        ("Я живу в Риге", "Вы живёте в Риге."),
        ("Я больше не живу в Риге", "Вы больше не живёте в Риге."),
        ("Я терпеть не могу шум", "Вы терпеть не можете шум."),
        ("Я переехала в Рим", "Вы переехали в Рим."),
        ("Мне 42 года", "Вам 42 года."),
        ("Мне не нравится шум", "Вам не нравится шум."),
        ("Мою сестру зовут Анна", "У вас есть сестра по имени Анна."),
        ("Мой любимый цвет синий", "Любимый цвет у вас — синий."),
        ("Запомни: я пью чай", "Вы просили запомнить: я пью чай."),
    ],
)
def test_a_fact_is_said_to_whom_it_is_about(said: str, heard: str) -> None:
    [fact] = facts_said(said, 0, "x")
    assert to_user(fact) == heard


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("The user teaches French.", "You teach French."),
        ("The user studies law.", "You study law."),
        ("The user goes by train.", "You go by train."),
        ("The user often misses the bus.", "You often miss the bus."),
        ("Guests call the user Max.", "Guests call you Max."),
    ],
)
def test_a_models_sentences_are_turned_too(text: str, heard: str) -> None:
    assert to_user(Fact("x", text, 0, "x")) == heard


def test_what_is_known_is_a_paragraph_in_the_users_language() -> None:
    facts = facts_said("I like tea. My name is Ada. Я люблю море.", 0, "x")
    assert told(facts, "en") == (
        "This is what I know about you. Your name is Ada. You like tea. Вы любите море. "
        "To have it forgotten, say: forget everything about me."
    )
    assert told(facts, "ru").startswith("Вот что я о вас знаю. Вы любите море. Your name is Ada.")
    assert told([], "en") == "I do not know anything about you yet."
    assert told([], "de") == told([], "en")
    assert "And 3 more." in told([Fact(f"{at}", f"The user likes {at}.", at, "x") for at in range(15)], "en")


async def test_wishes_are_granted_and_it_is_said() -> None:
    memory = Remembering(MemoryInProcess())
    assert await grant(memory, ADA, Wish.WHAT_DO_YOU_KNOW, "ru") == "Я пока ничего о вас не знаю."
    assert await grant(memory, ADA, Wish.FORGET_EVERYTHING, "en") == "There was nothing to forget."
    await memory.remember(ADA, Exchange("My name is Ada", "Hello Ada."), "1")
    assert "Your name is Ada." in await grant(memory, ADA, Wish.WHAT_DO_YOU_KNOW, "en")
    assert await grant(memory, ADA, Wish.FORGET_THAT, "en") == "Done. I have forgotten that."
    assert await memory.known(ADA) == []
    await memory.remember(ADA, Exchange("Меня зовут Ада", "Привет."), "2")
    assert (
        await grant(memory, ADA, Wish.FORGET_EVERYTHING, "ru") == "Готово. В памяти больше ничего о вас нет."
    )
    assert await memory.recall(ADA, "Hello") == ""


@pytest.mark.parametrize("wish", Wish)
async def test_a_memory_that_fails_claims_nothing(wish: Wish) -> None:
    said = await grant(Remembering(Store(fails=True)), ADA, wish, "en")
    assert said == "I cannot get at my memory just now, and nothing has been changed. Please try again later."
