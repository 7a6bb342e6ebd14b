"""What takes a moment to load is loaded before anything is timed."""

import pytest

from nexy.modules.text_filtering import load


@pytest.fixture(scope="session", autouse=True)
def loaded() -> None:
    load()
