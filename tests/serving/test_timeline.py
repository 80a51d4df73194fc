"""A cold-start report drawn as text shows each phase in its place."""

from poorwill.serving.ledger import Phase, Report
from poorwill.serving.timeline import draw


def test_each_phase_stands_where_it_began_and_is_as_long_as_it_took():
    phases = (Phase("interpreter", 0, 50), Phase("imports", 50, 50), Phase("first_answer", 5000, 2))

    lines = draw(Report(phases, ready_ms=100, first_answer_ms=5002)).splitlines()

    first, second = (line[15:59] for line in lines[:2])
    assert first == "█" * 22 + " " * 22
    assert second == " " * 22 + "█" * 22
    assert "100.0 ms after the process began" in lines[2]
    assert "2.0 ms in the predictor" in lines[3]


def test_a_report_of_a_start_that_is_not_over_can_be_drawn():
    assert "interpreter" in draw(Report((Phase("interpreter", 0, 50),), None, None))
