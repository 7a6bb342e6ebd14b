"""What English-speaking users say of themselves."""

import re

from nexy.modules.memory_management.english_people import AILMENT, HAVE, PET, RELATIVE, STATE, TRADE
from nexy.modules.memory_management.rule import Grammar, rule
from nexy.modules.memory_management.words import listed

_MONTH = r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
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
    rule("birthday", r"my birthday(?:'s| is)(?: on)? (?:the )?", "The user's birthday is {value}."),
    rule("age", rf"(?:{_AM}|i (?:just )?turned |my age is )", "The user is {value} years old.", "age"),
    rule("not:job", r"i (?:don't|do not|no longer) work (?=as )", "The user no longer works {value}."),
    rule("not:workplace", r"i (?:don't|do not|no longer) work ", "The user no longer works {value}."),
    rule("job", r"i(?: currently| now| still)*+ work (?=as )", "The user works {value}."),
    rule("job", _AM + r"working (?=as )", "The user works {value}."),
    rule("job", rf"{_AM}(?=an? (?:[\w-]+ ){{0,2}}?{TRADE}\b)", "The user is {value}."),
    rule("job", r"my (?:job|profession|occupation) is ", "The user's job is {value}."),
    rule(
        "workplace",
        r"i(?: currently| now| still)*+ work (?=(?:at|for|in|with|from) )",
        "The user works {value}.",
    ),
    rule("workplace", _AM + r"working (?=(?:at|for) )", "The user works {value}."),
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
        rf"i {_VERY}{_DENIED} (?P<verb>like|love|enjoy) ",
        "The user does not {verb} {value}.",
        "things",
    ),
    rule("likes:{key}", rf"i {_VERY}(?:can't|cannot) stand ", "The user cannot stand {value}.", "things"),
    rule(
        "likes:{key}",
        rf"i {_VERY}(?:do )?(?P<verb>like|love|enjoy|adore|hate|dislike|detest) "
        r"(?!the (?:way|idea|fact|sound|look)\b|.*\b(?:today|tonight|yesterday|tomorrow)\b)",
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
        r"i (?:don't|do not|never|can't|cannot) (?P<verb>eat|drink) ",
        "The user does not {verb} {value}.",
        "things",
    ),
    rule("prefers:{key}", rf"i {_VERY}prefer ", "The user prefers {value}."),
    rule(
        "favourite:{what}",
        r"my (?:all[- ]time )?favou?rite (?P<what>[a-z]+(?: [a-z]+)?) (?:is|are) ",
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
        r"i(?: always| usually| mostly| mainly)? use (?=(?:nvda|jaws|voiceover|talkback|narrator|orca)\b)",
        "The user uses {value}.",
    ),
    rule("screen reader", r"my screen reader is ", "The user's screen reader is {value}."),
)

_OTHERS = (
    rule(
        "pet:{what}",
        rf"{HAVE}(?:(?!guide)\w+ )?{PET},? (?:called|named|whose name is|(?:and )?(?:his|her|its) "
        rf"name is) ",
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

ENGLISH = Grammar(
    language="en",
    rules=(*_SELF, *_TASTES, *_OTHERS),
    clause=re.compile(
        r"(?:,| and| but| so| because)+ (?=(?:i|i'm|i've)\b|my [\w' -]{1,40}? (?:is|are|lives|was)\b)",
        re.IGNORECASE,
    ),
    lead=re.compile(
        r"(?:hello|hi|hey|good morning|good evening|ok|okay|well|so|yes|yeah|no|oh|nexy|and|but|also"
        r"|please|actually"
        r"|by the way|you know|just so you know|for your information|in fact|to be honest|anyway|listen"
        r"|look|there"
        r"|you should know(?: that)?|i want you to know(?: that)?|i already told you(?: that)?)\b[\s,.!:-]*+",
        re.IGNORECASE,
    ),
    order=re.compile(
        r"(?:(?:can|could) you (?:please )?(?=remember that\b)|i (?:want|need) you to )?(?:please )?"
        r"(?:remember|note to self|note|make a note|take a note|don't forget|do not forget|never forget"
        r"|keep in mind"
        r"|memori[sz]e)"
        r"(?: for me)?,?(?: please)?(?: that\b| this\b| to\b)?[ ,:]*+"
        r"(?!my (?:name|birthday|voice|face|number)[ .!]*$)"
        r"(?!(?:me|when|how|the time when|what|who|where|why|it|him|her|them|us|this|that)\b)(.+)",
        re.IGNORECASE,
    ),
    announces=re.compile(
        r"(?:please )?(?:remember|note|memori[sz]e) (?:this|that|the following)[ ,:.!]*(?:please)?[.!:]*$",
        re.IGNORECASE,
    ),
    asks=re.compile(
        r"(?:what|what's|where|where's|when|who|who's|whose|which|how|how's|why|is|are|am|was|were|do"
        r"|does|did|can i"
        r"|could i|should|will|have i|has|may i|tell me (?:if|what|where|who|when|how|whether)|guess)\b",
        re.IGNORECASE,
    ),
    tags=re.compile(
        r"(?:\?|[ ,](?:right|don't i|do i|am i|aren't i|isn't it|is it|correct|or not|yes or no)[ .!]*)$",
        re.IGNORECASE,
    ),
    not_own=re.compile(
        r"\b(?:if|unless|suppose|supposing|imagine|pretend|let's say|assume|assuming|wish|would"
        r"|translate|translation"
        r"|after me|how (?:do|would|can|should) (?:i|you|we|one) (?:say|write|spell)|(?:in|into) "
        r"(?:french|german|russian)"
        r"|(?!i\b)\w+ (?:said|says|told|tells|claims|writes|wrote|sings|asked|asks|thinks|thought)|used "
        r"to|maybe|perhaps"
        r"|might|in (?:my|the|a) (?:dream|story|novel|game|song|film|book)|as an example|for example"
        r"|joking|just kidding)\b",
        re.IGNORECASE,
    ),
    cut=re.compile(
        r"(?:,? (?:but|because|since|although|though|so|when|while|unless|cause|except)\b.*"
        r"|[ ,]+(?:by the way|please|too|as well|very much|a lot|so much|at the moment|right now|these "
        r"days|now|nowadays"
        r"|actually|you know|very well|fluently|a little|a bit|nexy|any ?more|any longer|thank you"
        r"|thanks|years? old|ok|okay))+$",
        re.IGNORECASE,
    ),
    both=re.compile(r",? (?:and|or|as well as) |, ", re.IGNORECASE),
    no_thing=listed(
        "you it that this him her them your these those how what when where why who if one someone something "
        "nothing everything anything here there up so too louder slower slowly quietly not "
        "today tomorrow soon next yesterday coming"
    ),
    no_name=listed(
        "not a an the being called going getting what back later tomorrow again when if at on in by to "
        "maybe important secret "
        "unknown today tonight "
        "now soon anytime crazy stupid names it that this your so too very hard easy something anything "
        "nobody "
        "whatever wrong right common rare spelled written pronounced different funny old because and or "
        "but over "
        "out up after before during using first please sometime"
    ),
    turns={
        "my": "their",
        "mine": "theirs",
        "me": "them",
        "myself": "themselves",
        "our": "their",
        "ours": "theirs",
        "us": "them",
        "i": "they",
        "we": "they",
        "i'm": "they're",
        "i've": "they've",
        "am": "are",
    },
    note="The user asked to remember: {value}",
)
