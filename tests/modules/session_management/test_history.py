"""What the model is told of earlier turns is bounded; ids are checked."""

import pytest

from nexy.errors import BadRequest
from nexy.modules.session_management import History, check_hardware_id, check_session_id
from nexy.modules.session_management.history import MOST_CHARS, MOST_EXCHANGES
from nexy.types import Exchange


def test_the_newest_exchanges_stay_in_their_order() -> None:
    history = History()
    for number in range(MOST_EXCHANGES + 5):
        history.add(Exchange(f"prompt {number}", "answer"))
    prompts = [exchange.prompt for exchange in history]
    assert prompts == [f"prompt {number}" for number in range(5, MOST_EXCHANGES + 5)]


def test_as_many_stay_as_have_so_many_characters() -> None:
    history = History()
    for number in range(5):
        history.add(Exchange(str(number), "x" * (MOST_CHARS // 4 - 1)))
    assert [exchange.prompt for exchange in history] == ["1", "2", "3", "4"]
    history.add(Exchange("5", ""))
    assert [exchange.prompt for exchange in history] == ["2", "3", "4", "5"]


def test_the_newest_stays_however_long_it_is() -> None:
    history = History()
    history.add(Exchange("old", "answer"))
    history.add(Exchange("new", "x" * (MOST_CHARS + 1)))
    assert [exchange.prompt for exchange in history] == ["new"]


def test_nothing_said_shows() -> None:
    history = History()
    history.add(Exchange("secret", "answer"))
    assert "secret" not in repr(history) + repr(list(history))


@pytest.mark.parametrize("given", ["", "  ", "unknown", " Unknown "])
def test_a_hardware_id_must_name_a_device(given: str) -> None:
    with pytest.raises(BadRequest, match="missing"):
        check_hardware_id(given)


@pytest.mark.parametrize("given", ["x" * 257, "a\nb", "a\x00", "\x7f!"])
def test_ids_that_cannot_be(given: str) -> None:
    for check in (check_hardware_id, check_session_id):
        with pytest.raises(BadRequest) as refused:
            check(given)
        assert given not in str(refused.value)


def test_ids_as_they_are_used() -> None:
    assert check_hardware_id(" device ") == "device"
    assert check_session_id(" name ") == "name"
    assert check_session_id("  ") is None
    assert check_hardware_id("x" * 256) == "x" * 256
