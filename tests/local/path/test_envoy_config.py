"""What Envoy is told of many services: only of those that are awake."""

import json
from pathlib import Path

from poorwill.local.path import envoy_config
from poorwill.local.path.backend import Backend
from poorwill.local.path.envoy_config import Layout
from poorwill.local.path.table import Share, Table
from poorwill.local.revision import Endpoint, RevisionKey

LAYOUT = Layout(Path("/nowhere"), "barrier.invalid")
PROCESS = Backend((Endpoint("127.0.0.1", 1),))


def hosts(table, awake):
    return [host["name"] for host in envoy_config.routes(table, awake, LAYOUT, "1")["virtual_hosts"]]


def test_200_sleeping_services_cost_envoy_nothing():
    revisions = [RevisionKey("default", f"m-v{n}-00001") for n in range(200)]
    table = Table({f"{revision.name}.localhost": (Share(revision, 100),) for revision in revisions})

    assert hosts(table, {}) == ["barrier", "others"]
    assert hosts(table, {revisions[7]: PROCESS}) == ["barrier", "m-v7-00001.localhost", "others"]


def test_envoy_leads_only_to_what_has_a_process_and_does_not_count_few_requests():
    awake = {limit: envoy_config.direct(PROCESS._replace(container_concurrency=limit)) for limit in (0, 1, 3, 4, 100)}

    assert awake == {0: True, 1: False, 3: False, 4: True, 100: True}
    assert not envoy_config.direct(Backend(()))


def test_no_name_of_a_request_is_in_what_envoy_starts_with():
    assert "barrier.invalid" not in json.dumps(envoy_config.bootstrap(LAYOUT, 1))
