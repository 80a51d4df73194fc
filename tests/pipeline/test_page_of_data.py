"""The page about data says what a spec's defaults are."""

import re
from pathlib import Path

from msgspec.structs import replace

from poorwill.pipeline.spec import Ingest, Validate
from tests.pipeline import works

PAGE = Path(__file__).parents[2] / "docs" / "pipelines.md"
HEAD = "format: 1\npipeline: sums\nmodel: sum\nsteps:\n"


def test_the_steps_on_the_page_are_read_and_show_the_defaults(tmp_path):
    blocks = re.findall(r"```yaml\n(- step: (?:ingest|validate)\n.*?)```", PAGE.read_text(), re.DOTALL)
    (tmp_path / "sums").mkdir()
    (tmp_path / "sums" / "reference.csv").write_text("truth\n1\n")

    ingest, validate = works.write_pipeline(tmp_path / "sums", HEAD + "".join(blocks)).spec.steps

    assert replace(ingest, gives="") == Ingest(step="ingest", target="truth")
    assert replace(validate, gives="", takes=()) == Validate(step="validate", reference="reference.csv")
