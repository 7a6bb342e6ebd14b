"""Secrets are found, and what only looks like one is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexy.modules.memory_management import holds_secret, without_secrets
from nexy.modules.memory_management.gist import line_of
from nexy.modules.memory_management.rules import facts_said
from nexy.modules.memory_management.secrets import MOST_LOOKED_AT
from nexy.types import Exchange
from tests.modules.memory_management.gold import gold

SECRETS = gold("secrets")


@pytest.mark.parametrize(("said", "kind"), SECRETS, ids=lambda text: text[:40])
def test_a_secret_is_told_from_what_looks_like_one(said: str, kind: str) -> None:
    assert holds_secret(said) == (kind == "+")
    assert (without_secrets(said) == said) == (kind == "-")


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("My password is sunflower. I live in Riga.", "My password is [secret]. I live in Riga."),
        ("Pay with 4111 1111 1111 1111 today", "Pay with [secret] today"),
        ("Запомни, что пин-код 1234", "Запомни, что пин-код[secret]"),
        ("I have ghp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa there", "I have [secret] there"),
        ("send DE89 3704 0044 0532 0130 00 by Friday", "send [secret] by Friday"),
    ],
)
def test_only_the_secret_is_hidden(said: str, left: str) -> None:
    assert without_secrets(said) == left


def test_what_is_too_long_to_be_looked_at_is_not_kept() -> None:
    assert holds_secret("a " * MOST_LOOKED_AT)
    assert len(without_secrets("a " * MOST_LOOKED_AT)) == MOST_LOOKED_AT


def card(beginning: str, rest: list[int]) -> str:
    """A number of 16 digits with the right check digit."""
    digits = (beginning + "".join(map(str, rest)))[:15]
    doubled = [int(digit) * (1 if place % 2 else 2) for place, digit in enumerate(reversed(digits))]
    total = sum(value // 10 + value % 10 for value in doubled)
    return digits + str(-total % 10)


@st.composite
def secret(draw: st.DrawFn) -> str:
    beginning = draw(st.sampled_from(["4", "51", "55", "2201", "35", "62"]))
    number = card(beginning, draw(st.lists(st.integers(0, 9), min_size=14, max_size=14)))
    grouped = "{} {} {} {}".format(*(number[at : at + 4] for at in range(0, 16, 4)))
    key = "ghp_" + draw(st.text("abcXYZ019", min_size=36, max_size=36))
    return draw(st.sampled_from([number, grouped, grouped.replace(" ", "-"), key]))


sentences = st.text("abc де,. ", max_size=30)


@given(sentences, secret(), sentences)
def test_no_card_and_no_key_is_left_in_any_text(before: str, hidden: str, after: str) -> None:
    said = f"{before} {hidden} {after}"
    assert holds_secret(said)
    assert hidden not in without_secrets(said)


@given(
    st.sampled_from(["Remember that ", "My name is ", "Запомни: ", "I live in Riga, ", "I like "]), secret()
)
def test_no_fact_and_no_gist_holds_a_card_or_a_key(beginning: str, hidden: str) -> None:
    for said in (beginning + hidden, f"My name is Ada. {beginning} the number {hidden} and I like tea"):
        kept = [*(fact.text for fact in facts_said(said, 0, "x")), line_of(Exchange(said, said))]
        assert not any(hidden in text for text in kept)


@given(st.one_of(st.text(max_size=200), st.text("4 -1abAB:=is password", max_size=200)))
def test_hiding_leaves_nothing_to_hide(said: str) -> None:
    hidden = without_secrets(said)
    assert hidden == said or "[secret]" in hidden
