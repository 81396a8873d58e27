"""Imported before the CDK: saves a second of CPU at every start, and changes nothing else.

serpyco-rs reads the source text of the protocol's classes to find docstrings for schemas that no
connector shows; with the CDK's eight serialisers that is a third of the whole import. And nothing
that an import makes is garbage, so looking for some only costs time.
"""

from __future__ import annotations

import gc

gc.disable()

try:
    import attributes_doc
except ImportError:  # a later serpyco-rs may do without it
    pass
else:
    attributes_doc.get_attributes_doc = lambda cls: {}


def finish() -> None:
    """Collect garbage again, but leave alone what was imported: it lives as long as the process."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    gc.enable()
