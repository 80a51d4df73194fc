"""The order of visits, and what becomes of a peer that fails."""

import sys
from pathlib import Path

import pytest

from loadtests.bench.models import make_small
from loadtests.peers import tour
from loadtests.peers.models import SMALL
from loadtests.peers.rows import OURS, ROWS
from loadtests.peers.tour import Plan, Tour, rotated

FRAMEWORK = "functions-framework"


@pytest.fixture
def small(tmp_path):
    return make_small(tmp_path)


def a_tour(small, folder, *rows):
    return Tour(dict.fromkeys(rows, Path(sys.executable).parent), folder / "store", {SMALL: small}, folder / "served")


def test_each_round_begins_with_the_next_one_and_visits_all():
    assert [rotated("abc", number) for number in range(4)] == [list("abc"), list("bca"), list("cab"), list("abc")]


@pytest.mark.e2e
def test_a_peer_that_fails_is_left_out_with_its_last_words_and_not_visited_again(small, tmp_path, monkeypatch, capsys):
    says = [sys.executable, "-c", "print('no such thing', flush=True)"]
    monkeypatch.setitem(ROWS, FRAMEWORK, ROWS[FRAMEWORK]._replace(command=lambda _: says))
    ours = a_tour(small, tmp_path, FRAMEWORK)

    assert list(ours.visits(Plan(rounds=0, cold=2, seconds=0))) == []
    assert list(ours.faults) == [(SMALL, FRAMEWORK)]
    assert capsys.readouterr().err.count("is left out of small") == 1


@pytest.mark.e2e
def test_a_failure_of_our_own_ends_the_run(small, tmp_path, monkeypatch):
    monkeypatch.setitem(ROWS, OURS, ROWS[OURS]._replace(command=lambda _: [sys.executable, "-c", ""]))

    with pytest.raises(tour.FAILURES):
        list(a_tour(small, tmp_path, OURS).visits(Plan(rounds=0, cold=1, seconds=0)))
