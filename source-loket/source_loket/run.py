"""Start the connector: `source-loket` and `python main.py`."""

from people_connector import quick_start  # isort: skip  - before anything imports the CDK

from people_connector.source_command import run_command

from source_loket.source import SourceLoket


def run() -> None:
    quick_start.finish()
    run_command(SourceLoket)
