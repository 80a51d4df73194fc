"""Small configuration maps, as managers write them: few keys and values, so that they meet."""

from hypothesis import strategies as st

KEYS = ("a", "b", "c")
VALUES = st.sampled_from(("1", "2"))
FINALIZERS = st.lists(st.sampled_from(("x.y/k", "x.y/l", "x.y/m")), unique=True)


def config(data, labels=None, finalizers=None):
    metadata = {"name": "it", "namespace": "default"}
    metadata |= {"labels": labels} if labels else {}
    metadata |= {"finalizers": finalizers} if finalizers else {}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, **({"data": data} if data else {})}


def configs(keys=KEYS):
    some = st.dictionaries(st.sampled_from(keys), VALUES)
    return st.builds(config, some, some, FINALIZERS)
