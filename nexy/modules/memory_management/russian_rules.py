"""What Russian-speaking users say of themselves, and how it is written down."""

from collections.abc import Iterable, Iterator

from nexy.modules.memory_management.rule import Rule, rule
from nexy.modules.memory_management.russian_people import PETS, RELATIVES, STATES, TRADE, People

_VERY = (
    r"(?:очень |на самом деле |тоже |также |просто |всегда |ещё |еще |больше всего |особенно |обычно "
    r"|сейчас |уже )*+"
)
_NAMED = r"[ ,—–-]*(?:по имени|по кличке|которую зовут|которого зовут|(?:его|её|ее) зовут|зовут)[ ,:—–-]+"


def _either(words: Iterable[str]) -> str:
    """An expression that matches any of `words`, spelled with "ё" or "е"."""
    return "|".join(sorted(words, key=len, reverse=True)).replace("ё", "[её]")


def _named(prefix: str, who: People, text: str) -> Iterator[Rule]:
    """«Мою сестру зовут …», «у меня есть сестра, её зовут …», «имя моей сестры …» of each of `who`."""
    for name, nominative, genitive, accusative in who:
        for which, root in (("", ""), ("older ", "старш"), ("younger ", "младш")):
            ending = "ая" if nominative.endswith(("а", "я", "ь")) else "ий"
            written = text.format(nominative=f"{root}{ending if root else ''} {nominative}")
            adjective = rf"{root}\w+ " if root else ""
            forms = (
                rf"мо(?:ю|его|их|й) {adjective}{_either([accusative])} зовут[ :—–-]+",
                rf"у меня (?:есть )?{adjective}{_either([nominative])}{_NAMED}",
                rf"мо(?:й|я) {adjective}{_either([nominative])}(?:,? [—–-])? (?=(?-i:[А-ЯЁ])[\w-]+[ .!]*$)",
                rf"(?:имя|кличка) мо(?:ей|его) {adjective}{_either([genitive])}[ :—–-]+(?:это )?",
            )
            for form in forms:
                yield rule(f"{prefix}{which}{name}", form, written, "name")


def _pets() -> Iterator[Rule]:
    for name, nominative, genitive, _ in PETS:
        yield rule(
            f"pet:{name}",
            rf"у меня (?:больше |уже )нет {_either([genitive])}",
            f"У пользователя больше нет {genitive}.",
            "flag",
        )
        yield rule(
            f"pet:{name}",
            rf"у меня (?:есть |живёт |живет )?(?:\w+ )?{_either([nominative])}",
            f"У пользователя есть {nominative}.",
            "flag",
        )


def _states() -> Iterator[Rule]:
    for name, words in STATES.items():
        said = rf"я (?P<what>(?:больше )?(?:не )?(?:полностью )?(?:{_either(words.split())}))"
        yield rule(f"state:{name}", said, "Пользователь говорит о себе: {what}.", "flag")


def _ailments() -> Iterator[Rule]:
    sight = r"(?:очень |совсем )?плохо вижу|почти не вижу|(?:ничего )?не вижу с (?:рождения|детства)"
    yield rule("state:blind", rf"я (?P<what>{sight})", "Пользователь говорит о себе: {what}.", "flag")
    ailment = r"(?P<what>диабет|астма|эпилепсия|глаукома|катаракта|артрит|гипертония)"
    yield rule("state:{what}", rf"у меня (?:есть )?{ailment}", "У пользователя {what}.", "flag")


def _likings() -> Iterator[Rule]:
    verbs = {
        "люблю": "любит",
        "обожаю": "обожает",
        "ненавижу": "ненавидит",
        "терпеть не могу": "терпеть не может",
        "не переношу": "не переносит",
        "увлекаюсь": "увлекается",
    }
    for first, third in verbs.items():
        yield rule(
            "likes:{key}", rf"(?:я )?{_VERY}{first} {_VERY}", f"Пользователь {third} {{value}}.", "things"
        )
        yield rule(
            "likes:{key}",
            rf"(?:я )?{_VERY}не (?:очень |особо |слишком )?{first} {_VERY}",
            f"Пользователь не {third} {{value}}.",
            "things",
        )
    yield rule(
        "likes:{key}",
        rf"мне {_VERY}(?P<verb>(?:не )?нрав[яи]тся) {_VERY}",
        "Пользователю {verb} {value}.",
        "things",
    )
    yield rule("eats:{key}", rf"я {_VERY}(?:не|никогда не) ем ", "Пользователь не ест {value}.", "things")
    yield rule("eats:{key}", rf"я {_VERY}(?:не|никогда не) пью ", "Пользователь не пьёт {value}.", "things")


_TENS = "(?:двадцать|тридцать|сорок|(?:пять|шесть|семь|восемь)десят|девяносто)"
_DATE = (
    "(?=.*(?:\\d|январ|феврал|март|апрел|ма[йяе]\\b|июн|июл|август|сентябр|октябр|ноябр|декабр|новый год))"
)
_PLACE = r"(?=(?:в|во|на|под|около|у|за|возле|рядом|недалеко) )"

RULES = (
    rule(
        "not:name",
        r"(?:меня зовут не|меня не зовут|мо[её] имя не) ",
        "Пользователя зовут не {value}.",
        "name",
    ),
    rule("surname", r"моя фамилия[ :—–-]+", "Фамилия пользователя — {value}.", "name"),
    rule(
        "name",
        r"(?:меня зовут|мо[её] имя(?: это)?|(?:зови|зовите|называй|называйте) меня|можешь звать меня"
        r"|можете звать меня|обращайся ко мне)(?: просто)?[ ,:—–-]+",
        "Пользователя зовут {value}.",
        "name",
    ),
    rule(
        "not:home",
        r"я (?:больше |уже |теперь )?не живу (?:больше )?",
        "Пользователь больше не живёт {value}.",
    ),
    rule(
        "home",
        rf"я (?:сейчас |теперь |пока |уже |постоянно )*+(?:живу|проживаю) {_PLACE}",
        "Пользователь живёт {value}.",
    ),
    rule("home", rf"живу {_PLACE}", "Пользователь живёт {value}."),
    rule("home", r"я (?:недавно |уже )?переехала? (?=(?:в|во|на) )", "Пользователь переехал {value}."),
    rule("household", r"я (?:сейчас )?живу (?=(?:один|одна|с|со|вместе)\b)", "Пользователь живёт {value}."),
    rule(
        "address",
        r"мой (?:домашний )?адрес[ :—–-]+(?!(?:неправильн|неверн|друг|измен|в |на |не ))",
        "Адрес пользователя: {value}.",
    ),
    rule(
        "origin",
        r"я (?:сам |сама |родом )*+(?=из )(?!из (?:дома|кухни|комнаты|офиса|машины|автобуса|тех)\b)",
        "Пользователь {value}.",
    ),
    rule(
        "birthday",
        r"я родил(?:ся|ась) (?=\d|в (?:\d{4}|январе|феврале|марте|апреле|мае|июне|июле|августе|сентябре"
        r"|октябре|ноябре|декабре)\b)",
        "Пользователь родился {value}.",
    ),
    rule("birthplace", r"я родил(?:ся|ась) (?=(?:в|во|на) )", "Пользователь родился {value}."),
    rule(
        "birthday",
        r"(?:мой день рождения|день рождения у меня|у меня день рождения)(?: это)?[ :—–-]+"
        rf"(?!сегодня|завтра|скоро|через){_DATE}",
        "День рождения пользователя: {value}.",
    ),
    rule(
        "age",
        r"мне (?:уже |сейчас |скоро |исполнилось |недавно исполнилось )*+"
        rf"(?=[\w -]{{1,30}} (?:лет|года|год)\b|\d{{2}}[ .!]*$|{_TENS}(?: \w+)?[ .!]*$)",
        "Пользователю {value}.",
        "age",
    ),
    rule(
        "not:job",
        r"я (?:больше |уже )?не работаю (?=\w+(?:ом|ем|ём|ой|ей|ым|им)\b)",
        "Пользователь больше не работает {value}.",
    ),
    rule("not:workplace", r"я (?:больше |уже )?не работаю ", "Пользователь больше не работает {value}."),
    rule(
        "workplace",
        r"я (?:сейчас |теперь )?работаю (?!над этим|в данный)(?=(?:в|во|на|у|из|над|с) )",
        "Пользователь работает {value}.",
    ),
    rule(
        "job",
        r"я (?:сейчас |теперь )?работаю (?=[\w-]+(?:ом|ем|ём|ой|ей|ым|им|ью)\b)",
        "Пользователь работает {value}.",
    ),
    rule("job", rf"я(?: —| -)? (?=(?:\w+ )?{TRADE}\b)", "Пользователь — {value}."),
    rule("job", r"(?:моя профессия|я по профессии)[ :—–-]+", "Профессия пользователя — {value}."),
    *_likings(),
    rule("prefers:{key}", rf"я {_VERY}предпочитаю ", "Пользователь предпочитает {value}."),
    rule(
        "favourite:{what}",
        r"м(?:ой|оя|о[её]|ои) (?:самый |самая |самое )?(?P<loved>любимый|любимая|любимое"
        r"|любимые) (?P<what>\w+)(?: это|,? [—–-])? ",
        "{loved} {what} пользователя — {value}.",
    ),
    *_named("pet:", PETS, "У пользователя есть {nominative} по имени {{value}}."),
    *_named("", RELATIVES, "У пользователя есть {nominative} по имени {{value}}."),
    *_pets(),
    rule(
        "allergy:{key}",
        r"у меня (?:больше )?нет аллергии на ",
        "У пользователя нет аллергии на {value}.",
        "things",
    ),
    rule(
        "allergy:{key}",
        r"у меня (?:есть |сильная )*+аллергия на ",
        "У пользователя аллергия на {value}.",
        "things",
    ),
    rule(
        "speaks:{key}",
        r"я не (?:говорю|знаю) (?=(?:по-|на )\w+)(?!по-(?:человечески|хорошему|другому|моему|прежнему"
        r"|разному|своему)|на (?:повышенных|разных))",
        "Пользователь не говорит {value}.",
        "things",
    ),
    rule(
        "speaks:{key}",
        r"я (?:также |немного |хорошо |свободно |тоже |ещё |умею |только )*+(?:говорю|говорить) "
        r"(?:только )?(?=(?:по-|на )\w+)(?!по-(?:человечески|хорошему|другому|моему|прежнему|разному"
        r"|своему)|на (?:повышенных|разных))",
        "Пользователь говорит {value}.",
        "things",
    ),
    rule("native language", r"мой родной язык[ :—–-]+(?:это )?", "Родной язык пользователя — {value}."),
    *_states(),
    *_ailments(),
    rule(
        "screen reader",
        r"я (?:всегда |обычно )?пользуюсь (?=(?:nvda|jaws|voiceover|talkback|джос|нвда)\b)",
        "Пользователь пользуется {value}.",
    ),
)
