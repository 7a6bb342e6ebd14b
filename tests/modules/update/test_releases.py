"""What may be done with the catalogue, and what is refused."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from nexy.errors import ReleaseError
from nexy.modules.update import Artifact, Catalogue, Channel, Release, check_name
from nexy.modules.update.releases import is_older
from tests.modules.update.making import NOON, ODD_NAME, artifact, beta, catalogue, delta, release

Change = Callable[[Catalogue], Catalogue]


def builds(of: Catalogue | tuple[Release, ...]) -> list[int]:
    return [one.build for one in (of.releases if isinstance(of, Catalogue) else of)]


def test_the_newest_build_is_first_whatever_the_order_of_adding() -> None:
    made = catalogue(release(2), release(10), release(1))
    assert builds(made) == [10, 2, 1]
    assert builds(made.kept) == [10, 2, 1]
    assert made.next_build == 11
    assert Catalogue().next_build == 1


def test_a_change_leaves_the_catalogue_before_it_as_it_was() -> None:
    before = catalogue(beta(1))
    before.promoted("1.1", NOON)
    before.withdrawn("1.1")
    before.with_added(release(2))
    assert before == catalogue(beta(1))


@pytest.mark.parametrize(
    ("new", "word"),
    [
        (release(1, version="9", artifact=artifact("new.dmg")), "build 1 is taken by 1.1"),
        (release(9, version="1.1"), "1.1 is released already, as build 1"),
        (release(9, artifact=artifact("Nexy-1.dmg")), "Nexy-1.dmg"),
        (release(9, artifact=artifact("of-2.delta")), "of-2.delta"),
        (release(9, deltas=(delta(1, "Nexy-1.dmg"),)), "Nexy-1.dmg"),
        (release(9, deltas=(delta(1, "Nexy-9.dmg"),)), "Nexy-9.dmg"),
        (release(9, deltas=(delta(1, "same"), delta(2, "same"))), "same"),
        (release(9, deltas=(delta(1, "a"), delta(1, "b"))), "no older build 1"),
        (release(9, deltas=(delta(5),)), "no older build 5"),
        (release(9, deltas=(delta(9),)), "no older build 9"),
        (release(2, deltas=(delta(3),)), "taken"),
    ],
)
def test_what_is_there_already_is_not_added_again(new: Release, word: str) -> None:
    made = catalogue(release(1), release(2, deltas=(delta(1, "of-2.delta"),)))
    with pytest.raises(ReleaseError, match=word):
        made.with_added(new)


def test_a_delta_begins_with_an_older_build_only() -> None:
    made = catalogue(release(1), release(9))
    assert made.with_added(release(5, deltas=(delta(1),))).find("1.5").deltas[0].from_build == 1
    with pytest.raises(ReleaseError, match="no older build 9"):
        made.with_added(release(5, deltas=(delta(9),)))


def test_a_withdrawn_version_may_come_again_but_not_its_build_nor_its_file() -> None:
    made = catalogue(release(3)).withdrawn("1.3")
    for again in (release(3, version="2"), release(4, artifact=artifact("Nexy-3.dmg"))):
        with pytest.raises(ReleaseError):
            made.with_added(again)
    mended = made.with_added(release(4, version="1.3"))
    assert mended.find("1.3").build == 4
    assert mended.withdrawn("1.3").kept == ()


def test_the_kept_one_of_a_version_is_meant_even_when_its_build_is_older() -> None:
    made = catalogue(release(9, version="1.3")).withdrawn("1.3").with_added(release(4, version="1.3"))
    assert made.find("1.3").build == 4
    assert not made.find("1.3").withdrawn


def test_a_version_is_meant_before_a_build_of_that_number() -> None:
    made = catalogue(release(1, version="7"), release(7, version="8.0"))
    assert made.find("7").build == 1
    assert made.find("8.0").build == 7
    assert made.find("1").version == "7"
    assert builds(made.withdrawn("7").kept) == [7]


def test_a_withdrawn_version_does_not_mean_a_build_of_its_number() -> None:
    """Who says it twice has not withdrawn another release with the second time."""
    made = catalogue(release(1, version="7"), release(7, version="8.0")).withdrawn("7")
    with pytest.raises(ReleaseError, match="7 is withdrawn"):
        made.withdrawn("7")


def test_what_is_not_there_is_told_with_the_way_to_look() -> None:
    with pytest.raises(ReleaseError, match=r"no release 2\.0.*nexy release list"):
        catalogue(release(1)).find("2.0")


def test_promote() -> None:
    made = catalogue(release(1), beta(2))
    assert builds(made.offered(Channel.STABLE)) == [1]
    assert builds(made.offered(Channel.BETA)) == [2, 1]
    promoted = made.promoted("1.2", NOON)
    assert builds(promoted.offered(Channel.STABLE)) == [2, 1]
    with pytest.raises(ReleaseError, match="stable already"):
        promoted.promoted("1.2", NOON)


def test_the_phases_of_a_promoted_beta_begin_when_everybody_gets_it() -> None:
    plain, phased = beta(1, released_at=NOON), beta(2, released_at=NOON, phase_seconds=86_400)
    made = catalogue(plain, phased).promoted("1.1", NOON + 100).promoted("1.2", NOON + 200)
    assert [one.released_at - NOON for one in made.releases] == [200, 0]


def test_withdraw() -> None:
    made = catalogue(release(1), release(2, deltas=(delta(1),))).withdrawn("2")
    assert builds(made) == [2, 1]
    assert builds(made.kept) == builds(made.offered(Channel.BETA)) == [1]
    assert set(made.artifacts) == {"Nexy-1.dmg"}
    assert made.next_build == 3


@pytest.mark.parametrize(
    "change",
    [
        lambda one: one.promoted("1.1", NOON),
        lambda one: one.withdrawn("1.1"),
        lambda one: one.rolled_out("1.1", 50),
    ],
)
def test_nothing_is_done_to_what_is_withdrawn(change: Change) -> None:
    with pytest.raises(ReleaseError, match=r"1\.1 is withdrawn"):
        change(catalogue(beta(1)).withdrawn("1.1"))


@pytest.mark.parametrize("percent", [-1, 0, 101])
def test_a_rollout_is_to_some_and_at_most_to_all(percent: int) -> None:
    with pytest.raises(ReleaseError, match="1 % to 100 %"):
        catalogue(release(1)).rolled_out("1.1", percent)


@pytest.mark.parametrize(
    "changes",
    [
        {"version": ""},
        {"version": "v1.2"},
        {"version": "1.2 "},
        {"version": "1..2"},
        {"version": "1.2\n"},
        {"version": "1.2/../3"},
        {"version": "<b>1</b>"},
        {"version": "١.٢"},  # digits, but not those that updaters compare
        {"version": "1" * 65},
        {"build": 0},
        {"build": -1},
        {"build": 2**63},
        {"released_at": -1},
        {"released_at": 253402300800},
        {"min_os": "Big Sur"},
        {"min_os": "11.0.0.0"},
        {"min_os": ""},
        {"rollout": 0},
        {"phase_seconds": 0},
        {"artifact": artifact("../x")},
    ],
)
def test_what_no_client_could_make_sense_of(changes: dict[str, Any]) -> None:
    with pytest.raises(ReleaseError):
        Catalogue().with_added(release(**{"build": 1, **changes}))


@pytest.mark.parametrize("version", ["1", "1.2.3", "1.3.0-beta.1", "2.0+7", "2026.11.27"])
def test_versions_as_people_write_them(version: str) -> None:
    assert Catalogue().with_added(release(1, version=version)).find(version).build == 1


def test_versions_have_an_order() -> None:
    """That of Semantic Versioning, which numbers with more or fewer points fit into."""
    order = [
        "0.9",
        "1.0-alpha",
        "1.0-alpha.1",
        "1.0-alpha.beta",
        "1.0-beta.2",
        "1.0-beta.11",
        "1.0",
        "1.2",
        "1.10",
    ]
    for older, newer in pairwise(order):
        assert is_older(older, newer)
        assert not is_older(newer, older)
    assert not is_older("1.0", "1.0.0")
    assert not is_older("1.0.0", "1.0")
    assert not is_older("1.0+7", "1.0+8")


HOSTILE_NAMES = [
    "",
    ".",
    "..",
    ".hidden",
    ".lock",
    ".incoming-Nexy.dmg",
    "../x",
    "a/b",
    "/etc/passwd",
    "a\\b",
    "C:x",
    "x\0.dmg",
    "x\n.dmg",
    "x\r.dmg",
    "x\x1b[2J.dmg",
    "x\x7f.dmg",
    "x\u202egmd.exe",  # reads from right to left
    "x\u2028.dmg",
    "x\ud800.dmg",  # half a letter: a name on the disk that is no UTF-8
    "x" * 201,
    "ж" * 101,
]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(ReleaseError):
        check_name(name)
    with pytest.raises(ReleaseError):
        catalogue(release(1)).with_added(release(2, deltas=(delta(1, name or "\n"),)))


@pytest.mark.parametrize("name", ["Nexy.dmg", ODD_NAME, "Некси 1.0.dmg", "a..b", "%2e%2e%2f", "x" * 200])
def test_names_that_are_odd_and_good(name: str) -> None:
    check_name(name)
    assert Catalogue().with_added(release(1, artifact=artifact(name))).artifacts == {
        name: Artifact(name, 1000, "0" * 64, artifact(name).ed25519)
    }
