"""How English says numbers, money, dates and times."""

from nexy.modules.text_filtering.english.readings import ENGLISH

__all__ = ["ENGLISH"]
