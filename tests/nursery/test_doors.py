"""Who is counted with whom, and what is held of requests under way; without a socket."""

import pytest

from nexy.config import ConnectionsConfig
from nexy.nursery.border.doors import Doors, network_of
from nexy.nursery.border.receiving import MOST_BYTES, SHARE_BYTES, SMALL_BYTES, SPARE_BYTES, Receiving


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_an_address_counts_with_its_network(address: str, network: str) -> None:
    assert network_of(address) == network


def test_each_address_has_its_own_limit_and_all_have_one() -> None:
    doors = Doors(ConnectionsConfig(max_connections=3, max_connections_per_address=2))
    one = doors.enter("2001:db8::1")
    assert one
    assert doors.enter("2001:db8::2") == one
    assert doors.enter("2001:db8::3") is None
    assert doors.enter("192.0.2.1")
    assert doors.enter("192.0.2.2") is None
    assert doors.turned_away == {"address": 1, "connections": 1}
    doors.leave(one)
    assert doors.enter("2001:db8::3") == one
    assert len(doors) == 3


def test_nothing_is_kept_of_those_who_left() -> None:
    doors = Doors(ConnectionsConfig())
    for n in range(1000):
        network = doors.enter(f"192.0.2.{n % 256}")
        assert network
        doors.leave(network)
    assert repr(doors) == "<Doors open=0 networks=0 turned_away={}>"


class Request:
    held = 0

    def __init__(self, network: str) -> None:
        self.network = network

    def look(self, now: float) -> bool:
        return False


def test_large_requests_leave_room_for_small_ones_and_these_have_an_end_too() -> None:
    receiving, large = Receiving(), [Request(f"192.0.2.{n}") for n in range(4)]
    for one in large:
        while receiving.take(one, 2**20):
            pass
    assert MOST_BYTES - 2**22 < receiving.held <= MOST_BYTES
    small = 0
    while receiving.take(Request(f"198.51.100.{small % 4}"), SMALL_BYTES // 2):
        small += 1
    assert small > 1000
    assert receiving.held <= MOST_BYTES + SPARE_BYTES
    for one in (*large, *large):
        receiving.give_back(one)
    assert receiving.take(Request("203.0.113.1"), 2**20)


def test_one_address_does_not_lock_out_the_others() -> None:
    receiving = Receiving()
    while receiving.take(Request("192.0.2.1"), 2**20):
        pass
    assert SHARE_BYTES - 2**21 < receiving.held <= SHARE_BYTES
    assert receiving.take(Request("192.0.2.2"), 50 * 2**20)
