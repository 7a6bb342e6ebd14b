"""The program: `nexy`, and `python -m nexy`."""

import sys


def main() -> None:
    """Run the command line. Ctrl-C ends it quietly, however early it comes: so nothing is imported before."""
    try:
        from nexy.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
