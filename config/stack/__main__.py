"""Drive the embedded stack by hand: ``python -m config.stack start|stop|status``."""

import argparse
import sys

from config.stack import StackError, ensure, status, stop


def main(arguments: list[str] | None = None) -> int:
    """Drive the stack by hand."""
    parser = argparse.ArgumentParser(prog="python -m config.stack", description=__doc__)
    parser.add_argument("word", choices=["start", "stop", "status"])
    word = parser.parse_args(arguments).word
    try:
        if word == "start":
            ensure()
        elif word == "stop":
            stop()
        for name, state in status().items():
            sys.stdout.write(f"{name}: {state}\n")
    except StackError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
