from poorwill.kinds.autoscaling import Autoscaling
from poorwill.local.scaling.defaults import KNATIVE
from poorwill.local.scaling.policy import policy
from poorwill.local.scaling.standing import first_standing
from poorwill.local.scaling.to_zero import Seen, settle

RULES = policy(Autoscaling(target_burst_capacity=0.0), KNATIVE, reachable=True)


def test_the_activator_counts_as_in_the_path_until_a_pod_is_ready():
    woken = settle(RULES, first_standing(RULES, None, 100.0), Seen(wanted=1, excess_burst=0, ready=0), 105.0)
    served = settle(RULES, woken, Seen(wanted=1, excess_burst=0, ready=1), 106.0)

    assert (woken.proxied, woken.backed_since) == (False, 100.0)
    assert (served.proxied, served.backed_since) == (False, None)


def test_a_revision_may_sleep_once_it_was_active_for_its_whole_window():
    served = settle(RULES, first_standing(RULES, None, 100.0), Seen(wanted=1, excess_burst=0, ready=1), 100.0)
    idle = Seen(wanted=0, excess_burst=0, ready=1)

    assert settle(RULES, served, idle, 100.0 + 59.9).desired == 1
    assert settle(RULES, served, idle, 100.0 + 60.0).desired == 0
