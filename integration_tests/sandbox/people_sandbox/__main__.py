"""``python -m people_sandbox``."""

from people_sandbox.cli import sandbox

if __name__ == "__main__":
    sandbox()
