"""What is wanted of the memory is told from what only sounds like it, and answered in words to be heard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexy.modules.memory_management.wishes import Wish, wish_of
from tests.modules.memory_management.gold import gold

WISHES = gold("wishes")
NAMES = {
    Wish.FORGET_THAT: "that",
    Wish.FORGET_EVERYTHING: "everything",
    Wish.WHAT_DO_YOU_KNOW: "know",
    None: "-",
}


@pytest.mark.parametrize(("said", "wanted"), WISHES, ids=lambda text: text[:40])
def test_a_wish_is_told_from_what_sounds_like_one(said: str, wanted: str) -> None:
    assert NAMES[wish_of(said)] == wanted


def test_how_it_is_written_does_not_matter() -> None:
    for said, wanted in WISHES:
        assert NAMES[wish_of(f"  {said.upper()} …\n")] == wanted


@given(st.text(max_size=500))
def test_any_text_may_be_said(said: str) -> None:
    assert wish_of(said) in NAMES
