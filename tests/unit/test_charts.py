"""The charts that the documents show are those of the definitions."""

from tests.charts import charts


def test_the_charts_in_the_documents_are_current() -> None:
    stale = [file.name for file, text in charts().items() if not file.exists() or file.read_text("utf-8") != text]
    assert stale == [], "run `make chart`"
