"""A workshop, and a site over what it has released."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.modules.update.serving import Served, Workshop, serving


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


@pytest.fixture
async def site(workshop: Workshop) -> AsyncIterator[Served]:
    async with serving(workshop.folder) as served:
        yield served
