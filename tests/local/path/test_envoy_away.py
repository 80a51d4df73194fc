"""What callers see while Envoy can't be told, or asked, anything."""

import shutil

import pytest

from tests.local.path.grounds import HOST, V1, V2, Backend, awake, functions, ground, running, until

EnvoyPath = pytest.importorskip("poorwill.local.path.envoy", reason="no wheel of Envoy here").EnvoyPath


async def carrier(ground):
    async with ground.ask(headers={"Connection": "close"}) as answer:
        said = await answer.json()
        return said["name"], "k-proxy-request" in {name.lower() for name, _ in said["headers"]}


async def until_carried_by_envoy(ground, name):
    while await carrier(ground) != (name, False):
        pass


def told(caplog):
    return [record.getMessage() for record in caplog.records]


@running
async def test_while_envoys_files_can_not_be_written_the_activator_carries_all_and_then_envoy_again(caplog):
    async with functions("one", "two", "three") as (one, two, three), ground(EnvoyPath) as opened:
        process = opened.path._process
        await opened.publish({HOST: [(V1, 100)]}, {V1: awake(one)})
        assert await carrier(opened) == ("one", False)
        obstacle = opened.path._files.layout.routes.with_suffix(".draft")
        obstacle.mkdir()
        for function in (two, three):
            await opened.publish({HOST: [(V1, 100)]}, {V1: awake(function)})
            assert await carrier(opened) == (function.name, True)
            assert await opened.names(20) == {function.name: 20}
        await opened.publish({HOST: [(V2, 100)]}, {V1: Backend(()), V2: awake(one)})
        assert await carrier(opened) == ("one", True)
        obstacle.rmdir()
        await until_carried_by_envoy(opened, "one")

        assert opened.path._process is process
        assert len(told(caplog)) == 1
        assert told(caplog)[0].startswith("telling Envoy failed: IsADirectoryError at ")


@running
async def test_an_envoy_that_can_not_be_told_at_all_is_ended_and_started_when_it_can(tmp_path):
    async with functions("one", "two") as (one, two), ground(EnvoyPath, folder=tmp_path / "envoy") as opened:
        await opened.publish({HOST: [(V1, 100)]}, {V1: awake(one)})
        obstacles = [tmp_path / "envoy" / name for name in ("routes.draft", "aside.draft")]
        for obstacle in obstacles:
            obstacle.mkdir()
        await opened.publish({HOST: [(V1, 100)]}, {V1: awake(two)})
        assert await opened.names(20) == {"two": 20}
        assert opened.path._process is None
        for obstacle in obstacles:
            obstacle.rmdir()
        await until_carried_by_envoy(opened, "two")


@running
async def test_files_that_somebody_removed_end_nothing(tmp_path):
    async with functions("one", "two") as (one, two), ground(EnvoyPath, folder=tmp_path / "envoy") as opened:
        await opened.publish({HOST: [(V1, 100)]}, {V1: awake(one)})
        for file in (tmp_path / "envoy").glob("*.json"):
            file.unlink()
        await opened.publish({HOST: [(V1, 100)]}, {V1: Backend(())})
        await until(lambda: not opened.path._asleep)
        await opened.publish({HOST: [(V1, 100)]}, {V1: awake(two)})
        assert await carrier(opened) == ("two", False)
        shutil.rmtree(tmp_path / "envoy")
        await opened.publish({HOST: [(V1, 100)]}, {V1: awake(one)})
        assert await carrier(opened) == ("one", True)


@running
async def test_what_an_earlier_envoy_left_is_removed_and_a_folder_may_lie_deep(tmp_path):
    deep = tmp_path / ("d" * 100) / "envoy"
    deep.mkdir(parents=True)
    (deep / "endpoints.default.old.json").write_text("{}")
    async with functions("one") as (one,), ground(EnvoyPath, folder=deep) as opened:
        assert not (deep / "endpoints.default.old.json").exists()
        assert deep.stat().st_mode & 0o077 == 0
        await opened.publish({HOST: [(V1, 100)]}, {V1: awake(one)})
        assert await carrier(opened) == ("one", False)
    assert not deep.exists()
