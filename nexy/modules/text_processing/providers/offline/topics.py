"""The things about a user that have a question of their own: name, home, likings, age, work."""

import re
from typing import NamedTuple

from nexy.modules.text_processing.providers.offline.language import Language


class Topic(NamedTuple):
    name: str
    tells: re.Pattern[str]  # group 1 is the value
    asks: re.Pattern[str]  # matches the whole of a plain question


def _topic(name: str, tells: str, asks: str) -> Topic:
    return Topic(name, re.compile(tells, re.IGNORECASE), re.compile(asks))


TOPICS: dict[Language, tuple[Topic, ...]] = {
    "en": (
        _topic(
            "name",
            r"(?:my name(?: is|'s)|i am called|i'm called|(?:you can )?call me|they call me) (.+)",
            r"(?:(?:what is|what's|whats|say) )?my name(?: is| again)?"
            r"|what was my name(?: again)?|who (?:am i|i am)|what (?:am i|i am) called"
            r"|what do you call me|what my name is",
        ),
        _topic(
            "home",
            r"i(?: now)? live ((?:in|at|near|on|by) .+)",
            r"where (?:do )?i live|where (?:is my home|my home is)"
            r"|(?:what|which) (?:city|town|country|street) (?:do )?i live (?:in|on)"
            r"|in (?:what|which) (?:city|town|country) (?:do )?i live",
        ),
        _topic(
            "like",
            r"i (?:really |also |do )?(?:like|love|enjoy) (?!you\b|it\b|that\b|this\b|to know\b)(.+)",
            r"what (?:else )?(?:do )?i (?:like|love|enjoy)",
        ),
        _topic(
            "age",
            r"i(?: am|'m) ([0-9]{1,3}|[a-z -]{3,30}(?= years old))(?: years old)?[.!]*$",
            r"how old (?:am i|i am)|(?:what is |what's )?my age",
        ),
        _topic(
            "work",
            r"i work ((?:at|for|as|in|with|on) .+)",
            r"where (?:do )?i work|who (?:do )?i work for|what do i do|(?:what is |what's )?my (?:job|work)",
        ),
    ),
    "ru": (
        _topic(
            "name",
            r"(?:меня зовут|мо[её] имя(?: это)?|(?:зови|зовите|называй|называйте) меня)[ :—–-]+(.+)",
            r"как (?:же )?меня зовут|(?:как |какое )?(?:у меня |мое )имя|кто я(?: такой| такая)?"
            r"|назови мое имя",
        ),
        _topic(
            "home",
            r"я (?:сейчас )?живу ((?:в|во|на|под|около|у|за|недалеко от) .+)",
            r"где я (?:сейчас )?живу|(?:в каком|на какой) (?:городе|стране|улице) я живу",
        ),
        _topic(
            "like", r"я (?:очень |тоже |также )?люблю (?!тебя\b|вас\b)(.+)", r"что (?:я люблю|мне нравится)"
        ),
        _topic(
            "please",
            r"мне (?:очень |тоже |также )?(нравится .+|нравятся .+)",
            r"что (?:я люблю|мне нравится)",
        ),
        _topic(
            "age",
            r"мне ([\w -]{1,30} (?:лет|года|год))[.!]*$",
            r"сколько мне лет|(?:какой )?(?:у меня |мой )возраст",
        ),
        _topic("work", r"я работаю (.+)", r"(?:где|кем) я работаю|кто я по профессии|какая у меня работа"),
    ),
}
