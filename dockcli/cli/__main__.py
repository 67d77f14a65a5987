"""``python -m dockcli.cli``."""

from dockcli.cli import main

main()
