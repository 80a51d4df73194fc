"""What docs/load.md keeps of runs."""

from loadtests.found import Found
from loadtests.limits import Judged
from loadtests.load_page import markdown

FOUND = Found(right=1200, wrong=1, warm_p50_ms=4.2, warm_p99_ms=8.6, cold_answers=0, requests_per_second=50.12)


def kept(*limits):
    return {"found": {"infer JSON": FOUND._asdict()}, "limits": [limit._asdict() for limit in limits]}


def test_each_kind_of_request_of_a_run_is_a_row_and_pictures_follow():
    page = markdown({"spike": kept(Judged("a", "b", "<= 1", "1", kept=True))}, ["spike"], "today, two cores")

    assert page.startswith("today, two cores, `make load README=1`:")
    assert "| `spike` | infer JSON | 1,200 | 0, 0, 1 | 50.1 | 4, 9 | 0 | -, - |" in page
    assert "1 limits, all of them kept." in page
    assert "](load-spike.svg)" in page


def test_a_broken_limit_is_named():
    page = markdown({"step": kept(Judged("infer JSON", "wrong", "<= 0", "1", kept=False))}, [], "today")

    assert "1 limits, broken: infer JSON: wrong." in page
