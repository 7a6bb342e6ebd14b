"""What English-speaking users say of themselves, and how it is written down."""

from nexy.modules.memory_management.english_people import AILMENT, HAVE, PET, RELATIVE, STATE, TRADE
from nexy.modules.memory_management.rule import rule

_MONTH = r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
_DATE = rf"(?=.*(?:\d|{_MONTH}|first|second|third|\w{{3,}}th\b|christmas|new year|halloween))"
# Words of what is spoken of just now.
_NOW = r"today|tonight|yesterday|tomorrow|option|one|answer|version|choice|now"
_LASTING = (
    r"(?!(?:the )?(?:first|second|third|last|next|other|same|former|latter|most of|both|our|to (?:say"
    r"|hear|see|admit))\b"
    rf"|the (?:way|idea|fact|sound|look)\b|.*\b(?:{_NOW})\b)"
)
_MARRIAGE = r"(?P<what>married|single|divorced|engaged|widowed|an? (?:widow|widower))"
_VERY = r"(?:really |also |just |still |quite |absolutely |especially |always |usually |now |generally )*+"
_DENIED = r"(?:don't|do not|didn't|never|no longer)(?: really| much| even)?"
_AM = r"i(?: am|'m)(?: now| also)? "

_SELF = (
    rule("not:name", r"my name (?:is not|isn't|is no longer) ", "The user's name is not {value}.", "name"),
    rule(
        "surname",
        r"my (?:last name|surname|family name)(?: is|'s) ",
        "The user's surname is {value}.",
        "name",
    ),
    rule(
        "name",
        r"(?:my (?:first |full |real )?name(?: is|'s|:)(?: actually| really)?|i am called|i'm called|i go by"
        r"|(?:you can |you may |you should |just )*+call me|(?:they|people|everyone|friends) calls? me) ",
        "The user's name is {value}.",
        "name",
    ),
    rule("not:home", r"i (?:don't|do not|no longer) live ", "The user no longer lives {value}."),
    rule(
        "home",
        r"i(?: now| currently| still| actually)*+ live(?: now)? "
        r"(?=(?:in|at|near|on|by|outside|close|not far) )",
        "The user lives {value}.",
    ),
    rule("home", _AM + r"(?:now |currently )?living (?=(?:in|at|near|on) )", "The user lives {value}."),
    rule(
        "home",
        r"i(?:'ve| have)?(?: just| recently)? moved to (?!(?:the|an?|my|another)\b)",
        "The user moved to {value}.",
    ),
    rule("household", r"i(?: now| still)*+ live (?=(?:alone|with)\b)", "The user lives {value}."),
    rule(
        "address",
        r"my (?:home )?address is (?!(?:on|in|not|wrong|below|above|different|missing)\b)",
        "The user's address is {value}.",
    ),
    rule("origin", rf"(?:{_AM}(?:originally )?|i come )from (?!time\b)", "The user is from {value}."),
    rule("birth year", r"i was born in (?=\d{4}\b)", "The user was born in {value}."),
    rule("birthday", r"i was born on (?:the )?", "The user was born on {value}."),
    rule("birthday", rf"i was born in (?={_MONTH}\b)", "The user was born in {value}."),
    rule("birthplace", r"i was born in ", "The user was born in {value}."),
    rule("birthday", rf"my birthday(?:'s| is)(?: on)? (?:the )?{_DATE}", "The user's birthday is {value}."),
    rule("age", rf"(?:{_AM}|i (?:just )?turned |my age is )", "The user is {value} years old.", "age"),
    rule("not:job", r"i (?:don't|do not|no longer) work (?=as )", "The user no longer works {value}."),
    rule("not:workplace", r"i (?:don't|do not|no longer) work ", "The user no longer works {value}."),
    rule("job", r"i(?: currently| now| still)*+ work (?=as )", "The user works {value}."),
    rule("job", _AM + r"working (?=as )", "The user works {value}."),
    rule("job", rf"{_AM}(?=an? (?:[\w-]+ ){{0,2}}?{TRADE}\b(?!'))", "The user is {value}."),
    rule(
        "job",
        r"my (?:job|profession|occupation) is (?=an? |to |(?!bor|tir|exc|exh|int|dem|go)\w+ing\b)",
        "The user's job is {value}.",
    ),
    rule(
        "workplace",
        r"i(?: currently| now| still)*+ work (?!(?:in|at) the moment)(?=(?:at|for|in|with|from) )",
        "The user works {value}.",
    ),
    rule("workplace", _AM + r"working (?!at the moment)(?=(?:at|for) )", "The user works {value}."),
    rule(
        "state:{what}",
        rf"{_AM}(?P<never>not|no longer) {STATE}",
        "The user is {never} {how} {what}.",
        "flag",
    ),
    rule(
        "state:{what}",
        rf"(?:{_AM}|i was born |i(?: have|'ve) been ){STATE}(?: (?:since|from) \w+)?",
        "The user is {how} {what}.",
        "flag",
    ),
    rule("state:{what}", rf"i(?: have|'ve got) {AILMENT}", "The user has {what}.", "flag"),
    rule("marriage", rf"{_AM}(?P<never>not|no longer) {_MARRIAGE}", "The user is {never} {what}.", "flag"),
    rule("marriage", _AM + _MARRIAGE, "The user is {what}.", "flag"),
)

_TASTES = (
    rule(
        "likes:{key}",
        rf"i {_VERY}{_DENIED} (?P<verb>like|love|enjoy) {_LASTING}",
        "The user does not {verb} {value}.",
        "things",
    ),
    rule("likes:{key}", rf"i {_VERY}(?:can't|cannot) stand ", "The user cannot stand {value}.", "things"),
    rule(
        "likes:{key}",
        rf"i {_VERY}(?:do )?(?P<verb>like|love|enjoy|adore|hate|dislike|detest) {_LASTING}",
        "The user {verb}s {value}.",
        "things",
    ),
    rule(
        "likes:{key}",
        _AM + r"(?:really |very )?(?P<verb>fond of|interested in|into|keen on|crazy about|not a fan of) ",
        "The user is {verb} {value}.",
        "things",
    ),
    rule(
        "eats:{key}",
        r"i (?:don't|do not|never|can't|cannot) (?P<verb>eat|drink) (?!(?:now|before|after|much|enough"
        r"|until|at|yet)\b)",
        "The user does not {verb} {value}.",
        "things",
    ),
    rule("prefers:{key}", rf"i {_VERY}prefer {_LASTING}", "The user prefers {value}."),
    rule(
        "favourite:{what}",
        r"my (?:all[- ]time )?favou?rite (?!part|thing|one|bit|moment)(?P<what>[a-z]+(?: [a-z]+)?) (?:is"
        r"|are) ",
        "The user's favourite {what} is {value}.",
    ),
    rule(
        "allergy:{key}",
        _AM + r"(?:not|no longer) allergic to ",
        "The user is not allergic to {value}.",
        "things",
    ),
    rule(
        "allergy:{key}",
        rf"(?:{_AM}(?:very |severely |badly |really )?allergic|{HAVE}allergy) to ",
        "The user is allergic to {value}.",
        "things",
    ),
    rule(
        "speaks:{key}",
        r"i (?:don't|do not|can't|cannot) speak (?!(?:to|with|about|for|of)\b)",
        "The user does not speak {value}.",
        "things",
    ),
    rule(
        "speaks:{key}",
        r"i(?: can| also)*+ speak (?P<only>only )?(?:fluent |good )?(?!(?:to|with|about|for|of)\b)",
        "The user speaks {only} {value}.",
        "things",
    ),
    rule(
        "native language",
        r"my (?:native language|mother tongue|first language) is ",
        "The user's native language is {value}.",
    ),
    rule(
        "screen reader",
        r"i(?: always| usually| mostly| mainly)? use (?=(?:nvda|jaws|voiceover|talkback|narrator"
        r"|orca)(?:[ .!]*$| (?:on|with|as|at|and|every|for)\b))",
        "The user uses {value}.",
    ),
    rule("screen reader", r"my screen reader is ", "The user's screen reader is {value}."),
)

_OTHERS = (
    rule(
        "pet:{what}",
        rf"{HAVE}(?:(?!guide)\w+ )?{PET},? (?:called|named|whose name is|(?:and )?(?:his|her"
        rf"|its) name is) ",
        "The user has a {kind} {what} called {value}.",
        "name",
    ),
    rule(
        "pet:{what}",
        rf"my {PET}(?:'s name is| is called| is named) ",
        "The user has a {kind} {what} called {value}.",
        "name",
    ),
    rule("pet:{what}", rf"{HAVE}(?:(?!guide)\w+ )?{PET}", "The user has a {kind} {what}.", "flag"),
    rule(
        "pet:{what}",
        rf"i (?:don't|do not|no longer) have (?:an?|the|my) {PET}(?: any ?more| any longer| now)?",
        "The user no longer has a {kind} {what}.",
        "flag",
    ),
    rule(
        "{what}",
        rf"my {RELATIVE}(?:'s name is|'s name's|s name is| is called| is named) ",
        "The user's {what} is called {value}.",
        "name",
    ),
    rule(
        "{what}",
        rf"{HAVE}{RELATIVE},? (?:called|named|whose name is|(?:and )?(?:his|her) name is) ",
        "The user's {what} is called {value}.",
        "name",
    ),
    rule("{what}:home", rf"my {RELATIVE} lives ", "The user's {what} lives {value}."),
    rule(
        "{what}:birthday",
        rf"my {RELATIVE}(?:'s|s) birthday is (?:on )?(?:the )?",
        "The birthday of the user's {what} is {value}.",
    ),
)

RULES = (*_SELF, *_TASTES, *_OTHERS)
