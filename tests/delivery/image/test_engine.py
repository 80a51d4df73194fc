"""Images are built and pushed for real where an engine works; what engines are told and say is tested everywhere."""

import json
import subprocess
from uuid import uuid4

import pytest

from poorwill.delivery.image.context import Base, examine
from poorwill.delivery.image.engine import Engine, choose_engine
from poorwill.errors import FailedError, NotFoundError, PoorwillError, UnavailableError, UsageError
from tests.delivery.image.oci_registry import registry

DIGEST = f"sha256:{'c' * 64}"


@pytest.fixture
def function(tmp_path):
    folder = tmp_path / "identity"
    folder.mkdir()
    (folder / "main.py").write_text("def predict(inputs, model):\n    return inputs\n")
    return examine(folder)


class Told:
    """An engine that answers what it is made to, and keeps what it was told."""

    def __init__(self, stdout="", code=0, stderr=""):
        self.commands, self.stdout, self.code, self.stderr = [], stdout, code, stderr

    def __call__(self, command, **options):
        assert "shell" not in options
        self.commands.append(command)
        return subprocess.CompletedProcess(command, self.code, self.stdout, self.stderr)


def test_docker_tells_the_digest_of_the_repository_that_was_pushed():
    listed = [f"other.example/digits@sha256:{'a' * 64}", f"registry.example/digits@{DIGEST}"]
    told = Told(json.dumps(listed))

    pushed = Engine("docker", told).push("registry.example/digits:1")

    assert pushed.reference == f"registry.example/digits@{DIGEST}"
    assert told.commands[0] == ["docker", "push", "--quiet", "registry.example/digits:1"]


def test_docker_hub_is_known_by_its_short_names():
    told = Told(json.dumps([f"me/digits@{DIGEST}"]))

    assert Engine("docker", told).push("docker.io/me/digits:1").reference == f"docker.io/me/digits@{DIGEST}"


@pytest.mark.parametrize("said", ["", "null", "[]", f'["other/one@{DIGEST}"]'])
def test_a_push_without_a_digest_is_a_failure(said):
    with pytest.raises(FailedError):
        Engine("docker", Told(said)).push("registry.example/digits:1")


def test_an_engine_that_fails_is_quoted_by_its_last_lines(function):
    told = Told(code=125, stderr="\n".join(f"line {number}" for number in range(20)))

    with pytest.raises(FailedError) as caught:
        Engine("docker", told).build(function, "digits:1", Base("base"))

    assert "line 19" in str(caught.value)
    assert "line 3" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "Digits", "digits:", "--all", "-x", "a b", "digits;id", f"digits@{DIGEST}"])
def test_what_is_no_name_to_push_reaches_no_engine(name):
    told = Told()

    with pytest.raises(PoorwillError):
        Engine("buildah", told).push(name)

    assert told.commands == []


def test_an_engine_that_does_not_work_is_told_from_one_that_is_not_there(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: name if name == "docker" else None)

    with pytest.raises(UnavailableError):
        choose_engine(run=Told(code=1))
    with pytest.raises(NotFoundError):
        choose_engine("buildah")
    assert choose_engine(run=Told()).name == "docker"


def test_a_name_that_is_no_image_is_refused(function):
    with pytest.raises(UsageError):
        Engine("docker", Told()).build(function, "UPPER", Base("base"))


@pytest.fixture(scope="module")
def engine():
    """Return an engine that works here, and an image to build upon."""
    try:
        found = choose_engine()
    except PoorwillError as error:
        pytest.skip(f"no container engine works here: {error.faults[0].found}")
    base = f"localhost/poorwill-test-base:{uuid4().hex[:8]}"
    if found.name == "docker":
        command = ["docker", "build", "--quiet", "--tag", base, "-"]
        subprocess.run(
            command, input="FROM scratch\nENV A=b\nUSER 65532:65532\n", text=True, check=True, capture_output=True
        )
    else:
        made = subprocess.run(["buildah", "from", "scratch"], check=True, capture_output=True, text=True).stdout.strip()
        for command in (
            ["buildah", "config", "--user", "65532:65532", made],
            ["buildah", "commit", "--quiet", "--rm", made, base],
        ):
            subprocess.run(command, check=True, capture_output=True)
    yield found, base
    subprocess.run([found.name, "rmi", "--force", base], check=False, capture_output=True)


@pytest.mark.e2e
def test_a_function_is_built_pushed_and_named_by_the_digest_that_the_registry_has(engine, function):
    found, base = engine
    with registry() as store:
        name = f"{store.address}/team/identity:1"
        built = found.build(function, name, Base(base))
        try:
            pushed = found.push(name, plain_http=True)
            again = found.push(name, plain_http=True)
        finally:
            subprocess.run([found.name, "rmi", "--force", name], check=False, capture_output=True)

    digest = store.tags["team/identity:1"]
    manifest = json.loads(store.manifests[digest][1])
    config = json.loads(store.blobs[manifest["config"]["digest"]])["config"]
    assert pushed.reference == again.reference == f"{store.address}/team/identity@{digest}"
    assert built.id.startswith("sha256:")
    assert "POORWILL_FUNCTION=/identity" in config["Env"]
    assert config["User"] == "65532:65532"


@pytest.mark.e2e
def test_a_registry_that_is_not_there_is_told(engine, function):
    found, base = engine
    name = "127.0.0.1:1/team/identity:1"
    found.build(function, name, Base(base))
    try:
        with pytest.raises(FailedError):
            found.push(name, plain_http=True)
    finally:
        subprocess.run([found.name, "rmi", "--force", name], check=False, capture_output=True)
