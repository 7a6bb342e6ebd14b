"""What a user wants of the memory itself: to forget, or to tell what is known. In English and Russian."""

import re
from enum import Enum

from nexy.modules.memory_management.words import words_of


class Wish(Enum):
    """What is wanted."""

    FORGET_THAT = "forget that"  # the newest exchange, and what was learnt from it
    FORGET_EVERYTHING = "forget everything"  # all that is stored of this user
    WHAT_DO_YOU_KNOW = "what do you know"  # to hear it


_MOST_WORDS = 16  # a longer utterance is about something else
_MOST_CHARS = 400

# All of these are matched against plain words with one space between them.
_LEAD = (
    r"(?:(?:please|nexy|ok|okay|hey|hi|hello|now|no|oh|well|so|just|actually|sorry|wait|go ahead and|and|then"
    r"|(?:can|could|would|will) you|i want you to|i would like you to|i'd like you to|you (?:can|should|must)"
    r"|пожалуйста|нэкси|некси|привет|ну|так|ой|нет|а|и|слушай|(?:ты )?можешь|(?:вы )?можете|прошу|теперь"
    r"|тогда|давай|(?:скажи|расскажи|скажите|расскажите|напомни)(?: мне)?|ладно|хорошо) )*+"
)
_TAIL = (
    r"(?: (?:please|nexy|now|right now|again|thanks|thank you|ok|okay|for me|then|so far|already|exactly"
    r"|at all|immediately|completely|forever|once and for all|for good"
    r"|пожалуйста|нэкси|некси|сейчас|спасибо|немедленно|полностью|навсегда|уже|вообще|ладно|хорошо))*+"
)
_DROP = r"(?:forget|delete|erase|remove|clear|wipe)"
_UNLEARN = r"(?:забудь(?:те)?|забыть|удали(?:те)?|удалить|сотри(?:те)?|стереть)"
_I_SAID = (
    r"i(?: have|'ve)?(?: just)? (?:said|told you|asked|mentioned)(?: you)?(?: about)?(?: that| it)?"
    r"(?: just now| now| before| last)?"
)
_HE_SAID = (
    r"я (?:тебе |вам )?(?:только что |сейчас |только )?(?:сказала?|говорила?|спросила?|рассказала?"
    r"|упомянула?)(?: тебе| вам)?(?: только что| сейчас)?"
)
_JUST_SAID = (
    r"я (?:тебе |вам )?(?:только что|сейчас) (?:сказала?|говорила?|спросила?|рассказала?)(?: тебе| вам)?"
)
_TOLD_EVER = (
    r"я (?:тебе |вам )?(?:когда либо )?(?:говорила?|рассказывала?|рассказала?|сказала?)(?: о себе| про себя)?"
)
_THAT_YOU_FORGET = r"(?:я )?хочу чтобы (?:ты|вы) (?:забыла?|забыли)"
_OF_ME = r"(?:обо мне|про меня)"
_KNOWS = r"(?:знаешь|знаете|помнишь|помните|запомнила?|запомнили|хранишь|храните)"

# "Forget it", "scratch that" and «забудь» alone drop a subject, and no memory.
_FORGET_THAT = (
    r"(?:forget|erase) (?:that|this|all that)",
    rf"{_DROP} (?:that|this|it) from (?:your |the )?(?:memory|notes|records?)",
    rf"{_DROP} (?:that|what|the last thing|the thing) {_I_SAID}",
    rf"{_DROP} (?:everything|all)(?: that)? i(?: have|'ve)? just (?:said|told you|asked)(?: you)?(?: now)?",
    r"forget what we(?: have|'ve)? just (?:talked|spoke) about",
    rf"{_DROP} (?:about )?(?:my|the|that) (?:last|previous) (?:thing|sentence|message|question|exchange"
    rf"|answer|words)(?: {_I_SAID})?",
    r"(?:don't|do not) (?:remember|save|keep|store|memori[sz]e)"
    rf" (?:that|this|it|what {_I_SAID}|the last thing(?: {_I_SAID})?)",
    r"забудь(?:те)? (?:это|последнее|последнюю фразу|последние слова|последний вопрос|сказанное)",
    rf"{_UNLEARN} последнее что {_HE_SAID}",
    rf"{_UNLEARN} все что {_JUST_SAID}",
    rf"{_UNLEARN} (?:то )?о чем {_HE_SAID}",
    rf"{_UNLEARN} (?:это|последнее) из памяти",
    rf"{_THAT_YOU_FORGET} (?:это|последнее|(?:то )?что {_HE_SAID})",
    rf"{_UNLEARN} (?:(?:об? )?(?:то|том|это) )?(?:что )?{_HE_SAID}",
    rf"не (?:запоминай(?:те)?|сохраняй(?:те)?) (?:это|этого|последнее|(?:то )?(?:что )?{_HE_SAID})",
)
_ALL_OF_ME = (
    r"(?:(?:about|of) me|(?:that )?you (?:know|remember|have|stored|saved|learned)(?: (?:about|of|on) me)?"
    r"|(?:that )?i(?: have|'ve)?(?: ever)? (?:told you|said)(?: about (?:me|myself))?)"
)
_FORGET_EVERYTHING = (
    r"forget (?:everything|me|all of it|it all|who i am|all)",
    rf"forget (?:everything|all|anything) {_ALL_OF_ME}",
    rf"{_DROP} (?:everything|all|anything|all the things) (?:that )?(?:you (?:know|remember|have|stored"
    r"|saved|learned) )?(?:about|of|on) me",
    rf"{_DROP} (?:all )?(?:of )?(?:my (?:memory|memories|(?:personal )?data)|your (?:whole )?"
    r"memory (?:of|about) me)",
    rf"{_DROP} (?:all )?(?:of )?(?:the |my |your )?(?:data|information|facts|memories|notes"
    rf"|records) (?:about|of|on) me",
    rf"(?:{_DROP}|take) me (?:from|out of) (?:your |the )?memory",
    rf"{_UNLEARN} меня из памяти|очисти(?:те)? (?:всю )?(?:свою )?память {_OF_ME}",
    r"(?:забудь(?:те)?|забыть) (?:(?:вообще|абсолютно) )?(?:все|меня|кто я)",
    rf"{_UNLEARN} (?:(?:вообще|абсолютно) )?все {_OF_ME}",
    rf"{_UNLEARN} {_OF_ME} все",
    rf"{_THAT_YOU_FORGET} (?:все|меня|все {_OF_ME}|{_OF_ME} все)",
    rf"{_UNLEARN} (?:(?:вообще|абсолютно) )?все что (?:(?:ты|вы) )?(?:{_OF_ME} )?{_KNOWS}(?: {_OF_ME})?",
    rf"{_UNLEARN} (?:всю )?(?:память|информацию|историю) {_OF_ME}",
    rf"{_UNLEARN} (?:все )?(?:мои )?(?:личные )?(?:данные|сведения)(?: {_OF_ME})?",
    rf"{_UNLEARN} все что {_TOLD_EVER}",
)
_KNOW = r"(?:know|remember|store|recall|have (?:stored|saved|remembered|learned|learnt|noted))"
_SAY = r"(?:(?:tell me|say|list|read me|read) )?"
_WHAT_DO_YOU_KNOW = (
    rf"{_SAY}(?:what|all|everything|what all|what else|what (?:things|facts)|which things)(?: that)?"
    rf"(?: do)? you {_KNOW} (?:about|of|regarding) me",
    rf"{_SAY}(?:what|everything) (?:personal )?(?:information |info |data |facts )?(?:do you"
    rf"|you) have (?:about|on|of) me",
    r"what are you (?:storing|keeping|saving|remembering) (?:about|on|of) me",
    r"(?:do you know|do you remember) (?:anything|something) about me",
    r"what (?:have you|you have|you've|did you) (?:learned|learnt|learn|remembered|remember|stored|store"
    r"|saved|save|noted) about me",
    r"what is (?:in your memory|stored|known|saved) about me|what's in your memory about me",
    rf"что (?:еще )?(?:(?:ты|вы) )?(?:уже )?(?:{_OF_ME} )?{_KNOWS}(?: (?:ты|вы))? {_OF_ME}",
    rf"что (?:еще )?(?:(?:ты|вы) )?(?:уже )?{_OF_ME} {_KNOWS}(?: (?:ты|вы))?",
    rf"что (?:(?:ты|вы) )?(?:уже )?(?:успела?|успели) узнать {_OF_ME}|что у (?:тебя|вас) (?:есть"
    rf"|записано) {_OF_ME}",
    rf"как(?:ие|ая) (?:данные|сведения|информация) (?:{_OF_ME} )?(?:у (?:тебя|вас) (?:есть|хранится)"
    rf"|(?:ты|вы) {_KNOWS})(?: {_OF_ME})?",
    rf"{_OF_ME} что (?:ты |вы )?{_KNOWS}",
    rf"что (?:тебе |вам )?(?:известно {_OF_ME}|{_OF_ME} (?:тебе |вам )?известно)",
    rf"(?:(?:ты|вы) )?(?:что (?:нибудь|то) {_OF_ME} {_KNOWS}|{_KNOWS} что (?:нибудь|то) {_OF_ME})",
    rf"все что (?:(?:ты|вы) )?(?:{_KNOWS} {_OF_ME}|{_OF_ME} {_KNOWS})",
)


def _compiled(forms: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(f"{_LEAD}(?:{'|'.join(forms)}){_TAIL}")


_WISHES = {
    Wish.FORGET_EVERYTHING: _compiled(_FORGET_EVERYTHING),
    Wish.FORGET_THAT: _compiled(_FORGET_THAT),
    Wish.WHAT_DO_YOU_KNOW: _compiled(_WHAT_DO_YOU_KNOW),
}


def wish_of(said: str) -> Wish | None:
    """What is wanted of the memory, when the whole utterance wants that and nothing else."""
    words = words_of(said) if len(said) <= _MOST_CHARS else []
    if not words or len(words) > _MOST_WORDS:
        return None
    plain = " ".join(words)
    return next((wish for wish, form in _WISHES.items() if form.fullmatch(plain)), None)
