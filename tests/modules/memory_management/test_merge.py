"""What is known and what is told come together: nothing is lost that nothing contradicts."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexy.modules.memory_management import Changes, Fact
from nexy.modules.memory_management.merge import merged
from nexy.modules.memory_management.rules import facts_said

ROOM = 100_000  # characters


def fact(subject: str, text: str, id: str, said_at: float = 0.0, confirmed_at: float = 0.0) -> Fact:  # noqa: A002
    return Fact(subject, text, said_at, "x", id, "en", confirmed_at)


def applied(known: Sequence[Fact], changes: Changes) -> list[Fact]:
    """What is known after `changes`."""
    gone = {*changes.drop, *(old for old, _ in changes.supersede)}
    new = [*changes.add, *(new for _, new in changes.supersede)]
    return [*(fact for fact in known if fact.id not in gone), *new]


def texts(*said: str, most: int = ROOM) -> list[str]:
    """What is known after some utterances, one after another."""
    known: list[Fact] = []
    for at, utterance in enumerate(said):
        told = [
            Fact(found.subject, found.text, at, "x", f"{at}.{place}", found.language)
            for place, found in enumerate(facts_said(utterance, at, "x"))
        ]
        known = applied(known, merged(known, told, most))
    return [fact.text for fact in known]


@pytest.mark.parametrize(
    ("said", "known"),
    [
        (["I live in Riga", "I live in Rome"], ["The user lives in Rome."]),
        (["I like tea", "I like coffee"], ["The user likes tea.", "The user likes coffee."]),
        (["I like tea", "I don't like tea"], ["The user does not like tea."]),
        (["I don't like tea", "I love tea"], ["The user loves tea."]),
        (["I have a dog called Rex", "I have a dog"], ["The user has a dog called Rex."]),
        (["I have a dog", "I have a dog called Rex"], ["The user has a dog called Rex."]),
        (["I have a dog called Rex", "I no longer have a dog"], ["The user no longer has a dog."]),
        (["I live in Paris", "I don't live in Paris any more"], ["The user no longer lives in Paris."]),
        (["I live in Riga", "I don't live in Paris any more"], ["The user lives in Riga."]),
        (["I don't live in Paris any more"], ["The user no longer lives in Paris."]),
        (["I no longer live in Paris", "I live in Paris"], ["The user lives in Paris."]),
        (["My name is Ada", "My name is not Bob"], ["The user's name is Ada."]),
        (["My name is Bob", "My name is not Bob", "My name is Ada"], ["The user's name is Ada."]),
        (["My name is Ada", "Меня зовут Грейс"], ["Пользователя зовут Грейс."]),
        (["Я живу в Париже", "Я больше не живу в Париже"], ["Пользователь больше не живёт в Париже."]),
        (["Я живу в Риге", "Я больше не живу в Париже"], ["Пользователь живёт в Риге."]),
        (["Я люблю чай", "Я не люблю чай"], ["Пользователь не любит чай."]),
        (["I live in Riga, no, I live in Rome", "Hello"], ["The user lives in Rome."]),
        (["I prefer tea to coffee", "I prefer coffee to tea"], ["The user prefers coffee to tea."]),
        (["I live in New York", "I live in York"], ["The user lives in York."]),
        (["I live in Paris, France", "I live in Paris"], ["The user lives in Paris, France."]),
        (["I have a guide dog called Rex", "I have a dog"], ["The user has a guide dog called Rex."]),
        (["My name is Ada", ""], ["The user's name is Ada."]),
    ],
)
def test_what_is_told_later(said: list[str], known: list[str]) -> None:
    assert texts(*said) == known


def test_the_same_again_confirms_and_adds_nothing() -> None:
    known = [fact("likes:tea", "The user likes tea.", "1")]
    assert merged(known, [fact("likes:tea", "The user likes tea.", "2", 9)], ROOM) == Changes(confirm=("1",))
    assert merged(known, [fact("drink", "The user likes Tea.", "2", 9)], ROOM) == Changes(confirm=("1",))


def test_nothing_told_changes_nothing() -> None:
    assert merged([fact("likes:tea", "The user likes tea.", "1")], [], ROOM) == Changes()


def test_of_two_told_at_once_the_last_takes_the_place() -> None:
    known = [fact("home", "The user lives in Riga.", "1")]
    rome, oslo = (fact("home", f"The user lives in {city}.", city) for city in ("Rome", "Oslo"))
    assert merged(known, [rome, oslo], ROOM) == Changes(supersede=(("1", oslo),))


def test_without_room_the_oldest_of_least_worth_goes() -> None:
    known = [
        fact("name", "The user's name is Ada.", "name", 1),
        fact("likes:tea", "The user likes tea.", "tea", 2, confirmed_at=3),
        fact("likes:jam", "The user likes jam.", "jam", 4),
        fact("home", "The user lives in Riga.", "home", 5),
    ]
    size = sum(len(each.text) for each in known)
    told = fact("note:1", "The user asked: call Bob.", "note", 6)
    assert merged(known, [told], size + 6) == Changes(add=(told,), drop=("jam",))
    assert merged(known, [told], size - 13) == Changes(add=(told,), drop=("tea", "jam"))
    assert merged(known, [], 30).drop == ("tea", "jam", "home")


def test_what_finds_no_room_still_ends_what_it_contradicts() -> None:
    known = [fact("home", "In Riga.", "1")]
    assert merged(known, [fact("home", "The user lives in Rome.", "2")], 10) == Changes(drop=("1",))


subjects = st.sampled_from(
    ["name", "home", "likes:tea", "likes:jam", "pet:dog", "note:1", "note:2", "not:home"]
)
texts_told = st.sampled_from(
    [
        "The user likes tea.",
        "The user lives in Riga.",
        "The user no longer lives in Riga.",
        "Ada",
        "a dog",
        "a dog called Rex",
    ]
)


@st.composite
def facts(draw: st.DrawFn, prefix: str, *, distinct: bool) -> list[Fact]:
    pairs = draw(st.lists(st.tuples(subjects, texts_told, st.floats(0, 9)), max_size=6))
    made = [fact(subject, text, f"{prefix}{at}", when) for at, (subject, text, when) in enumerate(pairs)]
    return (
        list({each.subject: each for each in made if not each.subject.startswith("not:")}.values())
        if distinct
        else made
    )


@given(facts("k", distinct=True), facts("n", distinct=False))
def test_what_nothing_contradicts_is_never_lost(known: list[Fact], told: list[Fact]) -> None:
    after = applied(known, merged(known, told, ROOM))
    spoken_of = {each.subject.removeprefix("not:") for each in told} | {each.text for each in told}
    assert all(old in after for old in known if not spoken_of & {old.subject, old.text})
    assert len({each.id for each in after}) == len(after)
    assert not any(each.subject.startswith("not:") for each in after)


@given(facts("k", distinct=True), facts("n", distinct=False), st.integers(0, 200))
def test_there_is_never_more_than_there_is_room_for(known: list[Fact], told: list[Fact], most: int) -> None:
    changes = merged(known, told, most)
    assert sum(len(each.text) for each in applied(known, changes)) <= most
    ids = {each.id for each in known}
    assert ids >= {*changes.confirm, *changes.drop, *(old for old, _ in changes.supersede)}


@given(facts("k", distinct=True), facts("n", distinct=False))
def test_telling_it_again_changes_nothing_more(known: list[Fact], told: list[Fact]) -> None:
    after = applied(known, merged(known, told[-1:], ROOM))
    again = [Fact(each.subject, each.text, 99, "y", f"again {each.id}", "en") for each in told[-1:]]
    changes = merged(after, again, ROOM)
    assert (changes.add, changes.supersede, changes.drop) == ((), (), ())
