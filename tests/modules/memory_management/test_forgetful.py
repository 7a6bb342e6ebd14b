"""A memory that keeps nothing."""

from nexy.modules.memory_management import Forgetful, Wish, grant
from nexy.types import Exchange, HardwareId


async def test_it_keeps_nothing() -> None:
    memory, anna = Forgetful(), HardwareId("anna")
    await memory.remember(anna, Exchange("I am Anna.", "Hello Anna."))
    assert await memory.recall(anna) == ""
    assert await memory.known(anna) == ()


async def test_it_has_nothing_to_forget() -> None:
    memory, anna = Forgetful(), HardwareId("anna")
    assert await grant(memory, anna, Wish.FORGET_THAT, "en") == "There was nothing to forget."
    assert await grant(memory, anna, Wish.FORGET_EVERYTHING, "ru") == "Забывать было нечего."
    assert await grant(memory, anna, Wish.WHAT_DO_YOU_KNOW, "en") == "I do not know anything about you yet."
