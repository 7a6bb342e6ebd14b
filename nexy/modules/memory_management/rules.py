"""Finds what a user tells of themselves without a model, by rules; what is not sure is not taken."""

import re
from collections.abc import Iterator
from hashlib import blake2b

from nexy.modules.memory_management.english import ENGLISH
from nexy.modules.memory_management.facts import MOST_FACT, MOST_SUBJECT, Fact, one_line
from nexy.modules.memory_management.rule import Grammar, Rule
from nexy.modules.memory_management.russian import RUSSIAN
from nexy.modules.memory_management.secrets import holds_secret
from nexy.modules.memory_management.words import key, words_of

_MOST_SAID = 2000  # characters of one utterance that are searched
_MOST_SENTENCE = 400  # characters; a longer one tells a story, not a fact
_MOST_VALUE = 120  # characters
_MOST_THINGS = 5  # that one sentence names
_MOST_THING = 4  # words of one among several: "fish and chips" and "tea with milk" are things
_MOST_NAME = 4  # words
_MOST_LEADS = 6
_OLDEST = 130  # years

_SENTENCE_END = re.compile(
    r"(?<=[.!?…;])\s+|\n+|,? (?:and|but|и|а) (?=(?:please )?remember (?:that|to)\b"
    r"|(?:пожалуйста,? )?запомни\b)",
    re.IGNORECASE,
)
_QUOTED = re.compile(
    r"(?<!called )(?<!named )(?<!name is )(?<!зовут )(?:«[^»]*(?:»|$)|“[^”]*(?:”|$)|\"[^\"]*(?:\"|$))",
    re.IGNORECASE,
)
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
_EDGES = " .,!?;:\"'«»“”„()…—–-"
_NAME_END = re.compile(
    r"[,;:(]| (?:and|but|by|from|because|so|who|with|nice|pleased|glad|can|could|how|what|i|i'm|my"
    r"|please|и|а|но|из|от|потому|можешь|можете|приятно|рад|рада|как|мне|я)\b",
    re.IGNORECASE,
)
_NUMBER_WORD = (
    r"(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|ten|eleven|twelve|(?:thir|four"
    r"|fif|six|seven|eigh|nine)teen|one|two|three|four|five|six|seven|eight|nine|a|and|двадцать|тридцать"
    r"|сорок|пятьдесят|шестьдесят|семьдесят|восемьдесят|девяносто|сто|десять|\w{2,8}надцать|один|одна"
    r"|два|две|три|четыре|пять|шесть|семь|восемь|девять)"
)
_AGE = re.compile(
    rf"(?:(\d{{1,3}})|{_NUMBER_WORD}(?:[ -]{_NUMBER_WORD}){{0,3}})(?: (?:лет|года|год))?", re.IGNORECASE
)


def facts_said(said: str, said_at: float, source: str) -> list[Fact]:
    """What a user tells of themselves in one utterance; questions, suppositions and quotations tell nothing.

    A fact that holds a secret is not among them.
    """
    facts = [
        Fact(subject[:MOST_SUBJECT], one_line(text, MOST_FACT), said_at, source, language=grammar.language)
        for sentence, grammar, ordered in _sentences(said)
        for subject, text in _told(sentence, grammar, ordered=ordered)
    ]
    return [fact for fact in facts if not holds_secret(fact.text)]


def note_subject(text: str) -> str:
    """The subject of what nothing contradicts: the same for the same words."""
    return "note:" + blake2b(" ".join(words_of(text)).encode(), digest_size=8).hexdigest()


def _sentences(said: str) -> Iterator[tuple[str, Grammar, bool]]:
    """Each sentence, the grammar of its language, and whether the one before said to remember it."""
    ordered = False
    for part in _SENTENCE_END.split(_QUOTED.sub(" ", said[:_MOST_SAID].replace("’", "'"))):
        sentence = " ".join(part.split())
        if not sentence:
            continue
        grammar = RUSSIAN if _CYRILLIC.search(sentence) else ENGLISH
        sentence = _without_lead(sentence, grammar)
        if grammar.announces.match(sentence):
            ordered = True
        elif len(sentence) <= _MOST_SENTENCE:
            yield sentence, grammar, ordered
            ordered = False


def _without_lead(clause: str, grammar: Grammar) -> str:
    for _ in range(_MOST_LEADS):
        lead = grammar.lead.match(clause)
        if lead is None:
            break
        clause = clause[lead.end() :]
    return clause


def _told(sentence: str, grammar: Grammar, *, ordered: bool) -> Iterator[tuple[str, str]]:
    """Subjects and texts of what one sentence tells."""
    order = grammar.order.match(sentence)
    if order or ordered:
        what = order[1] if order else sentence
        if holds_secret(what):
            return
        found = [list(_of_clause(clause, grammar)) for clause in grammar.clause.split(what)]
        yield from (fact for facts in found for fact in facts)
        if not all(found) and (value := one_line(what.strip(_EDGES), MOST_FACT - 50)):
            yield note_subject(value), grammar.note.format(value=value) + "."
    elif not (
        grammar.asks.match(sentence) or grammar.tags.search(sentence) or grammar.not_own.search(sentence)
    ):
        for clause in grammar.clause.split(sentence):
            yield from _of_clause(clause, grammar)


def _of_clause(clause: str, grammar: Grammar) -> Iterator[tuple[str, str]]:
    """What the first rule that fits finds in one clause."""
    clause = _without_lead(clause, grammar)
    if grammar.asks.match(clause):
        return
    for rule in grammar.rules:
        match = rule.said.match(clause)
        values = _values(match.groupdict().get("value", ""), rule, grammar) if match else []
        if match and values:
            named = {name: (text or "").strip().lower() for name, text in match.groupdict().items()}
            yield from (_written(rule, named, value, grammar) for value in values)
            return


def _written(rule: Rule, named: dict[str, str], value: str, grammar: Grammar) -> tuple[str, str]:
    """The subject and the text of one value; `named` are the other groups of the rule."""
    places = named | {"value": _turned(value, grammar), "key": key(value)}
    text = rule.text.format_map(places)
    return rule.subject.format_map(places), text[:1].upper() + text[1:]


def _values(said: str, rule: Rule, grammar: Grammar) -> list[str]:
    match rule.kind:
        case "flag":
            return [""]
        case "name":
            return _name(said, grammar)
        case "age":
            return _age(said, grammar)
        case "things":
            return _things(said, grammar)
        case "thing":
            return _thing(said, grammar)


def _thing(said: str, grammar: Grammar) -> list[str]:
    value = grammar.cut.sub("", said.strip(_EDGES)).strip(_EDGES)
    words = words_of(value)
    if not words or words[0] in grammar.no_thing or not key(value):
        return []
    return [one_line(value, _MOST_VALUE)]


def _things(said: str, grammar: Grammar) -> list[str]:
    whole = _thing(said, grammar)
    parts = [part.strip(_EDGES) for value in whole for part in grammar.both.split(value)]
    parts = [part for part in parts if key(part)]
    several = 1 < len(parts) <= _MOST_THINGS and all(len(part.split()) <= _MOST_THING for part in parts)
    return parts if several else whole


def _name(said: str, grammar: Grammar) -> list[str]:
    words = _NAME_END.split(said, maxsplit=1)[0].strip(_EDGES).split()
    words = grammar.cut.sub("", " ".join(words)).split()
    if not 1 <= len(words) <= _MOST_NAME or words[0].lower() in grammar.no_name:
        return []
    if not all(any(map(str.isalpha, word)) for word in words[:1]) or any(map(str.isdigit, said[:1])):
        return []
    return [one_line(" ".join(word[:1].upper() + word[1:] for word in words), _MOST_VALUE)]


def _age(said: str, grammar: Grammar) -> list[str]:
    age = _AGE.fullmatch(grammar.cut.sub("", said.strip(_EDGES)).strip(_EDGES))
    return [age[0]] if age and (age[1] is None or 1 <= int(age[1]) <= _OLDEST) else []


def _turned(value: str, grammar: Grammar) -> str:
    """`value` with the words of who speaks in the third person."""
    return " ".join(grammar.turns.get(word.lower(), word) for word in value.split())
