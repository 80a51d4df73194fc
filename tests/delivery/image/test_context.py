"""What goes into an image is looked through before an engine sees it."""

import os
import stat

import pytest

from poorwill.delivery.image.context import BUILD_FILE, Base, build_file, examine, stage
from poorwill.errors import InvalidModelError, NotFoundError, UsageError

BASE = Base("ghcr.io/poorwill/serve:0.1.0")
PINNED = f"pillow==11.0.0 \\\n    --hash=sha256:{'a' * 64} \\\n    --hash=sha256:{'b' * 64}\n"


@pytest.fixture
def folder(tmp_path):
    found = tmp_path / "nearest_centroid"
    found.mkdir()
    (found / "main.py").write_text("def predict(inputs, model):\n    return inputs\n")
    return found


def test_a_function_is_examined_without_being_run(folder):
    (folder / "main.py").write_text("import nothing_that_is_here\ndef predict(inputs, model): ...\nraise SystemExit\n")

    assert examine(folder).name == "nearest_centroid"


@pytest.mark.parametrize("text", ["def other(): ...", "class predict: ...", "def f():\n    def predict(): ..."])
def test_a_main_without_predict_is_refused(folder, text):
    (folder / "main.py").write_text(text)

    with pytest.raises(InvalidModelError):
        examine(folder)


@pytest.mark.parametrize("text", ["predict = make()", "from elsewhere import predict", "from a import b as predict"])
def test_predict_may_come_from_elsewhere(folder, text):
    (folder / "main.py").write_text(text)

    assert examine(folder)


def test_what_is_no_python_is_refused_with_its_line_and_not_its_text(folder):
    (folder / "main.py").write_text("def predict(:\n    password\n")

    with pytest.raises(InvalidModelError) as caught:
        examine(folder)

    assert "line 1" in str(caught.value)
    assert "password" not in str(caught.value)


def test_a_folder_that_is_not_there_or_has_no_main_is_not_found(folder, tmp_path):
    (folder / "main.py").unlink()

    for path in (folder, tmp_path / "nowhere"):
        with pytest.raises(NotFoundError):
            examine(path)


def test_hidden_files_and_caches_stay_behind_and_all_else_is_readable(folder, tmp_path):
    for name in (".env", "__pycache__/main.pyc", ".git/config", "data/centroids.json", "data/.secret"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("x")
    (folder / "main.py").chmod(0o600)
    into = tmp_path / "context"
    into.mkdir()

    home = stage(examine(folder), BASE, into)

    files = {path.relative_to(into).as_posix() for path in into.rglob("*") if path.is_file()}
    assert files == {BUILD_FILE, "nearest_centroid/main.py", "nearest_centroid/data/centroids.json"}
    assert stat.S_IMODE((home / "main.py").stat().st_mode) == 0o644
    assert stat.S_IMODE((home / "data").stat().st_mode) == 0o755


def test_nested_folders_are_readable_whatever_the_umask(folder, tmp_path):
    (folder / "pkg" / "deep").mkdir(parents=True)
    (folder / "pkg" / "deep" / "a.py").write_text("")
    into = tmp_path / "context"
    into.mkdir()

    before = os.umask(0o077)
    try:
        home = stage(examine(folder), BASE, into)
    finally:
        os.umask(before)

    modes = {stat.S_IMODE((home / name).stat().st_mode) for name in (".", "pkg", "pkg/deep")}
    assert modes == {0o755}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("service-account.json", "{}"),
        ("id_rsa", ""),
        ("prod.env", ""),
        ("credentials.json", "{}"),
        ("pkg/tls.pem", "-----BEGIN EC PRIVATE KEY-----\nMHc"),
        ("any.json", '{"private_key": "-----BEGIN PRIVATE KEY-----\\nMII"}'),
    ],
)
def test_what_looks_like_a_key_is_refused_by_its_name_alone_being_told(folder, name, text):
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(text)

    with pytest.raises(UsageError) as caught:
        examine(folder)

    assert name in str(caught.value)
    assert "BEGIN" not in str(caught.value)


def test_a_certificate_without_its_key_goes_in(folder):
    (folder / "ca.pem").write_text("-----BEGIN CERTIFICATE-----\n")

    assert len(examine(folder).files) == 2


def test_requirements_that_are_no_utf_8_are_refused(folder):
    (folder / "requirements.txt").write_bytes(b"pillow\xff==11.0.0\n")

    with pytest.raises(UsageError, match="UTF-8"):
        examine(folder)


def test_links_are_refused_as_they_may_lead_to_anything(folder):
    (folder / "keys").symlink_to("/etc")

    with pytest.raises(UsageError):
        examine(folder)


@pytest.mark.parametrize("name", ["a b", "a\nRUN id", "ä", "a$b"])
def test_a_name_that_would_not_stand_in_a_build_file_is_refused(folder, name):
    with pytest.raises(UsageError):
        examine(folder.rename(folder.with_name(name)))


@pytest.mark.parametrize(
    "text", ["pillow\n", "pillow==11.0.0\n", f"--index-url https://x\n{PINNED}", f"-r more\n{PINNED}"]
)
def test_requirements_without_hashes_or_from_elsewhere_are_refused(folder, text):
    (folder / "requirements.txt").write_text(text)

    with pytest.raises(UsageError):
        examine(folder)


def test_wheels_come_by_their_hashes_from_a_stage_that_stays_behind(folder):
    (folder / "requirements.txt").write_text(f"# what it draws with\n{PINNED}")

    text = build_file(examine(folder), BASE)

    assert "--require-hashes --only-binary :all:" in text
    assert text.endswith(
        "FROM ghcr.io/poorwill/serve:0.1.0\n"
        "COPY --from=wheels /wheels /opt/poorwill/lib/python3.13/site-packages\n"
        "COPY nearest_centroid /nearest_centroid\n"
        "ENV POORWILL_FUNCTION=/nearest_centroid\n"
    )


def test_without_requirements_nothing_runs_at_all(folder):
    assert "RUN" not in build_file(examine(folder), BASE)


@pytest.fixture
def pipeline(tmp_path):
    found = tmp_path / "flowers"
    found.mkdir()
    (found / "pipeline.yaml").write_text("format: 1\n")
    (found / "train.py").write_text("def train(inputs, parameters, seed): ...\n")
    return found


def test_a_folder_with_a_pipeline_is_one_and_its_functions_are_told_where_it_lies(pipeline):
    found = examine(pipeline)

    assert (found.pipeline, len(found.files)) == (True, 2)
    assert "ENV POORWILL_PIPELINE=/flowers\n" in build_file(found, BASE)
    assert "POORWILL_FUNCTION" not in build_file(found, BASE)


def test_keys_do_not_go_into_a_pipelines_image_either(pipeline):
    (pipeline / "signing.pem").write_text("-----BEGIN PRIVATE KEY-----\n")

    with pytest.raises(UsageError, match=r"signing\.pem"):
        examine(pipeline)
