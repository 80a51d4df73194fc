"""A container that ends again and again waits as kubelet makes it wait."""

from poorwill.local.pods.backoff import next_wait


def test_the_first_restart_comes_at_once_and_then_the_waits_double_up_to_five_minutes():
    waits = [None]
    for _ in range(8):
        waits.append(next_wait(waits[-1], ran_seconds=1))

    assert waits[1:] == [0, 10, 20, 40, 80, 160, 300, 300]


def test_ten_minutes_without_an_end_begin_anew():
    assert next_wait(300, ran_seconds=600) == 0
    assert next_wait(300, ran_seconds=599) == 300
