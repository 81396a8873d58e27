"""A manifest that was resolved at the import is as good as one that is resolved when it is read."""

from __future__ import annotations

from pathlib import Path

import pytest
from people_connector.manifest import ManifestSource

MANIFEST = """
version: 7.20.4
type: DeclarativeSource
check: {type: CheckStream, stream_names: [people]}
definitions:
  reader: {type: HttpRequester, url_base: "https://hr.example.nl", path: people}
streams:
  - type: DeclarativeStream
    name: people
    primary_key: id
    schema_loader: {type: InlineSchemaLoader, schema: {type: object, properties: {}}}
    retriever:
      type: SimpleRetriever
      requester: {$ref: "#/definitions/reader"}
      record_selector: {type: RecordSelector, extractor: {type: DpathExtractor, field_path: []}}
"""


def test_the_first_source_takes_what_is_ready_and_the_others_are_equal(tmp_path: Path) -> None:
    path = tmp_path / "manifest.yaml"
    path.write_text(MANIFEST)

    class Source(ManifestSource, manifest=path):
        pass

    path.write_text(MANIFEST.replace("name: people", "name: staff"))
    first, second = Source(str(path)), Source(str(path))
    assert [one.resolved_manifest["streams"][0]["name"] for one in (first, second)] == [
        "people",
        "staff",
    ]
    requester = first.resolved_manifest["streams"][0]["retriever"]["requester"]
    assert requester["url_base"] == "https://hr.example.nl"
    path.write_text(MANIFEST)
    assert Source(str(path)).resolved_manifest == first.resolved_manifest
    assert Source(str(path)).resolved_manifest is not Source(str(path)).resolved_manifest


@pytest.mark.parametrize("text", ["streams: [", "streams: [{$ref: '#/nowhere'}]"])
def test_a_manifest_that_is_wrong_is_told_when_it_is_read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "manifest.yaml"
    path.write_text(text)

    class Source(ManifestSource, manifest=path):
        pass

    with pytest.raises(Exception, match="flow node|nowhere"):
        Source(str(path))
