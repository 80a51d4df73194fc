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
