"""`python -m gitagent`: the command line."""

import sys

from gitagent.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
