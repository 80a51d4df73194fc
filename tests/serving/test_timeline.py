"""A cold-start report drawn as text shows each phase in its place."""

from poorwill.serving.ledger import Phase, Report, StartPack
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


def test_it_says_what_a_start_pack_saved_or_why_there_was_none():
    used, left = StartPack("", made_ms=15, plain_ms=277), StartPack("none for what this runs on")

    assert draw(Report((), 1.0, None, used)).endswith(
        "used; it saved 262.0 of 277.0 ms of the session when it was made"
    )
    assert draw(Report((), 1.0, None, left)).endswith("start pack   none for what this runs on")
    assert "start pack" not in draw(Report((), 1.0, None))
