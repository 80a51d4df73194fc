"""A run's report is one page that needs nothing else, and shows what the limits were held against."""

import re
from html.parser import HTMLParser

import pytest

from loadtests.asked import Outcome
from loadtests.found import Run, found_in, found_whole
from loadtests.limits import Limits, RunLimits, WholeLimits, judge
from loadtests.report import report
from loadtests.timeline import Seen, Timeline
from loadtests.wanted_split import Wanted
from tests.loadtests.asking import asked, many

LIMITS = RunLimits({"infer": Limits(warm_p99_limit_ms=250)}, WholeLimits(split_deviation_limit_percent=5))


class Tags(HTMLParser):
    """Collects what a page is made of, and whether every tag is closed."""

    def __init__(self, page):
        super().__init__()
        self.names, self.open = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.names.append(tag)
        if tag not in {"meta", "circle", "line", "path", "rect"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in {"circle", "line", "path", "rect"}:
            assert self.open.pop() == tag


@pytest.fixture
def run():
    timeline = Timeline()
    timeline.add(Seen(0, {}))
    timeline.add(Seen(1, {"digits@1": 1, "digits@2": 1}, {"digits@1": 0.001, "digits@2": 0.001}))
    requests = [asked(0, 900, start_ms=700), *many(400, begin_seconds=1), *many(40, begin_seconds=2, version="2")]
    wanted = [Wanted(0.5, {"1": 90, "2": 10})]
    return Run([*requests, asked(12, 30, outcome=Outcome.ERROR)], timeline, wanted)


def page_of(run, limits=LIMITS, faults=()):
    judged = judge(limits, found_in(run), found_whole(run))
    return report("Load: <steady>", run, judged, {"commit": "abc<1"}, faults).decode()


def test_a_report_has_no_script_and_no_address(run):
    page = page_of(run)

    assert not re.search(r"https?://|//\w|@import|url\(|<script|<link|<img|\son\w+=", page)
    assert "script" not in Tags(page).names
    assert Tags(page).open == []
    assert "default-src 'none'" in page


def test_a_report_shows_latency_rates_processes_and_the_split_as_figures(run):
    page = page_of(run)

    assert re.findall(r'role="img"><title>(.*?)</title>', page) == [
        "time to answers, warm and cold",
        "right answers a second, kind upon kind",
        "processes, version upon version",
        "split observed against split wanted",
    ]
    assert page.count("<circle") == 2, "the one cold start, and its sign in the key"
    assert "v1 wanted" in page
    assert "v1 observed" in page


def test_a_broken_limit_is_the_verdict(run):
    page = page_of(run)

    assert 'class="verdict fail"' in page
    assert "1 of 6 limits broken: infer: errors" in page
    assert "Load: &lt;steady&gt;" in page


def test_kept_limits_are_the_verdict_too_and_a_fault_of_the_run_goes_before_them(run):
    good = run._replace(asked=run.asked[:-1])

    assert "all 6 limits kept" in page_of(good)
    assert "not as it was meant: no split" in page_of(good, faults=["no split"])


def test_a_run_in_which_nothing_was_asked_is_no_good_one():
    page = page_of(Run([], Timeline()), RunLimits({}))

    assert "nothing was asked" in page
    assert 'class="verdict fail"' in page


def test_few_answers_are_drawn_one_by_one_and_many_models_as_those_awake():
    timeline = Timeline()
    timeline.add(Seen(0, {f"tail-{number:03}@1": 1 for number in range(8)}))
    run = Run([asked(number * 5, 10, model="tail-001") for number in range(6)], timeline, models=20)

    page = page_of(run, RunLimits({"infer": Limits()}))

    assert "warm answer" in page
    assert "p99 warm</span>" not in page
    assert "versions awake, of 20" in page
