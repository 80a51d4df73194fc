"""Unmodified kubectl works on the twin: what it follows, waits for, deletes and asks."""

import json

import pytest

from poorwill.kinds.kind import SERVICE as SERVICE_KIND
from tests.local.api.objects import CONFIG_MAP, SERVICE, config_map, pod, running

pytestmark = pytest.mark.e2e


def ready(status):
    return {"conditions": [{"type": "Ready", "status": status}], "observedGeneration": 1}


def service(twin):
    twin.kubectl("apply", "-f", "-", sent=SERVICE)
    return next(iter(twin.call(lambda: twin.state.list(SERVICE_KIND))))


def test_a_watch_shows_what_is_there_then_each_change(twin):
    twin.add(config_map("a"))
    with twin.begin_kubectl(
        "get", "cm", "-w", "--no-headers", "-o", "custom-columns=N:.metadata.name,D:.data"
    ) as watch:
        assert watch.stdout.readline().split() == ["a", "map[]"]
        twin.add(config_map("b", x="1"))
        assert watch.stdout.readline().split() == ["b", "map[x:1]"]
        watch.kill()


def test_a_watch_of_a_table_shows_rows(twin):
    made = service(twin)
    with twin.begin_kubectl("get", "ksvc", "-w") as watch:
        assert watch.stdout.readline().split()[:2] == ["NAME", "URL"]
        assert watch.stdout.readline().split() == ["digits-v3"]
        twin.call(lambda: twin.state.update({**made, "status": ready("True")}, status=True))
        assert watch.stdout.readline().split() == ["digits-v3", "True"]
        watch.kill()


def test_a_watch_by_label_is_told_of_what_comes_in_and_what_leaves(twin):
    twin.add(config_map("a"))
    watched = ("get", "cm", "-l", "on=yes", "-w", "--output-watch-events", "--no-headers")
    with twin.begin_kubectl(*watched) as watch:
        twin.await_watch()
        twin.kubectl("label", "cm", "a", "on=yes")
        twin.kubectl("label", "cm", "a", "on-")
        lines = [watch.stdout.readline().split()[:2], watch.stdout.readline().split()[:2]]
        watch.kill()

    assert lines == [["ADDED", "a"], ["DELETED", "a"]]


def test_it_waits_until_a_service_is_ready(twin):
    service(twin)
    with twin.begin_kubectl("wait", "--for=condition=Ready", "ksvc/digits-v3", "--timeout=60s") as wait:
        for status in ("Unknown", "True"):
            twin.call(lambda status=status: _say(twin, ready(status)))
        assert wait.wait(60) == 0
        assert "condition met" in wait.stdout.read()


def _say(twin, status):
    live = twin.state.list(SERVICE_KIND)[0]
    return twin.state.update({**live, "status": status}, status=True)


def test_a_wait_that_is_not_met_says_so(twin):
    service(twin)

    assert "timed out" in twin.kubectl("wait", "--for=condition=Ready", "ksvc/digits-v3", "--timeout=1s", code=1)


def test_it_deletes_and_waits_until_finalizers_let_go(twin):
    made = service(twin)
    twin.call(
        lambda: twin.state.update({**made, "metadata": {**made["metadata"], "finalizers": ["dev.poorwill/wait"]}})
    )
    with twin.begin_kubectl("wait", "--for=delete", "ksvc/digits-v3", "--timeout=60s") as wait:
        assert "deleted" in twin.kubectl("delete", "ksvc", "digits-v3", "--wait=false")
        waiting = json.loads(twin.kubectl("get", "ksvc", "digits-v3", "-o", "json"))
        assert waiting["metadata"]["deletionTimestamp"]
        twin.kubectl("patch", "ksvc", "digits-v3", "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
        assert wait.wait(60) == 0
    twin.kubectl("get", "ksvc", "digits-v3", code=1)


def test_a_deletion_in_the_foreground_waits_for_dependents(twin):
    service(twin)

    twin.kubectl("delete", "ksvc", "digits-v3", "--cascade=foreground", "--wait=false")

    finalizers = twin.kubectl("get", "ksvc", "digits-v3", "-o", "jsonpath={.metadata.finalizers}")
    assert finalizers == '["foregroundDeletion"]'


def test_it_deletes_by_file_by_label_and_all(twin):
    twin.kubectl("apply", "-f", "-", sent=CONFIG_MAP)
    twin.add(config_map("a"), config_map("b"))

    assert 'configmap "colours" deleted' in twin.kubectl("delete", "-f", "-", sent=CONFIG_MAP)
    assert "No resources found" in twin.kubectl("delete", "cm", "-l", "app=paint")
    assert twin.kubectl("delete", "cm", "--all").count("deleted") == 2
    assert twin.kubectl("delete", "cm", "colours", "--ignore-not-found") == ""
    assert 'configmaps "colours" not found' in twin.kubectl("delete", "cm", "colours", code=1)


def test_a_namespace_ends_slowly_and_default_not_at_all(twin):
    twin.kubectl("delete", "ns", "other", "--wait=false")

    assert "Terminating" in twin.kubectl("get", "ns", "other")
    told = twin.kubectl("create", "cm", "late", "-n", "other", code=1)
    assert "because it is being terminated" in told
    assert "this namespace may not be deleted" in twin.kubectl("delete", "ns", "default", code=1)


def test_it_shows_logs_their_ends_and_those_of_a_label(twin, tmp_path):
    twin.add(pod(containerStatuses=[running()]))
    name = "digits-v3-00001-deployment-1"
    now, before = tmp_path / "now", tmp_path / "before"
    now.write_text("one\ntwo\nthree\n")
    before.write_text("ended\n")
    twin.logs[("default", name, "user-container", False)] = now
    twin.logs[("default", name, "user-container", True)] = before

    assert twin.kubectl("logs", name) == "one\ntwo\nthree\n"
    assert twin.kubectl("logs", name, "--tail=2", "-c", "user-container") == "two\nthree\n"
    assert twin.kubectl("logs", name, "--limit-bytes=5") == "one\nt"
    assert twin.kubectl("logs", name, "-p") == "ended\n"
    assert twin.kubectl("logs", "-l", "serving.knative.dev/service=digits-v3") == "one\ntwo\nthree\n"
    assert "container nothing is not valid for pod" in twin.kubectl("logs", name, "-c", "nothing", code=1)
    assert "use tailLines" in twin.kubectl("logs", name, "--since=1m", code=1)


def test_it_follows_a_log_until_its_container_ends(twin, tmp_path):
    (made,) = twin.add(pod(containerStatuses=[running()]))
    path = tmp_path / "log"
    path.write_text("one\n")
    twin.logs[("default", made["metadata"]["name"], "user-container", False)] = path
    with twin.begin_kubectl("logs", "-f", made["metadata"]["name"]) as logs:
        assert logs.stdout.readline() == "one\n"
        with path.open("a") as more:
            more.write("two\n")
        assert logs.stdout.readline() == "two\n"
        ended = {**running(), "state": {"terminated": {"exitCode": 0}}}
        twin.call(lambda: twin.state.update({**made, "status": {"containerStatuses": [ended]}}, status=True))
        assert logs.wait(60) == 0
        assert logs.stdout.read() == ""


def test_it_follows_a_log_that_begins_anew_and_until_its_container_is_restarted(twin, tmp_path):
    (made,) = twin.add(pod(containerStatuses=[running()]))
    path = tmp_path / "log"
    path.write_text("a longer line\n")
    twin.logs[("default", made["metadata"]["name"], "user-container", False)] = path
    with twin.begin_kubectl("logs", "-f", made["metadata"]["name"]) as logs:
        assert logs.stdout.readline() == "a longer line\n"
        path.write_text("two\n")  # its older part was moved aside
        assert logs.stdout.readline() == "two\n"
        again = {**running(), "restartCount": 1}
        twin.call(lambda: twin.state.update({**made, "status": {"containerStatuses": [again]}}, status=True))
        assert logs.wait(60) == 0


def test_it_describes_with_the_events_of_an_object(twin):
    made = service(twin)
    about = {"kind": "Service", "apiVersion": "serving.knative.dev/v1", "name": "digits-v3", "namespace": "default"}
    twin.add(
        {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": "digits-v3.1", "namespace": "default"},
            "involvedObject": {**about, "uid": made["metadata"]["uid"]},
            "type": "Normal",
            "reason": "Created",
            "message": "Created Configuration",
            "firstTimestamp": "2026-01-01T00:00:00Z",
            "lastTimestamp": "2026-01-01T00:00:00Z",
            "count": 1,
            "source": {"component": "service-controller"},
        }
    )
    twin.add(pod(containerStatuses=[running()]))

    described = twin.kubectl("describe", "ksvc", "digits-v3")
    assert "Image:  " in described
    assert "service-controller  Created Configuration" in described
    assert "user-container:" in twin.kubectl("describe", "pods")
    assert "Created Configuration" in twin.kubectl("events", "--for", "services.serving.knative.dev/digits-v3")
    row = twin.kubectl("get", "events").splitlines()[1]
    assert row.split()[1:4] == ["Normal", "Created", "service/digits-v3"]
    assert "Status:       Active" in twin.kubectl("describe", "ns", "default")


def test_it_tells_what_there_is_and_what_one_may_do(twin):
    resources = twin.kubectl("api-resources", "--no-headers").splitlines()
    assert ["services", "kservice,ksvc", "serving.knative.dev/v1", "true", "Service"] in map(str.split, resources)
    assert "v1.35" in twin.kubectl("version")
    assert twin.kubectl("api-versions").split()[-1] == "v1"
    assert twin.kubectl("auth", "can-i", "create", "ksvc") == "yes\n"
    assert twin.kubectl("auth", "can-i", "get", "pods", "--subresource=log") == "yes\n"
    assert "no" in twin.kubectl("auth", "can-i", "create", "pods", code=1)
    assert "services.serving.knative.dev" in twin.kubectl("auth", "can-i", "--list")
    assert "twin-admin" in twin.kubectl("auth", "whoami")
    assert "containers" in twin.kubectl("explain", "ksvc.spec.template.spec")
    assert "namespace: default" in twin.kubectl("config", "view", "--minify")
    assert twin.kubectl("get", "--raw", "/readyz") == "ok"
