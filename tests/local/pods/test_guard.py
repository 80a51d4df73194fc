"""What a manifest may not make a pod's process do: run code that nobody registered, or listen for others."""

import asyncio

import pytest

from tests.local.pods.conftest import DIGITS, revision, variables


async def refused(ground, asked):
    """Return why a revision has no process."""
    ground.fleet.scale(asked, 1)
    assert not ground.pod().runs
    return ground.now().failure


@pytest.mark.parametrize(
    ("arguments", "values"),
    [
        (["$(X)", "/anywhere"], {"X": "--function"}),
        (["$(X)"], {"X": "--function=/anywhere"}),
        (["$(X)"], {"X": "--host=0.0.0.0"}),
        (["$(X)$(Y)"], {"X": "--func", "Y": "tion=/anywhere"}),
        (["$(X)"], {"X": "-h"}),
    ],
)
def test_an_option_out_of_a_variable_is_seen_as_what_it_is(fleet, arguments, values):
    async def run():
        async with fleet() as ground:
            asked = revision(args=["serve", *arguments], env=[*DIGITS, *variables(**values)])
            ground.fleet.scale(asked, 1)
            assert ground.now().failure.reason == "CommandRefused"
            assert "anywhere" not in ground.now().failure.message
            assert not any(pod.runs for pod in ground.pods())

    asyncio.run(run())


@pytest.mark.parametrize("name", ["POORWILL_FUNCTION", "PYTHONPATH", "LD_PRELOAD"])
def test_a_variable_that_leads_to_other_code_is_refused_in_the_revisions_words(fleet, name):
    async def run():
        async with fleet() as ground:
            failure = await refused(ground, revision(env=[*DIGITS, *variables(**{name: "/anywhere"})]))
            assert failure.reason == "CommandRefused"
            assert failure.message.startswith(f"{name}: ")
            assert ground.container()["state"]["waiting"]["reason"] == "CommandRefused"

    asyncio.run(run())


def test_a_function_starts_once_the_config_map_that_misled_it_is_right(fleet, store):
    def config_map(option):
        metadata = {"name": "options", "namespace": "default"}
        return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"X": option}}

    async def run():
        async with fleet() as ground:
            ground.state.create(config_map("--host=0.0.0.0"))
            source = [{"configMapRef": {"name": "options"}}]
            asked = revision(args=["serve", "tiny@1", "--log-ratio=1", "$(X)"], env=DIGITS, envFrom=source)
            assert (await refused(ground, asked)).reason == "CommandRefused"
            ground.state.update(config_map("--log-ratio=1"))
            await ground.until_ready()
            assert ground.now().failure is None

    asyncio.run(run())


@pytest.mark.parametrize("env", [variables(A="\0"), variables(**{"A=B": "1"}), variables(**{"A\0": "1"})])
def test_what_no_process_can_be_given_is_told_in_the_pods_status(fleet, env):
    async def run():
        async with fleet() as ground:
            await refused(ground, revision("fake/plain", env=env))
            waiting = ground.container()["state"]["waiting"]
            assert waiting["reason"] == "CreateContainerConfigError"
            assert "NUL" in waiting["message"]

    asyncio.run(run())
