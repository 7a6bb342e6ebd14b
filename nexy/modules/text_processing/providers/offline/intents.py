"""What a short sentence is after, told by its words: quick, in any order of words, linear in its length."""

import re
from typing import NamedTuple

from nexy.modules.text_processing.providers.offline.language import Language, listed, plain

_MOST_WORDS = 16  # a longer sentence is about something else


class _Intent(NamedTuple):
    """Met by a sentence that has a word of each of `needs` and, with `allows`, no word besides."""

    name: str
    needs: tuple[frozenset[str], ...]
    allows: frozenset[str] | None

    def met_by(self, words: frozenset[str]) -> bool:
        return all(words & need for need in self.needs) and (self.allows is None or words <= self.allows)


def _intent(name: str, needs: str, allows: str) -> _Intent:
    needed = tuple(frozenset(group.split()) for group in needs.split(" + "))
    allowed = None if allows == "*" else frozenset(allows.split()).union(*needed)
    return _Intent(name, needed, allowed)


_ENGLISH = tuple(
    _intent(*row)
    for row in (
        (
            "time",
            "time",
            "what what's whats is it the now current which right do you have got tell me by clock",
        ),
        (
            "date",
            "date day today today's year month",
            "what what's whats is it the which of week now are we current day's in this",
        ),
        ("tomorrow", "tomorrow tomorrow's", "what what's is will be the it day date of week which"),
        ("yesterday", "yesterday yesterday's", "what what's was is the it day date of week which"),
        (
            "greet",
            "hello hi hey greetings howdy morning afternoon evening",
            "good there nexy everyone dear to you again all",
        ),
        ("who", "who what what's + you your yourself + who name are", "is called a the and voice assistant"),
        ("who", "introduce yourself", "please about tell me"),
        ("who", "are + you + robot human ai real person computer machine", "a an or really talking"),
        ("help", "help", "me can you i need with what how do please want some a"),
        ("help", "what + can do + you", "else i ask for me able are to things kind of know how"),
        ("help", "what + i + ask say", "can could should you for do"),
        ("how", "how how's + you it going things", "are doing today is feeling do feel everything now"),
        (
            "thanks",
            "thanks thank thx",
            "you so very much a lot for your the that help this nexy great good perfect many ok okay no",
        ),
        (
            "bye",
            "bye goodbye goodnight farewell night see",
            "good you later tomorrow soon for now have a nice nexy then",
        ),
        ("hear", "hear there listening awake + you", "can me do are still"),
        ("hear", "hear + me", "can do you still"),
        (
            "okay",
            "ok okay yes no yeah yep nope sure fine great right alright stop cancel enough quiet never wait "
            "cool nothing",
            "all is it's it that mind good nice well please be shut up",
        ),
        (
            "repeat",
            "repeat again pardon",
            "that it please say can you the last answer what said come sorry me i once more this sentence",
        ),
        ("repeat", "what + you + say said", "did do just last have"),
        ("repeat", "once + more", "please"),
        ("repeat", "what", ""),
        ("repeat", "hear understand catch + did didn't not", "i you that it"),
        ("echo", "what + i + say said ask asked", "did do just last have you before"),
        (
            "told",
            "what + i me + tell told remember know asked ask",
            "did do have you about to everything all so far my that's already know of + remember",
        ),
        ("told", "what + remember + you", "do did can still"),
        (
            "picture",
            "screen screenshot picture image photo + what what's describe see read look show explain",
            "*",
        ),
        ("picture", "see + what + you", "do can here now there on it"),
        ("picture", "what what's + this here", "is on in there thing i have that"),
    )
)

_RUSSIAN = tuple(
    _intent(*row)
    for row in (
        (
            "time",
            "время времени час часов часах",
            "который какое сколько сейчас у нас точное текущее подскажи скажи мне на назови ваших твоих",
        ),
        (
            "date",
            "число дата дату день сегодня месяц год",
            "какое какой какая сейчас недели у нас назови сегодняшняя сегодняшнее скажи мне это",
        ),
        ("tomorrow", "завтра", "какой какое какая день число будет недели дата"),
        ("yesterday", "вчера", "какой какое какая день число был было была недели дата"),
        (
            "greet",
            "привет здравствуй здравствуйте добрый доброе приветствую салют",
            "день вечер утро всем тебе вам нэкси некси nexy",
        ),
        ("who", "ты вы тебя вас твое ваше + кто имя зовут такое", "как такая такой что за есть какое у это"),
        ("who", "представься представьтесь себе", "о расскажи расскажите"),
        ("help", "помощь помоги помогите помочь", "мне нужна можешь можете чем ты вы пожалуйста"),
        ("help", "умеешь умеете можешь можете + что какие", "ты вы еще делать сделать"),
        ("help", "что + я + спросить", "могу можно у тебя вас о чем"),
        (
            "how",
            "дела поживаешь поживаете чувствуешь чувствуете настроение",
            "как твои ваши у тебя вас ты вы себя",
        ),
        ("how", "как + ты вы", ""),
        ("thanks", "спасибо благодарю", "большое огромное за помощь тебе вам очень ответ нэкси пока нет"),
        (
            "bye",
            "пока свидания прощай прощайте встречи ночи завтра хорошего",
            "до скорой спокойной доброй дня вечера всего доброго",
        ),
        ("hear", "слышишь слышите слушаешь слушаете тут здесь", "ты вы меня еще"),
        (
            "okay",
            "да нет хорошо ладно ок окей ага понятно стоп хватит отмена замолчи тихо подожди ясно отлично "
            "ничего",
            "не надо уже все",
        ),
        (
            "repeat",
            "повтори повторите повторить раз",
            "это еще пожалуйста что ты вы сказал сказала сказали последнее ответ скажи последний свой можешь",
        ),
        ("repeat", "слышу расслышал расслышала слышно", "я не тебя вас"),
        ("repeat", "что + ты вы + сказал сказала сказали", "только сейчас"),
        ("echo", "что + я + сказал сказала спросил спросила", "только сейчас последнее"),
        (
            "told",
            "что + говорил говорила рассказывал рассказывала рассказал рассказала просил просила помнишь "
            "помните запомнил запомнила запомнили знаешь знаете",
            "я ты тебе вам обо мне про меня запомнить все вы тебя вас",
        ),
        ("told", "что + тебе вам + сказал сказала", "я"),
        (
            "picture",
            "экране экран экрана экраном снимок снимке картинка картинке картинку изображение изображении "
            "скриншот скриншоте фото + что опиши опишите покажи прочитай прочти видишь видите посмотри "
            "расскажи какой какая",
            "*",
        ),
        ("picture", "видишь видите + что", "ты вы здесь сейчас тут там на"),
        ("picture", "что + это здесь тут", "за такое изображено"),
    )
)

_INTENTS = {"en": _ENGLISH, "ru": _RUSSIAN}
_EXTRA = frozenset(listed("please now nexy then пожалуйста нэкси некси сейчас"))

_LEADS = {
    "en": re.compile(
        r"(?:hello|hi|hey|ok|okay|well|so|please|nexy|and|now|then|(?:can|could|would|will) you"
        r"|do you (?:know|remember)|i want to know|tell me|remind me|just)\b[\s,.!:-]*",
        re.IGNORECASE,
    ),
    "ru": re.compile(
        r"(?:привет|здравствуй(?:те)?|эй|нэкси|некси|nexy|ну|а|и|так|пожалуйста|слушай|ок|окей|подскажи(?:те)?"
        r"|(?:не )?подскажешь|можешь|(?:ты |вы )?(?:знаешь|помнишь|знаете|помните)|напомни(?:те)?(?: мне)?"
        r"|скажи(?:те)?(?: мне)?(?=[\s,]+(?:пожалуйста[\s,]+)?"
        r"(?:сколько|котор|как|где|кто|что|когда|почему|зачем|чему|кем|чем)))\b[\s,.!:-]*",
        re.IGNORECASE,
    ),
}
_MOST_LEADS = 8


def intent_of(said: str, language: Language) -> str:
    """The name of what a sentence is after, or "" when its words tell nothing."""
    words = plain(said).split()
    if not words or len(words) > _MOST_WORDS:
        return ""
    for of_sentence in (frozenset(words), frozenset(words) - _EXTRA):
        for intent in _INTENTS[language]:
            if intent.met_by(of_sentence):
                return intent.name
    return ""


def without_lead(said: str, language: Language) -> str:
    """`said` without the words of address and politeness before its matter: "OK Nexy, could you …"."""
    for _ in range(_MOST_LEADS):
        lead = _LEADS[language].match(said)
        if lead is None:
            break
        said = said[lead.end() :]
    return said
