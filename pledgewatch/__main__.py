"""`python -m pledgewatch`."""

from pledgewatch.cli import main

main()
