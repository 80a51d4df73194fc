"""A spec is read with every fault of it at once, each where the user looks."""

import random
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from poorwill.errors import CorruptError, NotFoundError, PoorwillError, RefusedError
from poorwill.pipeline.spec import KINDS, tables
from poorwill.pipeline.spec_file import decode_spec, read_spec
from poorwill.pipeline.yaml_tree import read_tree
from tests.pipeline import works

WHOLE = """\
format: 1
pipeline: sums
model: sum
heldout_percent: 25
steps:
  - step: ingest
    target: total
  - step: validate
    limits: {drift: 0.3}
  - step: train
    function: train.py:train
    parameters: {factor: 2, rate: 1e-3, kind: linear, on: true}
  - step: evaluate
    limits:
      - {metric: rmse, at_most: 3}
  - step: register
  - step: deploy
    percent: 10
"""


def refusal(folder, spec):
    """Return the faults of a spec as lines."""
    with pytest.raises(RefusedError) as refused:
        works.write_pipeline(folder, spec)
    return [str(fault) for fault in refused.value.faults]


def test_a_spec_is_read_and_what_it_leaves_open_is_filled_in(tmp_path):
    pipeline = works.write_pipeline(tmp_path, WHOLE)

    steps = {step.step: step for step in pipeline.spec.steps}
    assert list(steps) == list(KINDS)
    assert steps["train"].parameters == {"factor": 2, "rate": 0.001, "kind": "linear", "on": True}
    assert {name: (step.takes, step.gives) for name, step in steps.items()} == {
        "ingest": ((), "data"),
        "validate": (("data",), "validation"),
        "train": (("data",), "model"),
        "evaluate": (("data", "model"), "evaluation"),
        "register": (("model",), "provenance"),
        "deploy": (("provenance",), "deployment"),
    }


def test_names_of_ones_own_join_the_steps_as_well(tmp_path):
    spec = WHOLE.replace("target: total", "target: total\n    gives: table").replace(
        "step: train", "step: train\n    takes: [table, checked]"
    )

    pipeline = works.write_pipeline(tmp_path, spec.replace("step: validate", "step: validate\n    gives: checked"))

    assert pipeline.spec.steps[2].takes == ("table", "checked")
    assert pipeline.spec.steps[3].takes == ("table", "model")


def test_a_spec_keeps_its_digest_whatever_its_layout(tmp_path):
    flow = msgspec.json.encode(read_tree(WHOLE.encode()).value).decode()

    assert works.write_pipeline(tmp_path / "a", WHOLE).digest == works.write_pipeline(tmp_path / "b", flow).digest


def test_what_a_run_keeps_of_a_spec_is_read_as_the_spec_again(tmp_path):
    pipeline = works.write_pipeline(tmp_path, WHOLE)

    assert decode_spec(pipeline.document) == pipeline.spec
    for other in (b"{}", b"\xff", b'{"steps":[{"step":"other"}]}', b"[]"):
        with pytest.raises(CorruptError):
            decode_spec(other)


def test_a_misspelt_key_is_told_with_its_line_and_the_word_that_was_probably_meant(tmp_path):
    spec = WHOLE.replace("target:", "taget:").replace("drift", "drif").replace("model:", "modle:")

    faults = refusal(tmp_path, spec)

    assert "pipeline.yaml line 3, modle: " in faults[0]
    assert faults[0].endswith("did you mean model?")
    assert any("line 7, steps[0].taget:" in fault and fault.endswith("did you mean target?") for fault in faults)
    assert any("line 9, steps[1].limits.drif:" in fault and "did you mean drift?" in fault for fault in faults)


FAULTS = {
    "unknown step": ("step: train", "step: trian", "steps[2].step", "did you mean train?"),
    "step twice": ("step: validate", "step: ingest\n    target: other", "steps[1].step", "one twice"),
    "two with one output": (
        "step: validate",
        "step: validate\n    gives: model",
        "steps[2].gives",
        "validate gives too",
    ),
    "cycle": ("step: validate", "step: validate\n    takes: [data, model2]", "steps[1].takes[1]", "no step gives"),
    "nobody gives": ("step: train", "step: train\n    takes: [data, nothing]", "steps[2].takes[1]", "no step gives"),
    "wrong type": ("drift: 0.3", "drift: much", "limits.drift", "wanted a number, found a string"),
    "no number": ("drift: 0.3", "drift: .nan", "line 9", "something else"),
    "too large": ("factor: 2", f"factor: {10**30}", "line 12", "something else"),
    "nested parameter": ("factor: 2", "factor: {a: 2}", "parameters.factor", "an object"),
    "out of range": ("percent: 10", "percent: 101", "steps[5].percent", "0 to 100 percent"),
    "heldout": ("heldout_percent: 25", "heldout_percent: 0", "heldout_percent", "1 to 90 percent"),
    "format": ("format: 1", "format: 2", "format", "wanted 1"),
    "choice": ("metric: rmse", "metric: rsme", "limits[0].metric", "rmse"),
    "no limit": (", at_most: 3", "", "limits[0]", "none of them"),
    "name": ("pipeline: sums", "pipeline: Sums", "pipeline", "DNS label"),
    "model name": ("model: sum", "model: sum-v3", "line 3, model", "version service"),
    "function elsewhere": ("train.py:train", "../train.py:train", "steps[2].function", "a path elsewhere"),
    "function absent": ("train.py:train", "tarin.py:train", "steps[2].function", "none of that name"),
    "function form": ("train.py:train", "train", "steps[2].function", "<file>.py:<name>"),
    "delimiter": ("target: total", "target: total\n    delimiter: '::'", "steps[0].delimiter", "one character"),
    "encoding": ("target: total", "target: total\n    encoding: utf-9", "steps[0].encoding", "an encoding"),
    "both": ("limits: {drift: 0.3}", "reference: train.py\n    profile: train.py", "steps[1].profile", "exactly one"),
    "name twice": ("format: 1", "format: 1\nformat: 1", "line 2", "one given twice"),
    "alias": ("limits: {drift: 0.3}", "limits: &a {drift: 0.3}\n    takes: [*a]", "line 9", "an alias"),
    "object of Python's": ("drift: 0.3", "drift: !!python/name:os.system ''", "line 9", "something else"),
    "no target": ("    target: total\n", "", "steps[0].target", "wanted a value, found none"),
    "no ingest": ("  - step: ingest\n    target: total\n", "", "steps[0].takes", "no ingest step"),
    "order": ("  - step: register\n", "", "steps[4].takes", "no register step"),
    "steps": (WHOLE[WHOLE.index("steps:") :], "steps: []", "steps", "a step at least"),
}


@pytest.mark.parametrize(("old", "new", "where", "words"), FAULTS.values(), ids=FAULTS)
def test_each_fault_says_where_and_what(tmp_path, old, new, where, words):
    assert old in WHOLE

    faults = refusal(tmp_path, WHOLE.replace(old, new, 1))

    assert [fault for fault in faults if where in fault and words in fault], faults


def test_a_cycle_is_named_from_step_to_step(tmp_path):
    faults = refusal(tmp_path, WHOLE.replace("step: validate", "step: validate\n    takes: [data, evaluation]"))
    twice = WHOLE.replace("step: train", "step: train\n    takes: [data, validation]")
    longer = refusal(tmp_path, twice.replace("step: validate", "step: validate\n    takes: [data, evaluation]"))

    assert any("what evaluate gives, later" in fault for fault in faults)
    assert any("found validate -> train -> evaluate -> validate; cut one of them" in fault for fault in longer)


def test_all_faults_are_told_at_once(tmp_path):
    spec = WHOLE
    changes = {
        "drift:": "drif:",
        "step: evaluate": "step: evaluate\n    takes: [data, modl]",
        "percent: 10": "percent: ten",
        "train.py:train": "train",
        "model: sum": "model: Sum",
    }
    for old, new in changes.items():
        spec = spec.replace(old, new)

    faults = refusal(tmp_path, spec)

    assert len(faults) == len(changes) + 1, "and that evaluate takes no model"


NO_SPECS = [b"", b"\xff\xfe", b"[1, 2", b"a: b: c", b"steps: {}", b"- 1", b"&a [*a]", b"x" * 300_000]


@pytest.mark.parametrize("text", NO_SPECS)
def test_a_file_that_is_no_spec_is_refused_with_a_line(tmp_path, text):
    (tmp_path / "pipeline.yaml").write_bytes(text)

    with pytest.raises(RefusedError, match=r"pipeline\.yaml line 1"):
        read_spec(tmp_path)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(NotFoundError, match="no such file"):
        read_spec(tmp_path / "none")
    with pytest.raises(NotFoundError, match="no such file"):
        read_spec(tmp_path)


def test_a_link_out_of_the_folder_is_refused(tmp_path):
    works.write_pipeline(tmp_path / "sums")
    (tmp_path / "elsewhere.py").write_text("def train(inputs, parameters, seed): ...\n")
    (tmp_path / "sums/train.py").unlink()
    (tmp_path / "sums/train.py").symlink_to(tmp_path / "elsewhere.py")

    with pytest.raises(RefusedError, match="a link that leads elsewhere"):
        read_spec(tmp_path / "sums")


DAMAGES = [b"", b"-", b": ", b"[", b"{", b"\n", b"'", b"&a", b"*a", b"!!set ", b"9"]


@given(seed=st.integers(0, 2**32), count=st.integers(1, 6))
def test_no_damage_to_a_spec_brings_up_anything_but_a_refusal(tmp_path_factory, seed, count):
    chance = random.Random(seed)
    text = bytearray(WHOLE.encode())
    for _ in range(count):
        at = chance.randrange(len(text))
        text[at : at + chance.randrange(4)] = chance.choice(DAMAGES)
    folder = tmp_path_factory.mktemp("damaged")
    (folder / "train.py").write_text("")
    (folder / "pipeline.yaml").write_bytes(bytes(text))

    try:
        read_spec(folder)
    except PoorwillError as error:
        assert error.faults


def test_the_tables_of_keys_in_the_documentation_are_the_spec():
    page = Path(__file__).parents[2] / "docs/pipelines.md"

    assert tables() in page.read_text()
