"""nexy release import."""

from pathlib import Path

import typer

from nexy.cli.release.desk import desk, failing, say, say_if_local
from nexy.cli.release.progress import progress, shown
from nexy.integrations.importing import Outcome, take_over


def import_all(folder: str | None) -> None:
    work = desk()
    earlier = Path(folder) if folder else work.folder.path
    with failing(), progress() as tell:
        done = take_over(work, earlier, tell)
    for one in done:
        line = f"{shown(one.manifest)}: {one.outcome.value}: {one.words}"
        if one.outcome is Outcome.PASSED_OVER:
            say(line)
        else:
            print(line)
    say_if_local(work.base_url)
    if any(one.outcome is Outcome.PASSED_OVER for one in done):
        raise typer.Exit(1)
