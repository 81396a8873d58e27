"""The command `source-alveno spec|check|discover|read`."""

from people_connector import quick_start  # isort: skip  - before anything imports the CDK

from people_connector.source_command import run_command

from source_alveno.source import SourceAlveno


def run() -> None:
    quick_start.finish()
    run_command(SourceAlveno)
