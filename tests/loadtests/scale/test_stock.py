"""A stocked registry is what so many pushes would have left."""

from loadtests import tail_model
from loadtests.scale.stock import fill, mirror, version_bytes
from poorwill.registry.records import VersionName
from poorwill.registry.registry import Registry
from poorwill.store.opening import open_store


def test_each_model_has_its_versions_each_of_bytes_of_its_own_and_all_are_whole(tmp_path):
    fill(str(tmp_path / "store"), 3, 2, tmp_path)

    registry = Registry(open_store(str(tmp_path / "store")))
    digests = {entry.digest for summary in registry.models() for entry in summary.versions}
    assert [(each.model, len(each.versions)) for each in registry.models()] == [
        (tail_model.name(number), 2) for number in (1, 2, 3)
    ]
    assert len(digests) == 6
    assert registry.verify().damages == ()


def test_a_version_is_what_a_push_of_its_bytes_makes_it(tmp_path):
    fill(str(tmp_path / "store"), 2, 2, tmp_path)
    registry = Registry(open_store(str(tmp_path / "store")))
    content = (tmp_path / f"{tail_model.name(1)}.onnx").read_bytes()
    (tmp_path / "pushed.onnx").write_bytes(version_bytes(content, 2, 2))

    stocked = registry.resolve(VersionName(tail_model.name(2), 2, None))
    pushed = registry.push(tmp_path / "pushed.onnx", tail_model.name(2)).record

    assert pushed.version == 3
    assert (pushed.blob, pushed.signature, pushed.opset) == (stocked.blob, stocked.signature, stocked.opset)


def test_a_copy_has_the_same_models(tmp_path):
    fill(str(tmp_path / "store"), 2, 2, tmp_path)
    open_store(str(tmp_path / "copy"), create=True)

    mirror(tmp_path / "store", str(tmp_path / "copy"))

    one, other = (Registry(open_store(str(tmp_path / name))) for name in ("store", "copy"))
    assert one.models() == other.models()
    assert other.verify().damages == ()
