"""What the installed clients' own updater asks for."""

import json
from urllib.parse import unquote

from nexy.modules.update import date, manifest, newest
from tests.modules.update.making import BASE, NOON, ODD_NAME, artifact, release


def test_the_fields_are_those_that_the_updater_reads() -> None:
    one = release(7, released_at=NOON, critical=True, auto_install=True, min_os="12.3")
    assert json.loads(json.dumps(manifest(one, BASE))) == {
        "version": "1.7",
        "build": "7",
        "release_date": "2026-11-27T12:00:00Z",
        "artifact": {
            "type": "dmg",
            "url": f"{BASE}/downloads/Nexy-7.dmg",
            "size": 1007,
            "sha256": "0" * 64,
            "arch": "universal2",
            "min_os": "12.3",
            "ed25519": one.artifact.ed25519,
        },
        "critical": True,
        "auto_install": True,
        "notes_url": f"{BASE}/notes/7",
    }


def test_an_odd_name_is_one_part_of_an_address() -> None:
    url = manifest(release(artifact=artifact(ODD_NAME)), BASE)["artifact"]["url"]
    name = url.removeprefix(f"{BASE}/downloads/")
    assert unquote(name) == ODD_NAME
    assert url.isascii()
    assert not set(name) & set("""/?#&<>"' """)


def test_the_newest_for_a_processor() -> None:
    intel, arm, both = release(1, arch="x86_64"), release(2, arch="arm64"), release(3)
    assert newest((arm, both)) == both  # nothing is known of a client that does not say
    assert newest((both, arm, intel)) == newest((both, arm, intel), "x86_64") == both
    assert newest((arm, intel), "x86_64") == intel
    assert newest((arm, intel), "arm64") == newest((arm, intel)) == arm
    assert newest((arm,), "x86_64") is None
    assert newest(()) is None


def test_a_date_is_in_utc() -> None:
    assert date(0) == "1970-01-01T00:00:00Z"
