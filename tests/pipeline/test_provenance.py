"""A registered version's provenance names all that led to it, is signed, and is believed only while it holds."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from openlineage.client import event_v2
from openlineage.client.serde import Serde

from poorwill.cli.main import run
from poorwill.errors import CorruptError, DeniedError
from poorwill.pipeline.lineage import chain_damages
from poorwill.registry.attestation import attested, blob_fetch, demand_signature
from poorwill.registry.keys import blob_key
from poorwill.registry.lookup import fetch_version
from poorwill.registry.names import parse_version_name
from poorwill.registry.registry import Registry
from poorwill.registry.signing import read_trusted_keys
from poorwill.store.opening import open_store
from poorwill.store.reader import Reader, open_reader

SPEC = """
format: 1
pipeline: line
model: line
steps:
  - {step: ingest, target: y, gives: data}
  - {step: validate, takes: [data], gives: checks}
  - {step: train, takes: [data], gives: model, function: "linear.py:train", parameters: {off: 0}, seed: 3}
  - {step: evaluate, takes: [data, model], gives: evaluation, limits: [{metric: rmse, at_most: 1.0}]}
  - {step: register, takes: [model, evaluation]}
  - {step: deploy, percent: 10}
"""
ROWS = "a,b,y\n" + "".join(f"{n % 7},{n},{n % 7 + 2 * n}\n" for n in range(80))


class Line:
    """A folder with a pipeline, keys, and the version that was registered there."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.store = open_store("store")
        self.registry = Registry(self.store)
        self.record = self.registry.resolve(parse_version_name("line@1"))
        self.fetch = blob_fetch(Reader(self.store.stream).fetch)

    def trusted(self, name):
        return read_trusted_keys(self.folder / f"{name}.pub.pem")

    @property
    def statement(self):
        return attested(self.record, self.fetch).statement


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("line")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        (folder / "pipeline.yaml").write_text(SPEC)
        (folder / "rows.csv").write_text(ROWS)
        shutil.copy(Path(__file__).with_name("linear.py"), folder)
        for name in ("me", "you"):
            assert run(["keys", "new", name], {}) == 0
        signed = {"POORWILL_SIGNING_KEY_FILE": "me.key.pem"}
        assert run(["pipeline", "run", ".", "rows.csv", "--output", "json"], signed) == 0
    return folder


@pytest.fixture
def line(made, tmp_path, monkeypatch):
    """Yield a copy that a test may spoil."""
    folder = tmp_path / "line"
    shutil.copytree(made, folder)
    monkeypatch.chdir(folder)
    return Line(folder)


def test_a_statement_names_model_data_code_spec_parameters_seed_environment_run_and_reports(line):
    predicate = line.statement["predicate"]
    build, details = predicate["buildDefinition"], predicate["runDetails"]
    ran = json.loads(line.store.get(f"runs/{line.record.provenance.run}/steps/ingest.json").data)

    assert line.statement["subject"] == [
        {"name": "model.onnx", "digest": {"sha256": line.record.blob.digest.removeprefix("sha256:")}}
    ]
    assert line.statement["predicateType"] == "https://slsa.dev/provenance/v1"
    dependencies = {part["name"]: f"sha256:{part['digest']['sha256']}" for part in build["resolvedDependencies"]}
    assert dependencies["data"] == ran["artifacts"][0]["digest"]
    assert dependencies.keys() == {"data", "code", "spec"}
    external = build["externalParameters"]
    assert (external["parameters"], external["seed"], external["percent"]) == ({"off": 0}, 3, 10)
    assert external["metrics"]["verdict"] == "pass"
    assert build["internalParameters"]["environment"]["python"]
    assert details["metadata"]["invocationId"] == line.record.provenance.run
    assert {part["name"] for part in details["byproducts"]} >= {"checks", "evaluation"}


def test_a_version_is_let_in_by_the_key_that_signed_it_and_no_other(line):
    assert demand_signature(line.record, line.fetch, "me.pub.pem").keyid == line.trusted("me")[0].keyid
    with pytest.raises(DeniedError):
        demand_signature(line.record, line.fetch, "you.pub.pem")


def test_a_version_without_provenance_is_refused_where_signatures_are_wanted(line):
    store_file = line.folder / "model.onnx"
    store_file.write_bytes(line.store.get(blob_key(line.record.blob.digest)).data)
    line.registry.push(store_file, "line")
    reader = open_reader("store", timeout_seconds=5)

    assert fetch_version(reader, parse_version_name("line@1"), trusted_keys="me.pub.pem").record == line.record
    with pytest.raises(DeniedError):
        fetch_version(reader, parse_version_name("line@2"), trusted_keys="me.pub.pem")


def test_a_predictor_ends_before_it_serves_what_no_trusted_key_has_signed(line):
    command = [sys.executable, "-m", "poorwill", "serve", "line@1", "--port", "0", "--trusted-keys", "you.pub.pem"]

    refused = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert refused.returncode == 77
    assert "signed by a trusted key" in refused.stderr


def test_a_statement_of_other_bytes_is_none_for_this_version(line):
    other = msgspec.structs.replace(line.record.blob, digest=f"sha256:{'0' * 64}")

    with pytest.raises(CorruptError):
        attested(msgspec.structs.replace(line.record, blob=other), line.fetch)


def test_verify_wants_the_signatures_that_the_setting_names(line):
    assert run(["verify", "line"], {"POORWILL_TRUSTED_KEYS": "me.pub.pem"}) == 0
    assert run(["verify", "line"], {"POORWILL_TRUSTED_KEYS": "you.pub.pem"}) == 74


def test_verify_checks_the_whole_chain_and_names_what_does_not_hold(line, capsys):
    assert list(chain_damages(line.store, line.record, line.trusted("me"))) == []
    (byproduct,) = [
        part for part in line.statement["predicate"]["runDetails"]["byproducts"] if part["name"] == "checks"
    ]
    digest = f"sha256:{byproduct['digest']['sha256']}"

    line.store.put(blob_key(digest), b"another report")
    data = line.statement["predicate"]["buildDefinition"]["resolvedDependencies"][0]["digest"]["sha256"]
    line.store.delete(blob_key(f"sha256:{data}"))

    found = {damage.part: damage.found for damage in chain_damages(line.store, line.record, line.trusted("you"))}
    assert found.keys() == {"provenance, checks", "provenance, data", "provenance"}
    assert found["provenance, data"] == "nothing"
    assert run(["verify", "line"], {}) == 74
    assert "provenance, checks" in capsys.readouterr().err


def test_lineage_is_told_offline_from_the_event_to_the_version(line, capsys):
    assert run(["lineage", "line@1", "--trusted-keys", "me.pub.pem"], {}) == 0

    told = capsys.readouterr().out
    words = ("line@1", "signed by", "register", "train", "ingest", "data.arrived")
    places = [*(told.index(word) for word in words), told.rindex("rows.csv")]
    assert places == sorted(places)


def test_lineage_reads_as_openlineage_by_its_own_client(line, capsys):
    assert run(["lineage", "line@1", "--openlineage"], {}) == 0

    events = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    assert [event["job"]["name"] for event in events] == [
        f"line.{step}" for step in ("ingest", "validate", "train", "evaluate", "register")
    ]
    for event in events:
        read = event_v2.RunEvent(
            eventTime=event["eventTime"],
            run=event_v2.Run(event["run"]["runId"]),
            job=event_v2.Job(event["job"]["namespace"], event["job"]["name"]),
            eventType=event_v2.RunState(event["eventType"]),
            producer=event["producer"],
            inputs=[event_v2.InputDataset(part["namespace"], part["name"]) for part in event["inputs"]],
            outputs=[event_v2.OutputDataset(part["namespace"], part["name"]) for part in event["outputs"]],
        )
        assert json.loads(Serde.to_json(read))["schemaURL"] == event["schemaURL"]
    assert events[-1]["outputs"][-1]["name"] == "models/line@1"


def test_a_spec_that_wants_signatures_registers_nothing_without_a_key(line, capsys):
    spec = SPEC.replace("takes: [model, evaluation]}", "takes: [model, evaluation], signed: true}")
    (line.folder / "pipeline.yaml").write_text(spec)

    assert run(["pipeline", "run", ".", "rows.csv", "--output", "json"], {}) == 65

    document = json.loads(capsys.readouterr().out)
    failed = next(step for step in document["steps"] if step["state"] == "failed")
    assert failed["step"] == "register"
    assert "POORWILL_SIGNING_KEY_FILE" in failed["troubles"][0]["where"]
    assert [entry.version for entry in line.registry.versions("line").versions] == [1]
