"""The entry point: `gitagent`, and `python -m gitagent` where that is not on the path."""

from __future__ import annotations

import sys

INTERRUPTED = 130


def main() -> int:
    """Run the command line. Control-C while it is still being loaded ends it without a word."""
    try:
        from gitagent.cli.main import main as run

        return run()
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    if not sys.flags.safe_path:
        del sys.path[0]  # `python -m` puts the current folder there: what is in an agent's is no module of ours
    sys.exit(main())
