"""A push with a claim is one version, however often it is done, by how many, and wherever a try of it was killed."""

import itertools

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from poorwill.registry.keys import version_key
from poorwill.registry.push import Claim
from poorwill.registry.registry import Registry
from poorwill.store.folder import FolderStore
from tests import models
from tests.registry.interleaving import DiedError, dying, interleave

CLAIM = Claim("sha256:" + "a" * 64, "sums", "sums-0123456789abcdef", b"{}")
OTHER = CLAIM._replace(key="sha256:" + "b" * 64)
SCHEDULES = st.binary(min_size=70, max_size=70)  # whose turn it is


@pytest.fixture(scope="module", autouse=True)
def no_disk():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", lambda descriptor: None)
        yield


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """Write the sum model."""
    return models.write("sum", tmp_path_factory.mktemp("claims"))


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """Return what makes an empty store."""
    folder, count = tmp_path_factory.mktemp("stores"), itertools.count()
    return lambda: FolderStore(folder / str(next(count)), create=True)


def numbers(store):
    """Return the numbers of all versions, once all are seen to be whole."""
    registry = Registry(store)
    assert registry.verify().damages == ()
    return [entry.version for entry in registry.versions("some").versions]


def test_a_claims_version_says_where_it_came_from(fresh, file):
    store = fresh()

    record = Registry(store).push(file, "some", claim=CLAIM).record

    provenance = record.provenance
    assert (provenance.key, provenance.pipeline, provenance.run) == CLAIM[:3]
    assert store.get(f"blobs/{provenance.statement.digest.replace(':', '/')}").data == b"{}"
    assert msgspec.json.decode(store.get(version_key("some", 1)).data)["provenance"]["key"] == CLAIM.key


def test_a_push_that_is_done_again_is_the_version_that_is_there(fresh, file):
    registry = Registry(store := fresh())
    first = registry.push(file, "some", claim=CLAIM).record
    registry.push(file, "some")  # by hand

    again = registry.push(file, "some", claim=CLAIM).record

    assert again == first
    assert numbers(store) == [1, 2]


def test_another_claim_and_no_claim_are_versions_of_their_own(fresh, file):
    registry = Registry(store := fresh())

    pushed = [registry.push(file, "some", claim=claim).record.version for claim in (CLAIM, OTHER, None, None)]

    assert pushed == numbers(store) == [1, 2, 3, 4]


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("between", [False, True], ids=["at once", "after a push by hand"])
def test_a_push_that_died_at_any_operation_is_taken_up_as_one_version(fresh, file, done, between):
    for at in itertools.count():
        store = fresh()
        Registry(store).push(file, "some")
        try:
            Registry(dying(store, at, done=done)).push(file, "some", claim=CLAIM)
        except DiedError:
            ended = False
        else:
            ended = True
        if between:
            Registry(store).push(file, "some")

        record = Registry(store).push(file, "some", claim=CLAIM).record

        made = [number for number in numbers(store) if _key(store, number) == CLAIM.key]
        assert made == [record.version]
        assert len(numbers(store)) == 2 + between
        if ended:
            break

    assert at > 8, "each of the operations of a push was one to die at"


def _key(store, number):
    provenance = msgspec.json.decode(store.get(version_key("some", number)).data)["provenance"]
    return provenance and provenance["key"]


@settings(max_examples=60)
@given(schedule=SCHEDULES)
def test_of_any_number_that_push_for_one_claim_beside_others_all_make_one_version(fresh, file, schedule):
    store, found = fresh(), []
    claims = [CLAIM, CLAIM, None, OTHER, CLAIM]

    def action(claim):
        return lambda store: found.append((claim, Registry(store).push(file, "some", claim=claim).record.version))

    interleave(store, [action(claim) for claim in claims], schedule)

    assert numbers(store) == [1, 2, 3]
    assert len({version for claim, version in found if claim == CLAIM}) == 1
    assert sorted({version for _, version in found}) == [1, 2, 3]


@settings(max_examples=60)
@given(schedule=SCHEDULES, deaths=st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=2, max_size=2))
def test_two_registrars_that_may_die_and_a_push_by_hand_leave_one_version_of_the_claim(fresh, file, schedule, deaths):
    store = fresh()

    def registrar(death):
        def act(store):
            at, done = death
            try:
                Registry(dying(store, at, done=done)).push(file, "some", claim=CLAIM)
            except DiedError:
                return

        return act

    actions = [*map(registrar, deaths), lambda store: Registry(store).push(file, "some")]
    interleave(store, actions, schedule)
    record = Registry(store).push(file, "some", claim=CLAIM).record

    assert numbers(store) == [1, 2]
    assert [number for number in (1, 2) if _key(store, number) == CLAIM.key] == [record.version]


def test_gc_leaves_a_claim_and_the_statement_of_its_version(fresh, file):
    registry = Registry(store := fresh())
    first = registry.push(file, "some", claim=CLAIM).record

    registry.gc(grace_seconds=0)

    assert registry.push(file, "some", claim=CLAIM).record == first
    assert numbers(store) == [1]
