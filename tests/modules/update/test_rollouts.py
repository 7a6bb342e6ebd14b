"""Who is offered what while a release is given to some first."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from nexy.modules.update import Catalogue, Channel
from nexy.modules.update.releases import bucket_of
from tests.modules.update.making import beta, catalogue, release

clients = st.text(
    st.characters(exclude_categories=())
)  # any text that stays the same, with halves of letters
percents = st.integers(1, 100)
both = st.sampled_from(Channel)


@st.composite
def catalogues(draw: st.DrawFn) -> Catalogue:
    made = [
        release(build, channel=draw(both), rollout=draw(st.sampled_from([1, 10, 50, 99, 100])))
        for build in range(1, draw(st.integers(1, 6)) + 1)
    ]
    return catalogue(*made)


@given(clients, st.integers(0, 2**63 - 1))
def test_a_client_stays_in_its_bucket(client: str, build: int) -> None:
    assert bucket_of(client, build) == bucket_of(client, build)
    assert 0 <= bucket_of(client, build) < 100


def test_a_bucket_is_the_same_with_every_server_and_in_every_year() -> None:
    """Another hash, or another salt, would offer a rollout to other clients while it runs."""
    assert [bucket_of(f"client-{number}", 7) for number in range(8)] == [55, 4, 0, 54, 5, 87, 53, 32]


@given(st.lists(clients, max_size=20), percents, percents)
def test_a_bigger_share_only_adds_clients(some: list[str], one: int, other: int) -> None:
    smaller, bigger = sorted((one, other))
    made = catalogue(release(1), release(2))

    def offered(percent: int) -> set[str]:
        at = made.rolled_out("1.2", percent)
        bucket = {client: bucket_of(client, 2) for client in some}
        return {client for client in some if at.offered(Channel.STABLE, bucket[client])[0].build == 2}

    assert offered(smaller) <= offered(bigger)
    assert offered(100) == set(some)


def test_the_share_is_near_the_percent() -> None:
    """Of 20,000 clients; five times the deviation that chance has (0.28 points at 20 %)."""
    buckets = [bucket_of(f"{number:08x}-0000-4000-8000-000000000000", 12) for number in range(20_000)]
    for percent in (1, 5, 20, 50, 90):
        share = 100 * sum(bucket < percent for bucket in buckets) / len(buckets)
        assert abs(share - percent) < 5 * (percent * (100 - percent) / len(buckets)) ** 0.5


def test_another_build_is_tried_by_others_first() -> None:
    """Else the same few clients would always be those who meet the mistakes."""
    some = [f"client-{number}" for number in range(2000)]
    first, then = ({one for one in some if bucket_of(one, build) < 10} for build in (7, 8))
    assert len(first & then) < len(first) / 2


@given(catalogues(), both, st.integers(0, 99))
def test_each_bucket_has_a_feed_of_just_what_it_is_offered(
    made: Catalogue, channel: Channel, bucket: int
) -> None:
    limits = made.buckets(channel)
    assert limits[-1] == 100
    assert list(limits) == sorted(set(limits))
    below = next(limit for limit in limits if bucket < limit)
    assert made.offered(channel, below - 1) == made.offered(channel, bucket)


@given(catalogues(), both)
def test_a_lower_bucket_is_offered_all_that_a_higher_one_is(made: Catalogue, channel: Channel) -> None:
    offered = [set(made.offered(channel, bucket)) for bucket in range(100)]
    assert all(later <= earlier for earlier, later in pairwise(offered))


def test_the_rollout_that_counts_is_the_newest_of_the_channel() -> None:
    made = catalogue(release(1, rollout=50), beta(2, rollout=10), release(3))
    assert made.rolling_build(Channel.STABLE) == 1
    assert made.rolling_build(Channel.BETA) == 2
    assert made.rolled_out("1.1", 100).rolling_build(Channel.STABLE) == 0
    assert made.withdrawn("1.2").rolling_build(Channel.BETA) == 1
