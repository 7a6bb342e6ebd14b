"""What becomes of what is known when more is told: merged, never overwritten; said again, confirmed."""

import math
from collections.abc import Sequence, Set
from dataclasses import replace

from nexy.modules.memory_management.facts import Changes, Fact
from nexy.modules.memory_management.words import NEGATIONS, denials, stem, telling, words_of

_ENDS = "not:"  # begins the subject of a fact that ends another: "not:home"
_WORTH = {
    **dict.fromkeys(("name", "surname", "allergy", "state"), 3),
    **dict.fromkeys(("note", "home", "birthday", "screen reader"), 2),
    **dict.fromkeys(("likes", "prefers", "eats", "favourite"), 0),
}


def merged(known: Sequence[Fact], told: Sequence[Fact], most_chars: int) -> Changes:
    """What `told`, oldest first, changes in what is `known`, so that no more than `most_chars` are kept.

    What is told has ids already. Of what has no room the oldest goes first that is of least worth.
    """
    had = {fact.id for fact in known}
    holds = {fact.id: fact for fact in known}
    instead: dict[str, str] = {}  # the id of what was told, that of the known fact whose place it takes
    confirmed: dict[str, None] = {}
    for fact in told:
        others = list(holds.values())
        old = _about_the_same(fact, others)
        if old is None and _is_idle(fact, others):
            continue
        if old is not None and _says_no_more(fact, old):
            confirmed |= {old.id: None} if old.id in had else {}
            continue
        if old is not None:
            del holds[old.id]
            confirmed.pop(old.id, None)
            instead[fact.id] = old.id if old.id in had else instead.pop(old.id, "")
        holds[fact.id] = replace(fact, subject=fact.subject.removeprefix(_ENDS))
    gone = _too_many(list(holds.values()), confirmed.keys(), most_chars)
    # What took a place and found no room leaves that place empty: what stood there is wrong now.
    wrong = {instead[each] for each in gone if instead.get(each)}
    new = [fact for fact in holds.values() if fact.id not in had | gone]
    return Changes(
        add=tuple(fact for fact in new if not instead.get(fact.id)),
        supersede=tuple((instead[fact.id], fact) for fact in new if instead.get(fact.id)),
        confirm=tuple(each for each in confirmed if each not in gone),
        drop=tuple(fact.id for fact in known if fact.id in gone | wrong),
    )


def worth(fact: Fact) -> int:
    """How much it would be missed."""
    return _WORTH.get(fact.subject.partition(":")[0], 1)


def _about_the_same(fact: Fact, known: Sequence[Fact]) -> Fact | None:
    """The known fact that `fact` says again, contradicts or ends."""
    subject = fact.subject.removeprefix(_ENDS)
    for old in known:
        if old.text.casefold() == fact.text.casefold():
            return old
    for old in known:
        if old.subject == subject and (subject == fact.subject or _mentions(old, fact)):
            return old
    return None


def _mentions(old: Fact, ending: Fact) -> bool:
    """Whether all that `ending` speaks of stands in `old` too, or it speaks in another language."""
    return ending.language != old.language or _matter(ending) <= _matter(old)


def _is_idle(fact: Fact, known: Sequence[Fact]) -> bool:
    """Whether it ends what does not hold: who lives in Riga tells nothing by not living in Paris."""
    subject = fact.subject.removeprefix(_ENDS)
    return subject != fact.subject and any(old.subject == subject for old in known)


def _says_no_more(fact: Fact, old: Fact) -> bool:
    """Whether `old` says it as well, or better: "lives in Paris, France" for "lives in Paris"."""
    if fact.text.casefold() == old.text.casefold():
        return True
    if fact.language != old.language or denials(fact.text) != denials(old.text):
        return False
    if fact.subject.startswith("pet:"):  # "has a dog", and "has a guide dog called Rex"
        return telling(fact.text) < telling(old.text)
    words, more = words_of(fact.text), words_of(old.text)
    return len(words) < len(more) and words == more[: len(words)]


def _matter(fact: Fact) -> frozenset[str]:
    """What it speaks of, without the words that deny it."""
    return telling(fact.text) - {stem(word) for word in NEGATIONS}


def _too_many(facts: Sequence[Fact], confirmed: Set[str], most_chars: int) -> set[str]:
    """Ids of the facts for which there is no room, those that would be missed least."""
    size = sum(len(fact.text) for fact in facts)
    gone = set()
    for fact in sorted(facts, key=lambda fact: (worth(fact), *_standing(fact, confirmed))):
        if size <= most_chars:
            break
        gone.add(fact.id)
        size -= len(fact.text)
    return gone


def _standing(fact: Fact, confirmed: Set[str]) -> tuple[bool, float]:
    """Whether it was ever said again, and when it was last said."""
    now = fact.id in confirmed
    return now or fact.confirmed_at > 0, math.inf if now else fact.held_at
