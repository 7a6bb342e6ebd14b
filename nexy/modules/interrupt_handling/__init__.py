"""Interrupts: every running answer of one device is stopped, wherever it runs."""

from nexy.modules.interrupt_handling.interrupt import Bus, interrupt
from nexy.modules.interrupt_handling.providers.local import Local

__all__ = ["Bus", "Local", "interrupt"]
