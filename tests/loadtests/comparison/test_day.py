"""A reckoned day: functions are awake from a request until a while after the last one, and pay for that time alone."""

import pytest

from loadtests.comparison.day import awake, day, functions_bill, monolith_bill
from loadtests.comparison.day_table import Held, day_bars, day_markdown
from loadtests.watch import Prices

PRICES = Prices(usd_per_cpu_hour=0.04, usd_per_gib_hour=0.004)
HELD = Held(models=50, function_mb=50.0, monolith_mb=70.0)


@pytest.mark.parametrize(
    ("arrivals", "spans"),
    [
        ([], []),
        ([10], [(10, 100)]),
        ([10, 99], [(10, 189)]),
        ([200, 10], [(10, 100), (200, 290)]),
    ],
)
def test_a_function_is_awake_until_a_while_after_its_last_request(arrivals, spans):
    assert awake(arrivals, 90) == spans


def test_a_day_is_the_same_each_time():
    assert day(50, 1000) == day(50, 1000)


def test_each_request_of_a_quiet_day_wakes_a_function_for_a_minute_and_a_half():
    found = day(1000, 20)

    assert found.cold_starts == found.requests
    assert found.awake_hours == pytest.approx(found.requests * 90 / 3600)


def test_a_busy_day_keeps_all_awake_while_anybody_asks():
    found = day(2, 200_000)

    assert found.most_awake == 2
    assert 2 * 17 < found.awake_hours < 2 * 18, "nobody asks at night"


def test_a_function_pays_for_its_hours_and_the_monolith_for_all():
    found = day(1, 100_000)

    alone = functions_bill(found, 70.0, PRICES)
    always = monolith_bill(70.0, PRICES)
    assert alone.usd / always.usd == pytest.approx(found.awake_hours / 24)
    assert always.gib_hours == pytest.approx(24 * 70 / 1024)
    assert always.usd == pytest.approx(24 * (0.125 * 0.04 + 128 / 1024 * 0.004))


def test_what_holds_more_than_the_least_pays_for_half_as_much_again():
    assert monolith_bill(1024.0, PRICES).usd == pytest.approx(24 * (0.125 * 0.04 + 1.5 * 0.004))


def test_heavier_models_weigh_on_the_monolith_all_at_once():
    rows = [line for line in day_markdown(HELD, PRICES).splitlines() if "100 MB heavier" in line]
    bars = {bar.name: bar.parts for bar in day_bars(HELD, PRICES) if "100 MB heavier" in bar.parts}

    assert len(rows) == 4
    always = {parts["100 MB heavier"] for name, parts in bars.items() if name.startswith("monolith")}
    assert always == {monolith_bill(70.0 + 50 * 100, PRICES).usd}
