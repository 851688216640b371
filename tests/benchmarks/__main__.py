"""Measure what gitagent promises about its speed, as ratios: `python tests/benchmarks [--versions N] [--strict]`.

Quote medians and ratios; single times depend on the machine. With --strict, a ratio over its target exits with 1.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from itertools import chain
from pathlib import Path

from conversing import conversing
from growing import grow
from in_process import in_process
from playing import playing
from processes import growth, start_up
from recorded import recorded
from resolving import resolving
from served import served
from shared import shared


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--versions", type=int, default=10_000, help="how many versions the large agent has")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a ratio is over its target")
    parser.add_argument("--calls", type=int, default=1_000_000, help="how many calls the large store has")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder)
        small, other = grow(top / "small", 10), grow(top / "other", 10)
        over = 0
        large = grow(top / "large", arguments.versions)
        figures = chain(
            start_up(small.path),
            in_process(small, other, top),
            shared(small, large, top),
            growth(small.path, large.path),
            conversing(top),
            playing(top),
            resolving(small, top),
            served(small, top),
            recorded(top, arguments.calls),
        )
        for figure in figures:
            print(figure, flush=True)
            over += figure.ratio > figure.target
    return 1 if arguments.strict and over else 0


if __name__ == "__main__":
    sys.exit(main())
