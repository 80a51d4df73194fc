"""What moto's EKS lacks: Pod Identity associations, answered as EKS does, for clusters that nobody has to make."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from moto.core.responses import ActionResult
from moto.eks import urls
from moto.eks.responses import EKSResponse

associations: dict[str, dict[str, Any]] = {}
PATH = "{0}/clusters/(?P<name>[^/]+)/pod-identity-associations"
GIVEN = ("namespace", "serviceAccount", "roleArn")


def _create(response: EKSResponse) -> ActionResult:
    name = f"a-{uuid4().hex[:17]}"
    cluster = response._get_param("name")
    at = f"arn:aws:eks:{response.region}:{response.current_account}:podidentityassociation/{cluster}"
    now = datetime.now(UTC)
    associations[name] = {
        **{field: response._get_param(field) for field in GIVEN},
        "clusterName": cluster,
        "associationArn": f"{at}/{name}",
        "associationId": name,
        "tags": response._get_param("tags"),
        "createdAt": now,
        "modifiedAt": now,
    }
    return ActionResult({"association": associations[name]})


def _describe(response: EKSResponse) -> ActionResult:
    return ActionResult({"association": associations[response._get_param("associationId")]})


def _delete(response: EKSResponse) -> ActionResult:
    return ActionResult({"association": associations.pop(response._get_param("associationId"))})


def teach_moto() -> None:
    """Let a server of moto's that was not yet asked of EKS answer for associations."""
    EKSResponse.create_pod_identity_association = _create
    EKSResponse.describe_pod_identity_association = _describe
    EKSResponse.delete_pod_identity_association = _delete
    urls.url_paths |= dict.fromkeys((f"{PATH}$", f"{PATH}/(?P<associationId>[^/]+)$"), urls.response.dispatch)
