"""python -m nexy."""

from nexy.cli import main

main()
