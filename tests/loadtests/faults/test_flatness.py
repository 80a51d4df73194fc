"""A soak tells a leak from noise."""

import random

from loadtests.faults.flatness import curves, judge, slope_per_hour
from loadtests.faults.limits import read_soak
from loadtests.faults.process_sample import ProcessSample
from loadtests.faults.sampler import Sample

MB = 1 << 20


def values(per_hour=0.0, base=50.0, noise=0.5, outlier=0.0):
    chance = random.Random(1)
    found = [(3.0 * n, base + per_hour * n * 3 / 3600 + chance.uniform(-noise, noise)) for n in range(200)]
    return [*found[:150], (found[150][0], found[150][1] + outlier), *found[151:]]


def samples(leak_mb_per_hour=0.0, descriptors=lambda _: 40, pid=lambda _: 7):
    return [
        Sample(
            100.0 + seconds,
            {"twin": ProcessSample(pid(seconds), memory_mb, memory_mb + 20, descriptors(seconds), 2)},
            3,
            4 * MB,
            10 * MB,
        )
        for seconds, memory_mb in values(leak_mb_per_hour)
    ]


def broken(some):
    return [f"{line.kind}: {line.measure}" for line in judge(curves(some), read_soak()) if not line.kept]


def test_a_slope_is_found_in_noise_and_no_outlier_decides_it():
    assert abs(slope_per_hour(values(100.0)) - 100) < 10
    assert abs(slope_per_hour(values(100.0, outlier=1000.0)) - 100) < 10


def test_what_fills_in_the_first_two_minutes_is_no_slope():
    whole = values(100.0)

    filling = [(seconds, value if seconds >= 120 else seconds / 4) for seconds, value in whole]

    assert slope_per_hour(filling) == slope_per_hour(whole)


def test_too_few_samples_have_no_slope_and_break_their_limit():
    assert slope_per_hour([(0.0, 1.0), (3.0, 1.0)]) is None
    assert "twin: memory, MB an hour" in broken(samples()[:2])


def test_a_flat_soak_keeps_its_limits_and_each_leak_breaks_its_own():
    assert broken(samples()) == []
    assert broken(samples(100.0)) == ["twin: memory, MB an hour"]
    assert broken(samples(descriptors=lambda seconds: 40 + int(seconds / 20))) == ["twin: descriptors, an hour"]
    assert broken(samples(pid=lambda seconds: 7 + (seconds > 300))) == ["processes: ended and were started again"]
