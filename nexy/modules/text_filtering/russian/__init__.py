"""How Russian says numbers, money, dates and times: each in the case and gender that its place asks for."""

from nexy.modules.text_filtering.russian.readings import RUSSIAN

__all__ = ["RUSSIAN"]
