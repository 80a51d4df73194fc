"""The page says of each command and of memory what was wanted and what was found."""

from loadtests.scale.report import WAKE, asleep_mb, goals, markdown
from loadtests.scale.seen import Memory, Scale, Timed


def scale(**seconds):
    commands = [Timed(name.replace("_", " "), [took] * 3, [took / 2] * 3) for name, took in seconds.items()]
    memory = [
        Memory(0, 0, 40, 60, 0),
        Memory(1, 0, 50, 65, 0),
        Memory(1001, 0, 70, 75, 0),
        Memory(1001, 9, 80, 80, 200),
    ]
    return Scale("2026-11-28T20:00+00:00", "a machine", "abc", 1000, 10, 1001, 9.0, 99.0, commands, memory)


def test_each_command_is_held_to_a_second_and_a_wake_is_not():
    found = {goal.sentence: goal.verdict for goal in goals(scale(push=0.4, deploy=1.2, wake=2.0))}

    assert found == {
        "`push`, seconds": "met",
        "`deploy`, seconds": "**not met**",
        "memory of 200 further sleeping versions, MB": "met",
    }


def test_memory_is_that_of_further_versions_of_the_twin_and_envoy_together():
    assert asleep_mb(scale().memory) == 200 * 30 / 1000


def test_the_part_of_a_deployment_that_is_no_wake_has_a_row():
    page = markdown(scale(deploy=1.2, **{WAKE: 0.5}), command="`make scale`")

    assert "| `deploy`, less what a wake takes | 0.70 |" in page
    assert "| 1,001 | 9 | 80.0 | 80.0 | 200.0 |" in page
    assert "1,000 models of 10 versions each" in page
