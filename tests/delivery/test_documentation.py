"""docs/delivery.md says what the commands take, print and end with."""

import json
import re
import shlex
from pathlib import Path

import click
import pytest

from poorwill.cli.app import poorwill
from poorwill.delivery.deploy import Deployed
from poorwill.delivery.diagnosis import Cause
from poorwill.delivery.doctor import Row
from poorwill.delivery.documents import changed_document
from poorwill.delivery.logs import Line
from poorwill.delivery.removal import Removed
from poorwill.delivery.split import Changed
from poorwill.delivery.status import ModelStatus, VersionStatus
from poorwill.delivery.traffic import all_to
from poorwill.errors import PoorwillError

PAGE = (Path(__file__).parents[2] / "docs" / "delivery.md").read_text()
COMMANDS = re.search(r"```sh\n(.*?)```", PAGE, re.DOTALL)[1].splitlines()
DOCUMENTS = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]


@pytest.mark.parametrize("line", COMMANDS)
def test_each_command_of_the_page_is_one(line):
    name, command, *arguments = shlex.split(line)
    found = poorwill.get_command(click.Context(poorwill), command)

    assert name == "poorwill"
    found.make_context(command, arguments)  # which reads the arguments, and runs nothing


def test_the_documents_of_the_page_have_the_members_that_are_printed():
    changed = changed_document(Changed("m", None, all_to(1), (), changed=True, dry_run=False, url="", urls={}))
    deploy, split, status, delete, doctor, logs = DOCUMENTS

    assert tuple(deploy) == Deployed._fields
    assert list(split) == list(changed)
    assert tuple(status["models"][0]) == ModelStatus._fields
    assert tuple(status["models"][0]["versions"][0]) == VersionStatus._fields
    assert tuple(delete) == Removed._fields
    assert tuple(doctor["checks"][0]) == Row._fields
    assert tuple(logs) == Line._fields


def test_the_exit_codes_of_the_page_are_those_of_the_errors():
    table = {int(code) for code in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)}

    assert table - {0, 130} <= {kind.exit_code for kind in PoorwillError.__subclasses__()}


def test_the_causes_of_the_page_are_those_of_the_diagnosis():
    words = re.search(r"The fault says (.*?), in the cluster's words", PAGE, re.DOTALL)[1]

    assert set(re.findall(r"`(\w+)`", words)) == set(Cause) - {Cause.UNKNOWN}
