"""What a process's environment is made of, in kubelet's order and kubelet's words."""

import base64
from pathlib import Path

import pytest

from poorwill.kinds.kind import CONFIG_MAP, SECRET
from poorwill.local.pods.environment import Place, declared, foreign, placed
from tests.local.pods.conftest import variables

OBJECTS = {
    (CONFIG_MAP, "store"): {"data": {"POORWILL_STORE": "s3://models", "SHARED": "config"}},
    (CONFIG_MAP, "empty"): {},
    (SECRET, "keys"): {"data": {"SHARED": base64.b64encode(b"secret").decode()}},
}
PLACE = Place(Path("/pod/tmp"), Path("/work"), "/bin", "127.0.0.1", 20001, 20002, "127.0.0.1:8090")


def resolved(**container):
    return declared(container, "default", lambda kind, name: OBJECTS.get((kind, name)))


def source(kind, name, key, **more):
    return [{"name": "ONE", "valueFrom": {f"{kind}KeyRef": {"name": name, "key": key, **more}}}]


def test_env_wins_over_env_from_and_a_later_source_over_an_earlier():
    sources = [{"configMapRef": {"name": "store"}}, {"secretRef": {"name": "keys"}}]

    assert resolved(envFrom=sources).values == {"POORWILL_STORE": "s3://models", "SHARED": "secret"}
    assert resolved(envFrom=sources, env=variables(SHARED="mine")).values["SHARED"] == "mine"


def test_a_prefix_stands_before_each_name_of_its_source():
    assert resolved(envFrom=[{"prefix": "A_", "secretRef": {"name": "keys"}}]).values == {"A_SHARED": "secret"}


def test_references_to_earlier_variables_are_expanded():
    env = variables(A="1", B="$(A)/$(A)", C="$$(A)", D="$(LATER)", LATER="2")

    assert resolved(env=env).values == {"A": "1", "B": "1/1", "C": "$(A)", "D": "$(LATER)", "LATER": "2"}


def test_single_keys_come_from_config_maps_and_secrets():
    assert resolved(env=source("configMap", "store", "SHARED")).values == {"ONE": "config"}
    assert resolved(env=source("secret", "keys", "SHARED")).values == {"ONE": "secret"}


def test_the_namespace_is_a_field_that_a_pod_may_be_told():
    env = [{"name": "ONE", "valueFrom": {"fieldRef": {"fieldPath": "metadata.namespace"}}}, *variables(TWO="/$(ONE)")]

    assert resolved(env=env).values == {"ONE": "default", "TWO": "/default"}


@pytest.mark.parametrize(
    ("env", "words"),
    [
        (source("configMap", "away", "A"), 'configmap "away" not found'),
        (source("secret", "away", "A"), 'secret "away" not found'),
        (source("configMap", "store", "A"), "couldn't find key A in ConfigMap default/store"),
        (source("secret", "keys", "A"), "couldn't find key A in Secret default/keys"),
        (source("configMap", "empty", "A"), "couldn't find key A in ConfigMap default/empty"),
    ],
)
def test_what_is_missing_is_named_as_kubelet_names_it(env, words):
    assert resolved(env=env) == ({}, words)


@pytest.mark.parametrize("kind", ["configMap", "secret"])
def test_what_is_optional_may_be_missing(kind):
    names = {"configMap": "store", "secret": "keys"}

    assert resolved(envFrom=[{f"{kind}Ref": {"name": "away", "optional": True}}]) == ({}, "")
    assert resolved(env=source(kind, "away", "A", optional=True)) == ({}, "")
    assert resolved(env=source(kind, names[kind], "A", optional=True)) == ({}, "")


@pytest.mark.parametrize(
    "name",
    [
        "PYTHONPATH",
        "PYTHONSTARTUP",
        "PYTHONUSERBASE",
        "PYTHONNEWS",
        "PYTHONUTF8\n",
        "LD_PRELOAD",
        "LD_LIBRARY_PATH",
        "OPENSSL_CONF",
        "OMP_TOOL_LIBRARIES",
    ],
)
def test_a_variable_that_makes_a_process_load_files_is_refused(name):
    assert foreign({"A": "1", name: "/somewhere"}).startswith(f"{name}: ")


def test_variables_that_load_nothing_are_taken():
    assert foreign(dict.fromkeys(("PYTHONUNBUFFERED", "PYTHONHASHSEED", "PYTHON_VERSION", "LD_SDK_KEY"), "1")) == ""


@pytest.mark.parametrize("name", ["HOME", "TMPDIR", "PATH"])
def test_where_a_process_finds_its_own_files_is_the_twins_to_say(name):
    assert placed({name: "/somewhere"}, {}, PLACE)[name] == placed({}, {}, PLACE)[name]


def test_a_relative_store_is_that_of_the_folder_where_the_twin_was_started():
    def store(url):
        return placed({"POORWILL_STORE": url}, {}, PLACE)["POORWILL_STORE"]

    assert store("./store") == "/work/store"
    assert store("/absolute") == "/absolute"
    assert store("s3://bucket/models") == "s3://bucket/models"


def test_ports_and_address_are_the_pods_own_whatever_was_declared():
    declared_values = {
        "PORT": "8080",
        "POORWILL_METRICS_PORT": "9095",
        "POORWILL_HOST": "0.0.0.0",  # noqa: S104
        "POORWILL_GATEWAY": "example.com:80",
    }
    whole = placed(declared_values, {}, PLACE)

    assert (whole["PORT"], whole["POORWILL_METRICS_PORT"], whole["POORWILL_HOST"]) == ("20001", "20002", "127.0.0.1")
    assert whole["POORWILL_GATEWAY"] == "127.0.0.1:8090"
    assert "POORWILL_METRICS_PORT" not in placed({}, {}, PLACE)
