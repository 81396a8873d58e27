"""What it costs, beside a peer that does the same work: `python -m integration_tests.bench`."""
