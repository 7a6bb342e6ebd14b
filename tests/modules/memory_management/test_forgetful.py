"""A memory that keeps nothing."""

from nexy.modules.memory_management import Forgetful
from nexy.types import Exchange, HardwareId


async def test_it_keeps_nothing() -> None:
    memory, anna = Forgetful(), HardwareId("anna")
    await memory.remember(anna, Exchange("I am Anna.", "Hello Anna."))
    assert await memory.recall(anna) == ""
