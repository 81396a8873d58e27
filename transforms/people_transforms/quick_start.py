"""Imported before the CDK: saves a second of CPU at every start, and changes nothing else.

serpyco-rs reads the source text of the protocol's classes to find docstrings for schemas that no
connector shows; with the CDK's eight serialisers that is a third of the whole import. And nothing
that an import makes is garbage, so looking for some only costs time.
"""

from __future__ import annotations

import gc
import sys

gc.disable()

try:
    import attributes_doc
except ImportError:  # a later serpyco-rs may do without it
    pass
else:
    attributes_doc.get_attributes_doc = lambda cls: {}


def keep_pandas_out() -> None:
    """Call at the start of a process: DuckDB imports pandas (0.8 s) with the first bound value.

    It only looks whether the value is one of pandas' own, which none of ours is.
    """
    sys.modules.setdefault("pandas", None)  # type: ignore[arg-type]  # makes `import pandas` fail


def finish() -> None:
    """Collect garbage again, but leave alone what was imported: it lives as long as the process."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    gc.enable()
