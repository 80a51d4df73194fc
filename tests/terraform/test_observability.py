"""The dashboard and the alerts ask for metrics and labels that predictors have, and for few of others."""

import json
import re

import pytest
import yaml

from poorwill import telemetry
from tests.terraform.plans import plan_root

EXAMPLE = """
module "observability" {
  source           = "../modules/observability"
  models_namespace = "poorwill"
}
"""
OURS = {
    value for name, value in vars(telemetry).items() if name.isupper() and name.endswith(("SECONDS", "TOTAL", "INFO"))
}
# of prometheus-client's process collector, and of kube-state-metrics
OTHERS = {
    "process_start_time_seconds",
    "process_resident_memory_bytes",
    "kube_deployment_spec_replicas",
    "kube_deployment_status_replicas_available",
}
# of the predictor, of the scrape (namespace, pod), of a histogram, and of kube-state-metrics
LABELS = {"model", "version", "route", "status", "phase", "digest", "namespace", "pod", "le", "deployment"}
METRIC = re.compile(r"\b(?:poorwill|process|kube)_[a-z_]+")
GROUPING = re.compile(r"\b(?:by|on|group_left)\s*\(([^)]*)\)")
MATCHER = re.compile(r"([a-z_]+)\s*(?:=~|!~|!=|=)\s*\"")


@pytest.fixture(scope="module")
def planned(found_terraform, tmp_path_factory):
    """Return what would be made, by kind."""
    if isinstance(found_terraform, str):
        pytest.skip(found_terraform)
    terraform = found_terraform.copied(tmp_path_factory.mktemp("observability"))
    resources = plan_root(terraform, "terraform/example", EXAMPLE)
    objects = [yaml.safe_load(it.after["yaml_body"]) for it in resources if it.type == "kubectl_manifest"]
    return {obj["kind"]: obj for obj in objects}


@pytest.fixture(scope="module")
def dashboard(planned):
    return json.loads(planned["ConfigMap"]["data"]["poorwill.json"])


@pytest.fixture(scope="module")
def expressions(planned, dashboard):
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    told = [rule["expr"] for group in planned["PrometheusRule"]["spec"]["groups"] for rule in group["rules"]]
    return [*asked, *told]


def test_every_metric_that_is_asked_for_is_one_that_is_told(expressions):
    names = {
        re.sub(r"_bucket$", "", name)
        for expression in expressions
        for name in METRIC.findall(re.sub(r'"[^"]*"', '""', expression))
    }

    assert names <= OURS | OTHERS
    assert {
        telemetry.REQUESTS_TOTAL,
        telemetry.REQUEST_SECONDS,
        telemetry.COLD_START_SECONDS,
        telemetry.VERSION_INFO,
    } <= names


def test_every_label_is_one_that_the_metrics_bear(expressions):
    grouped = {name.strip() for text in expressions for names in GROUPING.findall(text) for name in names.split(",")}
    matched = {name for text in expressions for name in MATCHER.findall(text)}

    assert grouped | matched <= LABELS


def test_every_legend_speaks_of_labels_that_its_line_keeps(dashboard):
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            kept = {name.strip() for names in GROUPING.findall(target["expr"]) for name in names.split(",")}
            assert set(re.findall(r"{{(\w+)}}", target["legendFormat"])) <= kept


def test_a_percentile_is_taken_over_a_rate_that_keeps_its_buckets(expressions):
    percentiles = [text for text in expressions if "histogram_quantile" in text]

    assert percentiles
    for text in percentiles:
        assert re.search(r"sum by \([a-z, ]*\ble\) \(rate\([a-z_]+_bucket{", text), text


def test_a_deployment_of_a_version_is_one_that_the_alert_of_lost_wake_ups_looks_at(expressions):
    (text,) = [text for text in expressions if "kube_deployment_spec_replicas" in text]
    pattern = re.search(r'deployment=~"([^"]+)"', text)[1]

    assert re.fullmatch(pattern, "digits-v3-00001-deployment")
    assert not re.fullmatch(pattern, "poorwill-deploy-00001-deployment")
