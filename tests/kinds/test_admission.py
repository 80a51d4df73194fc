"""Every rule refuses its mutant at the path where Knative or the API server refuses it, and nothing that is good."""

import pytest

from poorwill.errors import RefusedError
from poorwill.kinds import admission
from tests.kinds.mutant import GOOD, MUTANTS, good, mutant, stored


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_good_object_is_admitted(path):
    obj = good(path.stem)

    admitted = admission.admit(obj, user="somebody", dry_run=not path.stem.endswith("empty-values"))

    assert admission.admit(admitted, admitted, user="somebody") == admitted


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_good_object_is_stored_as_a_real_cluster_stores_it(path):
    assert admission.default(good(path.stem), user="admin") == stored(path.stem)


@pytest.mark.parametrize("path", MUTANTS, ids=lambda path: path.stem)
def test_a_mutant_is_refused_at_its_path(path):
    told = mutant(path)
    old = admission.admit(told.before, user="creator") if told.update else None
    obj = told.made_from(old or told.before)

    with pytest.raises(RefusedError) as caught:
        admission.admit(obj, old, user="somebody", dry_run=told.only_in_dry_run)

    assert {fault.where for fault in caught.value.faults} == {told.where, *told.also}


def test_a_limit_of_null_is_none():
    obj = good("service")
    container = obj["spec"]["template"]["spec"]["containers"][0]
    container["resources"]["limits"] |= {"cpu": None}

    admitted = admission.admit(obj, user="somebody")

    assert admitted["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"] == {"memory": "512Mi"}
