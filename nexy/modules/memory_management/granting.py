"""Does what a user wants of the memory, and says that it is done."""

from nexy.errors import StorageError
from nexy.modules.memory_management.promise import Memory
from nexy.modules.memory_management.spoken import failed, granted, told
from nexy.modules.memory_management.wishes import Wish
from nexy.types import HardwareId


async def grant(memory: Memory, who: HardwareId, wish: Wish, language: str, dropped: int = 0) -> str:
    """Grant `wish`, and return what is said in answer. Raises nothing: a failure is said too.

    `dropped` newest exchanges are forgotten already: they had not come so far as to be stored.
    """
    try:
        match wish:
            case Wish.WHAT_DO_YOU_KNOW:
                return told(await memory.known(who), language)
            case Wish.FORGET_THAT:
                return granted(wish, dropped or await memory.forget_that(who), language)
            case Wish.FORGET_EVERYTHING:
                return granted(wish, dropped + await memory.forget(who), language)
    except StorageError:
        return failed(language)
