"""What callers see of a version whose store is away, or lies, at the moment it is to wake."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

from tests.conftest import free_ports
from tests.e2e.behaviour.ground import DIGITS
from tests.e2e.faults.twin import OWN, await_that, statuses

pytestmark = pytest.mark.parametrize("twin", ["activator"], indirect=True)
CALLERS = 4
LOOPBACK = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_REGION": "us-east-1"}


def asleep(twin, *services):
    """Have services sleep: a twin begins with nothing awake."""
    twin.kill()
    twin.up()
    assert not set(services) & set(twin.processes().values())


def crashed(twin, service):
    """Return the last words of a service's pod, "" before it has any."""
    for pod in twin.pods(service):
        for container in twin.show("pod", pod)["status"]["containerStatuses"]:
            if "terminated" in container.get("lastState", {}):
                return container["lastState"]["terminated"].get("message", "")
    return ""


def test_while_the_store_is_away_callers_wait_and_are_answered_when_it_is_back_in_their_time(twin):
    hasty = twin.serve("hasty", spec={"timeoutSeconds": 3})
    asleep(twin, "digits-v1", "hasty")
    (twin.folder / "store").rename(twin.folder / "away")

    with ThreadPoolExecutor(2 * CALLERS) as pool:
        patient = [pool.submit(twin.ask, OWN) for _ in range(CALLERS)]
        impatient = [pool.submit(twin.ask, hasty) for _ in range(CALLERS)]
        refused = [one.result() for one in impatient]
        words = crashed(twin, "digits-v1")
        waiting = [one.done() for one in patient]
        (twin.folder / "away").rename(twin.folder / "store")
        answers = [one.result() for one in patient]

    assert statuses(refused) == {504: CALLERS}
    assert waiting == [False] * CALLERS
    assert "a version of the model" in words
    assert statuses(answers) == {200: CALLERS}


def test_a_bucket_that_is_away_is_tried_again_by_the_process_that_wakes(twin):
    (port,) = free_ports(1)
    bucket = {"POORWILL_STORE": "s3://models", "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", **LOOPBACK}
    server = serving(port)
    server_client(port).create_bucket(Bucket="models")
    pushing = twin._replace(environment=twin.environment | bucket)
    pushing.poorwill("push", DIGITS / "digits.onnx", "--name", "digits", "--sample", DIGITS / "sample.json")
    host = twin.serve("from-bucket", env=bucket)
    asleep(twin, "from-bucket")
    server.stop()

    with ThreadPoolExecutor(CALLERS) as pool:
        asked = [pool.submit(twin.ask, host) for _ in range(CALLERS)]
        await_that(lambda: "from-bucket" in twin.processes().values())
        server = serving(port)
        answers = [one.result() for one in asked]
    server.stop()

    assert statuses(answers) == {200: CALLERS}


def test_a_store_that_lies_is_never_served_and_the_conditions_and_the_pod_say_so(twin):
    hasty = twin.serve("hasty", spec={"timeoutSeconds": 3})
    asleep(twin, "hasty")
    blob = max((twin.folder / "store" / "blobs").rglob("*"), key=lambda path: path.is_file() and path.stat().st_size)
    blobs = {path: path.read_bytes() for path in (twin.folder / "store" / "blobs").rglob("*") if path.is_file()}
    for path, content in blobs.items():
        damaged(path, content)
    try:
        answers = twin.ask_at_once(hasty, CALLERS)
        woken = crashed(twin, "hasty")
        twin.serve("fresh", wait=False, annotations={"serving.knative.dev/progress-deadline": "2s"})
        twin.kubectl("wait", "--for=condition=Ready=False", "--timeout=60s", "ksvc/fresh")
        words = twin.words("rev", "fresh-00001")
    finally:
        for path, content in blobs.items():
            damaged(path, content, by=0)

    assert blob in blobs
    assert statuses(answers) == {504: CALLERS}
    assert "not what was stored" in woken
    assert "not what was stored" in words


def damaged(path, content, by=1):
    """Change the last byte of a file that is read-only."""
    path.chmod(0o600)
    path.write_bytes(content[:-1] + bytes([content[-1] ^ by]))
    path.chmod(0o400)


def serving(port):
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    return server


def server_client(port):
    import boto3

    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": "us-east-1"}
    return boto3.session.Session().client("s3", endpoint_url=f"http://127.0.0.1:{port}", **keys)
