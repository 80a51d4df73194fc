"""What a run leaves: every visit as JSON, and on demand the pages."""

import json

import pytest

from loadtests.peers import publishing
from loadtests.peers.floors import Floors
from loadtests.peers.models import SMALL
from loadtests.peers.report import Comparison
from loadtests.peers.rows import OURS
from loadtests.peers.tour import Visit

RUN = Comparison(
    "today, here:",
    [Visit(SMALL, OURS, 90.0), Visit(SMALL, "fastapi", 400.0)],
    Floors(80.0, {SMALL: 7.0}, None, {SMALL: {"imports": 60.0}}),
    {},
    {(SMALL, "kserve"): "it can't be installed here"},
)


@pytest.fixture
def pages(tmp_path, monkeypatch):
    for name, mark in (("PAGE", "peers"), ("README", "bench")):
        page = tmp_path / "docs" / f"{name}.md"
        page.parent.mkdir(exist_ok=True)
        page.write_text(f"before\n<!-- {mark}:begin -->\nold\n<!-- {mark}:end -->\nafter\n")
        monkeypatch.setattr(publishing, name, page)
    monkeypatch.setattr(publishing, "BUILD", tmp_path)
    monkeypatch.setattr(publishing.environments, "ROOT", tmp_path)
    return tmp_path


def test_every_visit_is_written_and_the_pages_are_left_alone_unless_they_are_asked_for(pages):
    publishing.publish(RUN, keep=False)

    found = json.loads((pages / "result.json").read_text())
    assert [(each["row"], each["cold_ms"]) for each in found["visits"]] == [(OURS, 90.0), ("fastapi", 400.0)]
    assert found["faults"] == [{"model": SMALL, "row": "kserve", "why": "it can't be installed here"}]
    assert "\nold\n" in publishing.PAGE.read_text()


def test_kept_tables_stand_between_the_markers_with_the_picture_beside_the_page(pages, capsys):
    publishing.publish(RUN, keep=True)

    page = publishing.PAGE.read_text()
    assert page.startswith("before\n<!-- peers:begin -->\ntoday, here:\n")
    assert "](peers.svg)" in page
    assert (pages / "docs" / "peers.svg").read_text().startswith("<svg")
    assert "| Poorwill |" in publishing.README.read_text()
    assert "](peers.svg)" not in capsys.readouterr().out
