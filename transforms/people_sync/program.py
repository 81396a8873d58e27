"""`people-sync` as it is installed: a destination's wheel brings the engine, the program needs an extra."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line, or say which packages it needs."""
    try:
        import click  # noqa: F401
        import rich  # noqa: F401
    except ModuleNotFoundError as error:
        sys.exit(f"people-sync needs {error.name}: pip install 'people-transforms[people-sync]'.")
    from people_connector.surroundings import keep_this_machine_direct

    from people_sync.cli import main as run
    from people_sync.streams import ready_streams

    ready_streams()
    keep_this_machine_direct()
    run()


if __name__ == "__main__":
    main()
