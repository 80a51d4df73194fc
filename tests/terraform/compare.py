"""Writes docs/clouds.md, the three clouds side by side, from their plans: `python -m tests.terraform.compare`."""

import re
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from tests.terraform.configuration import PROJECT
from tests.terraform.examples import variables
from tests.terraform.plans import Planned, plan_environment
from tests.terraform.providers import Terraform, find
from tests.terraform.tables import written

PAGE = PROJECT / "docs/clouds.md"
BEGIN, END = "<!-- compared -->", "<!-- /compared -->"
BETWEEN = re.compile(f"(?<={re.escape(BEGIN)}\n).*?(?={re.escape(END)})", re.DOTALL)

CLOUDS = {"aws": "AWS", "gcp": "Google Cloud", "azure": "Azure"}
# what an environment calls, under the heading of the module that it belongs to
MODULES = {
    "cluster": ("cluster", "node_scaler"),
    "storage": ("storage",),
    "image-registry": ("image_registry",),
    "platform": ("platform",),
    "observability": ("observability",),
}
# which types of resources are for what; the first that matches holds
PURPOSES = {
    "network": r"aws_(vpc|vpc_.*|subnet|default_security_group|route_table.*)|google_compute_(sub)?network"
    r"|azurerm_(virtual_network|subnet)",
    "the way out": r"aws_(nat_gateway|eip|internet_gateway)|google_compute_router.*"
    r"|azurerm_(nat_gateway.*|public_ip|subnet_nat_gateway_association)",
    "Kubernetes": r"aws_eks_(cluster|addon)|google_container_cluster|azurerm_kubernetes_cluster",
    "nodes": r"aws_(eks_node_group|launch_template|autoscaling_.*)|google_container_node_pool"
    r"|azurerm_kubernetes_cluster_node_pool",
    "bucket": r"aws_s3_.*|google_storage_bucket|azurerm_storage_.*",
    "images": r"aws_ecr_.*|google_artifact_registry_repository|azurerm_container_registry.*",
    "keys": r"aws_kms_.*|google_kms_(key_ring|crypto_key)|azurerm_(key_vault.*|disk_encryption_set)",
    "logs": r"aws_(cloudwatch_log_group|flow_log)|google_logging_.*|google_project_iam_audit_config"
    r"|azurerm_(log_analytics_.*|monitor_.*)",
    "identities and rights": r"aws_(iam_.*|eks_pod_identity_association|eks_access_.*)|google_.*_iam_.*"
    r"|google_(service_account.*|project_service_identity)"
    r"|azurerm_(user_assigned_identity|role_assignment|federated_identity_credential)",
    "manifests in the cluster": r"kubectl_manifest",
    "charts in the cluster": r"helm_release",
    "guards": r"terraform_data|azurerm_management_lock|time_.*",
    "what holds the rest": r"azurerm_resource_group|google_project_service",
}


class Setting(NamedTuple):
    """Where a resource's plan says something: the start of its address in its module, and a path of attributes."""

    address: str
    path: str
    summed: bool = False


# by what it is, in the order of CLOUDS
SETTINGS: dict[str, tuple[Setting | None, ...]] = {
    "version of Kubernetes": (
        Setting("aws_eks_cluster.this", "version"),
        Setting("google_container_cluster.this", "min_master_version"),
        Setting("azurerm_kubernetes_cluster.this", "kubernetes_version"),
    ),
    "who reaches its API from outside": (
        Setting("aws_eks_cluster.this", "vpc_config.public_access_cidrs"),
        Setting("google_container_cluster.this", "master_authorized_networks_config.cidr_blocks.cidr_block"),
        Setting("azurerm_kubernetes_cluster.this", "api_server_access_profile.authorized_ip_ranges"),
    ),
    "always-on machines": (
        Setting("aws_eks_node_group.always_on", "instance_types"),
        Setting('google_container_node_pool.this["always-on', "node_config.machine_type"),
        Setting("azurerm_kubernetes_cluster.this", "default_node_pool.vm_size"),
    ),
    "always-on nodes": (
        Setting("aws_eks_node_group.always_on", "scaling_config.desired_size", summed=True),
        Setting('google_container_node_pool.this["always-on', "node_count", summed=True),
        Setting("azurerm_kubernetes_cluster.this", "default_node_pool.node_count", summed=True),
    ),
    "spot machines": (
        Setting("aws_eks_node_group.spot", "instance_types"),
        Setting('google_container_node_pool.this["spot', "node_config.machine_type"),
        Setting("azurerm_kubernetes_cluster_node_pool.spot", "vm_size"),
    ),
    "spot nodes, at least": (
        Setting("aws_eks_node_group.spot", "scaling_config.min_size", summed=True),
        Setting('google_container_node_pool.this["spot', "autoscaling.total_min_node_count", summed=True),
        Setting("azurerm_kubernetes_cluster_node_pool.spot", "min_count", summed=True),
    ),
    "spot nodes, at most": (
        Setting("aws_eks_node_group.spot", "scaling_config.max_size", summed=True),
        Setting('google_container_node_pool.this["spot', "autoscaling.total_max_node_count", summed=True),
        Setting("azurerm_kubernetes_cluster_node_pool.spot", "max_count", summed=True),
    ),
    "what the cloud has their pods tolerate": (
        Setting("aws_eks_node_group.spot", "taint.key"),
        Setting('google_container_node_pool.this["spot', "node_config.taint.key"),
        Setting("azurerm_kubernetes_cluster_node_pool.spot", "node_taints"),
    ),
    "days of audit logs": (
        Setting("aws_cloudwatch_log_group.control_plane", "retention_in_days"),
        Setting("google_logging_project_bucket_config.audit", "retention_days"),
        Setting("azurerm_log_analytics_workspace.audit", "retention_in_days"),
    ),
    "keys rotate": (
        Setting("aws_kms_key.this", "enable_key_rotation"),
        Setting("google_kms_crypto_key.this", "rotation_period"),
        Setting("azurerm_key_vault_key.this", "rotation_policy.automatic.time_after_creation"),
    ),
    "the bucket is closed to the public": (
        Setting("aws_s3_bucket_public_access_block.this", "restrict_public_buckets"),
        Setting("google_storage_bucket.this", "public_access_prevention"),
        Setting("azurerm_storage_account.this", "allow_nested_items_to_be_public"),
    ),
    "it keeps what is overwritten": (
        Setting("aws_s3_bucket_versioning.this", "versioning_configuration.status"),
        Setting("google_storage_bucket.this", "versioning.enabled"),
        Setting("azurerm_storage_account.this", "blob_properties.versioning_enabled"),
    ),
    "for how many days that is": (
        Setting("aws_s3_bucket_lifecycle", "rule.noncurrent_version_expiration.noncurrent_days"),
        Setting("google_storage_bucket.this", "lifecycle_rule.condition.days_since_noncurrent_time"),
        Setting("azurerm_storage_management_policy", "rule.actions.version.delete_after_days_since_creation"),
    ),
    "an image's tag stays": (
        Setting("aws_ecr_repository.this", "image_tag_mutability"),
        Setting("google_artifact_registry_repository.this", "docker_config.immutable_tags"),
        None,
    ),
}


def plans(terraform: Terraform) -> dict[str, list[Planned]]:
    """Plan each cloud's environment with the variables that its page begins with."""
    first: dict[str, str] = {}
    for example in variables():
        first.setdefault(example.folder, example.text)
    roots = {cloud: f"terraform/environments/{cloud}" for cloud in CLOUDS}
    return {cloud: plan_environment(terraform, root, first[root]) for cloud, root in roots.items()}


def compared(planned: dict[str, list[Planned]]) -> str:
    """Return the tables: what is made, module by module, and how it is set."""
    parts = ["", "## How it is set", "", _row("", *CLOUDS.values()), "|---|---|---|---|"]
    for name, settings in SETTINGS.items():
        pairs = zip(planned.values(), settings, strict=True)
        parts.append(_row(name, *(_set(resources, setting) for resources, setting in pairs)))
    for module, calls in MODULES.items():
        counted = [Counter(it.type for it in resources if _call(it) in calls) for resources in planned.values()]
        parts += ["", f"## {module}", ""]
        parts += _same(counted[0]) if counted[0] == counted[1] == counted[2] else _beside(counted)
    return "\n".join([*parts, "", ""])


def _call(resource: Planned) -> str:
    return re.split(r"[.\[]", resource.address)[1]


def _same(counted: Counter[str]) -> list[str]:
    return [f"The same in each cloud: {_listed(counted, counted)}."]


def _beside(counted: list[Counter[str]]) -> list[str]:
    types = {kind: _purpose(kind) for counter in counted for kind in sorted(counter)}
    rows = [_row("", *CLOUDS.values()), "|---|---|---|---|"]
    for purpose in PURPOSES:
        kinds = [kind for kind, of in types.items() if of == purpose]
        if kinds:
            rows.append(_row(purpose, *(_listed(counter, kinds) for counter in counted)))
    return rows


def _purpose(kind: str) -> str:
    purposes = [purpose for purpose, pattern in PURPOSES.items() if re.fullmatch(pattern, kind)]
    assert purposes, f"wanted a pattern for {kind} in PURPOSES, found none; write one"
    return purposes[0]


def _listed(counter: Counter[str], kinds: Iterable[str]) -> str:
    found = [f"{counter[kind]} `{kind}`" for kind in kinds if counter[kind]]
    return ", ".join(found) or "none"


def _set(resources: list[Planned], setting: Setting | None) -> str:
    """Say in a cell what the plan sets, and where."""
    if setting is None:
        return "none"
    chosen = [it.after for it in resources if setting.address in f".{it.address}".split(".module.")[-1]]
    assert chosen, f"wanted {setting.address} in the plan"
    values = [value for after in chosen for value in _at(after, setting.path.split("."))]
    if setting.summed:
        values = [sum(values)]
    shown = ", ".join(dict.fromkeys(str(it) if isinstance(it, str) else written(it) for it in values)) or "none"
    return f"{shown} (`{setting.path.split('.')[-1]}`)"


def _at(value: Any, path: list[str]) -> list[Any]:
    """Return all values at a path of attributes, through lists."""
    if isinstance(value, list):
        return [found for item in value for found in _at(item, path)]
    if not path:
        return [] if value is None else [value]
    return _at(value.get(path[0]), path[1:]) if isinstance(value, dict) else []


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def page(text: str, planned: dict[str, list[Planned]]) -> str:
    """Return the page's text with the tables of now."""
    return BETWEEN.sub(lambda _: compared(planned), text)


def main() -> None:
    """Write the tables into the page."""
    with tempfile.TemporaryDirectory() as scratch:
        terraform = find(Path(scratch), build=True)
        planned = plans(terraform)
        terraform.attached.close()
    PAGE.write_text(page(PAGE.read_text(), planned))


if __name__ == "__main__":
    main()
