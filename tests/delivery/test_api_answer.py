"""What the API server of Kubernetes 1.35 with Knative 1.23 answered, as errors that say what to do."""

import pytest

from poorwill.delivery.api_answer import Answer, Asked, Cause, OvertakenError, error_of
from poorwill.errors import ConflictError, DeniedError, NotFoundError, RefusedError, UnavailableError
from poorwill.kinds.kind import ROUTE, Kind

ASKED = Asked("patch", ROUTE, "digits", "models")
WEBHOOK = 'admission webhook "validation.webhook.serving.knative.dev" denied the request: validation failed: '
OVERTAKEN = (
    'Operation cannot be fulfilled on routes.serving.knative.dev "digits": '
    "the object has been modified; please apply your changes to the latest version and try again"
)


def test_a_conflict_names_field_and_manager():
    cause = Cause("FieldManagerConflict", ".spec.traffic", 'conflict with "kubectl-edit" using serving.knative.dev/v1')

    error = error_of(Answer(409, "Apply failed with 1 conflict", causes=(cause,)), ASKED)

    assert type(error) is ConflictError
    assert error.faults[0].where == "Route digits, spec.traffic"
    assert error.faults[0].found == "one that kubectl-edit manages"


def test_an_object_that_changed_meanwhile_is_told_from_a_field_of_somebody_else():
    error = error_of(Answer(409, OVERTAKEN, "routes"), ASKED)

    assert type(error) is OvertakenError
    assert error.exit_code == 73


@pytest.mark.parametrize(
    ("words", "where", "found"),
    [
        ("Traffic targets sum to 90, want 100: spec.traffic", ["spec.traffic"], "Traffic targets sum to 90, want 100"),
        (
            "expected exactly one, got both: spec.traffic[0].configurationName, spec.traffic[0].revisionName",
            ["spec.traffic[0].configurationName, spec.traffic[0].revisionName"],
            "expected exactly one, got both",
        ),
        (
            "expected 0 <= 101 <= 100: spec.traffic[0].percent\nmust not set the field(s): spec.traffic[0].url",
            ["spec.traffic[0].percent", "spec.traffic[0].url"],
            "expected 0 <= 101 <= 100",
        ),
        ("something without a path", ["Route digits"], "something without a path"),
    ],
)
def test_the_webhooks_words_are_told_by_field(words, where, found):
    error = error_of(Answer(400, WEBHOOK + words), ASKED)

    assert isinstance(error, RefusedError)
    assert [fault.where for fault in error.faults] == where
    assert error.faults[0].found == found
    assert error.faults[0].wanted == "what validation.webhook.serving.knative.dev takes"


def test_a_field_that_the_kind_does_not_have_is_refused_by_its_path():
    untyped = "failed to create typed patch object (/digits; serving.knative.dev/v1, Kind=Route)"
    words = f"{untyped}: .spec.traffics: field not declared in schema"

    error = error_of(Answer(500, words), ASKED)

    assert isinstance(error, RefusedError)
    assert error.faults[0].where == "spec.traffics"
    assert error.faults[0].found == "field not declared in schema"


def test_causes_by_field_are_told_one_by_one():
    causes = (Cause("FieldValueInvalid", "metadata.name", "Invalid value"), Cause("x", "spec.a", "Required value"))

    error = error_of(Answer(422, "Route is invalid", causes=causes), ASKED)

    assert [(fault.where, fault.found) for fault in error.faults] == [
        ("metadata.name", "Invalid value"),
        ("spec.a", "Required value"),
    ]


@pytest.mark.parametrize(
    ("about", "wanted", "advice"),
    [
        ("namespaces", "one that exists", "kubectl create namespace models"),
        ("routes", "one that exists", "poorwill status"),
        ("", "an API that serves routes.serving.knative.dev", "install Knative Serving"),
    ],
)
def test_what_is_missing_is_told_apart(about, wanted, advice):
    error = error_of(Answer(404, "not found", about), ASKED)

    assert isinstance(error, NotFoundError)
    assert error.faults[0].wanted == wanted
    assert advice in error.faults[0].next


def test_a_missing_right_is_named_by_verb_and_resource():
    error = error_of(Answer(403, 'routes.serving.knative.dev "digits" is forbidden: User "jane" cannot patch'), ASKED)

    assert isinstance(error, DeniedError)
    assert error.exit_code == 77
    assert error.faults[0].wanted == "the right to patch routes.serving.knative.dev"
    assert "jane" not in str(error)


def test_a_right_to_create_that_is_missing_is_told_as_that():
    words = 'routes.serving.knative.dev is forbidden: User "jane" cannot create resource "routes" in API group'

    error = error_of(Answer(403, words), ASKED)

    assert error.faults[0].wanted == "the right to create routes.serving.knative.dev"


def test_a_policy_that_refuses_is_told_in_its_own_words_and_not_as_a_missing_right():
    words = 'admission webhook "validate.kyverno.svc" denied the request: images need a digest'

    error = error_of(Answer(403, words), ASKED)

    assert isinstance(error, RefusedError)
    assert error.faults[0].found == "images need a digest"
    assert error.faults[0].wanted == "what validate.kyverno.svc takes"


def test_a_quota_is_no_missing_right():
    error = error_of(Answer(403, "is forbidden: exceeded quota: small, requested: pods=1"), ASKED)

    assert "quota: small" in error.faults[0].found
    assert "larger quota" in error.faults[0].next


def test_a_kind_of_the_core_group_is_named_without_one():
    error = error_of(Answer(403, "forbidden"), Asked("get", Kind("", "v1", "Pod", "pods/log"), "p", "models"))

    assert error.faults[0].wanted == "the right to get pods/log"


@pytest.mark.parametrize("code", [429, 500, 503])
def test_a_cluster_in_trouble_is_unavailable(code):
    assert isinstance(error_of(Answer(code, "etcdserver: leader changed"), ASKED), UnavailableError)


def test_credentials_that_are_refused_are_denied():
    assert isinstance(error_of(Answer(401, "Unauthorized"), ASKED), DeniedError)
