"""The table that Routes make, and the choice by shares."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from poorwill.local.path.table import Share, Table, bare_host, choose, route_hosts, table
from poorwill.local.revision import RevisionKey

LABEL = st.from_regex(r"[a-z]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)


def route(name, traffic, *, namespace="default", created="2026-01-01T00:00:00Z", url=None):
    return {
        "metadata": {"name": name, "namespace": namespace, "creationTimestamp": created},
        "status": {"url": url or f"http://{name}.{namespace}.poorwill.localhost:8090", "traffic": traffic},
    }


@st.composite
def shares(draw):
    names = draw(st.lists(LABEL, min_size=1, max_size=5, unique=True))
    cuts = sorted(draw(st.lists(st.integers(1, 99), min_size=len(names) - 1, max_size=len(names) - 1, unique=True)))
    edges = [0, *cuts, 100]
    return tuple(
        Share(RevisionKey("default", name), high - low)
        for name, low, high in zip(names, edges[:-1], edges[1:], strict=True)
    )


@given(shares())
def test_of_100_points_each_revision_has_as_many_as_its_percent(given_shares):
    counted = Counter(choose(given_shares, point) for point in range(100))

    assert counted == {share.revision: share.percent for share in given_shares}


@given(LABEL, LABEL, st.integers(0, 65535))
def test_a_host_is_known_whatever_its_case_port_and_last_dot(name, namespace, port):
    known = table(map(route_hosts, [route(name, [{"revisionName": "r", "percent": 100}], namespace=namespace)]))
    host = f"{name}.{namespace}.poorwill.localhost"

    wanted = (Share(RevisionKey(namespace, "r"), 100),)
    assert known.shares(host) == wanted
    assert known.shares(f"{host.upper()}.:{port}") == wanted
    assert known.shares(f"{name}.{namespace}.svc.cluster.local:{port}") == wanted
    assert known.shares(f"{name}.{namespace}") == wanted


@given(st.text())
def test_any_text_can_be_asked_for(host):
    assert Table().shares(host) == ()
    assert bare_host(host) == bare_host(bare_host(host)) or host.count(":") > 1 or host.endswith("..") or "." in host


@given(shares(), st.lists(LABEL, max_size=3, unique=True))
def test_entries_of_one_revision_merge_and_tags_have_hosts_of_their_own(given_shares, tags):
    halves = [
        {"revisionName": share.revision.name, "percent": part}
        for share in given_shares
        for part in (share.percent // 2, share.percent - share.percent // 2)
    ]
    tagged = [
        {"revisionName": f"r-{tag}", "tag": tag, "url": f"http://{tag}-m.default.poorwill.localhost"} for tag in tags
    ]

    made = table(map(route_hosts, [route("m", [*halves, *tagged])]))

    assert set(made.shares("m.default.poorwill.localhost")) == set(given_shares)
    for tag in tags:
        wanted = (Share(RevisionKey("default", f"r-{tag}"), 100),)
        assert made.shares(f"{tag}-m.default.poorwill.localhost") == wanted
        assert made.shares(f"{tag}-m.default.svc") == wanted


def test_a_route_without_resolved_traffic_has_no_host():
    assert table(map(route_hosts, [route("m", []), {"metadata": {"name": "n", "namespace": "default"}}])) == Table({})


def test_of_two_routes_with_one_host_the_older_keeps_it():
    url = "http://same.poorwill.localhost"
    young = route("a", [{"revisionName": "young", "percent": 100}], created="2026-02-01T00:00:00Z", url=url)
    old = route("b", [{"revisionName": "old", "percent": 100}], url=url)

    assert table(map(route_hosts, [young, old])).shares("same.poorwill.localhost")[0].revision.name == "old"


def test_a_route_inside_the_cluster_alone_has_no_other_host():
    inside = route("m", [{"revisionName": "r", "percent": 100}], url="http://m.default.svc.cluster.local")

    assert set(table(map(route_hosts, [inside])).hosts) == {"m.default", "m.default.svc", "m.default.svc.cluster.local"}
