"""`python -m gitagent`: the command line where the `gitagent` command is not on the path."""

from __future__ import annotations

import sys

from gitagent.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
