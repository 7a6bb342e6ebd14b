"""Ways to reach those who are answering."""

from nexy.modules.interrupt_handling.providers.local import Local

PROVIDERS = {"local": Local}
