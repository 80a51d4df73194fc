"""What is deleted is gone, with all that belonged to it."""

import json


def test_a_version_without_traffic_and_then_the_model_are_deleted_with_all_they_owned(ground):
    ground.deploy("digits@1")
    ground.deploy("digits@2")
    ground.poorwill("split", "digits", "v1=0", "v2=100")

    ground.poorwill("delete", "digits@1", "--yes")
    assert ground.ask(ground.host("rt", "digits")).version == "2"
    ground.kubectl("get", "ksvc", "digits-v1", code=1)
    refused = ground.poorwill("delete", "digits", "--yes", code=73)
    assert "--with-traffic" in refused.stderr
    assert ground.ask(ground.host("rt", "digits")).version == "2"
    ground.poorwill("delete", "digits", "--yes", "--with-traffic")

    for kind in ("ksvc", "rt", "config", "rev"):
        ground.kubectl("wait", "--for=delete", "--timeout=60s", kind, "--all")
        assert json.loads(ground.kubectl("get", kind, "-o", "json").stdout)["items"] == []
