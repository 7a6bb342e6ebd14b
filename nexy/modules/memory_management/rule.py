"""What a rule of a language is: how something is said of oneself, and how it is written down."""

import re
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal["name", "age", "thing", "things", "flag"]
"""What is done with the value: "things" may be several, a "flag" has none."""


class Rule(NamedTuple):
    """One way to say something of oneself.

    `subject` and `text` have places for the named groups of `said`; {value} is the cleaned group "value",
    {key} is what it is about. A subject that begins with "not:" ends what held of the rest of it.
    """

    subject: str
    said: re.Pattern[str]  # is matched from the beginning of a clause
    text: str
    kind: Kind


def rule(subject: str, said: str, text: str, kind: Kind = "thing") -> Rule:
    """A Rule; `said` ends where its value begins, and a flag's where the clause ends."""
    value = r"(?:[ ,.!]*)$" if kind == "flag" else r"(?P<value>.+)"
    return Rule(subject, re.compile(said + value, re.IGNORECASE), text, kind)


@dataclass(frozen=True, slots=True)
class Grammar:
    """How one language is taken apart."""

    language: str
    rules: tuple[Rule, ...]
    clause: re.Pattern[str]  # what stands between two clauses
    lead: re.Pattern[str]  # words of address before a clause's matter
    order: re.Pattern[str]  # "remember that …": group 1 is what
    announces: re.Pattern[str]  # "remember this": the next sentence is what
    asks: re.Pattern[str]  # how a question begins
    tags: re.Pattern[str]  # how one ends
    not_own: re.Pattern[str]  # what makes a sentence a supposition, or another's words
    cut: re.Pattern[str]  # where a value is over
    both: re.Pattern[str]  # what stands between two things
    no_thing: frozenset[str]  # words with which no value begins
    no_name: frozenset[str]  # words with which no name begins
    turns: dict[str, str]  # the words of who speaks, in the third person
    note: str  # how it is written down that something is to be remembered
