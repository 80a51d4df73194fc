"""The doctor asks for every right that a deployment uses."""

from poorwill.delivery.doctor import Level, examine


class WithoutCreate:
    """A namespace that is whole, for a caller who may do all but create."""

    is_twin, address, namespace = True, "https://cluster.example", "models"

    def get(self, kind, name, *, namespace=""):
        return {"metadata": {"name": name}}

    def list(self, kind, labels=None):
        return []

    def create(self, review):
        return {"status": {"allowed": review["spec"]["resourceAttributes"]["verb"] != "create"}}


def test_a_caller_who_may_not_create_is_told_what_a_deployment_creates():
    missing = {row.found: row.level for row in examine(WithoutCreate()) if row.check == "rights"}

    assert missing["none to create services.serving.knative.dev"] == Level.FAIL
    assert missing["none to create routes.serving.knative.dev"] == Level.FAIL
    assert missing["none to create configmaps"] == missing["none to create serviceaccounts"] == Level.WARN
