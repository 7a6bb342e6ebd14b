"""nexy db: the database."""

from typing import Annotated

import typer

db = typer.Typer(help="The database: what was said, what is known, what it cost.")
Device = Annotated[str, typer.Argument(metavar="HARDWARE_ID", help="Whose rows.")]


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the database to this version's schema. `nexy serve` does so too."""
    from nexy.cli.db.work import upgrade

    upgrade()


@db.command("export")
def db_export(hardware_id: Device) -> None:
    """Print all that is stored of a device's user, as JSON."""
    from nexy.cli.db.work import export

    export(hardware_id)


@db.command("forget")
def db_forget(hardware_id: Device) -> None:
    """Delete all that is stored of a device's user, and make sure that it is gone."""
    from nexy.cli.db.work import forget

    forget(hardware_id)


@db.command("usage")
def db_usage(
    hardware_id: Annotated[
        str | None, typer.Argument(metavar="[HARDWARE_ID]", help="Whose tokens; all when left out.")
    ] = None,
) -> None:
    """Print the tokens that were used, by source and model."""
    from nexy.cli.db.work import usage

    usage(hardware_id)


@db.command("import")
def db_import(
    source: Annotated[
        str,
        typer.Option(
            "--from", metavar="URL", help="postgresql://USER:PASSWORD@HOST/NAME of the earlier server."
        ),
    ],
) -> None:
    """Take over what the earlier server has stored. It can be repeated; nothing doubles."""
    from nexy.cli.db.work import take_over

    take_over(source)
