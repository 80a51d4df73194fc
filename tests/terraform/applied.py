"""The AWS modules, applied to a server of moto's, and what came of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3

from tests.conftest import S3Server
from tests.terraform.iam import Request, decide
from tests.terraform.providers import Terraform, run

ROOT = "terraform/environments/applied"
REGION = "eu-central-1"
ACCOUNT = "123456789012"  # moto's
BUCKET = f"shop-{ACCOUNT}-{REGION}"
BUCKET_ARN = f"arn:aws:s3:::{BUCKET}"
NODE = f"arn:aws:iam::{ACCOUNT}:role/shop-{REGION}-node"
SERVICES = ("ecr", "eks", "iam", "kms", "s3", "sts")
BY_TLS = {"aws:SecureTransport": "true", "s3:TlsVersion": "1.3"}


@dataclass(frozen=True)
class Applied:
    """A root with storage and image registry, and the server that it is applied to."""

    terraform: Terraform
    server: S3Server

    def client(self, service: str) -> Any:
        """Return a boto3 client, to look at what was made."""
        return boto3.session.Session().client(
            service,
            endpoint_url=self.server.endpoint,
            aws_access_key_id=self.server.access_key,
            aws_secret_access_key=self.server.secret_key,
            region_name=REGION,
        )

    def tried(self, *arguments: str) -> tuple[int, str]:
        """Run a command that may fail; return its code, and what it printed."""
        terraform = self.terraform
        return run([terraform.binary, *arguments, "-no-color"], terraform.folder / ROOT, terraform.environment)

    @cached_property
    def outputs(self) -> dict[str, Any]:
        """The modules' outputs, by module."""
        shown = self.terraform.run(ROOT, "output", "-json")
        return {name: output["value"] for name, output in json.loads(shown).items()}

    @cached_property
    def identities(self) -> dict[str, list[Any]]:
        """All that the reader's and the writer's role may do: documents by kind."""
        iam, found = self.client("iam"), {}
        for kind in ("reader", "writer"):
            role = f"shop-{REGION}-store-{kind}"
            assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []
            names = iam.list_role_policies(RoleName=role)["PolicyNames"]
            found[kind] = [iam.get_role_policy(RoleName=role, PolicyName=it)["PolicyDocument"] for it in names]
        return found

    @cached_property
    def bucket_policy(self) -> Any:
        """The bucket's own policy."""
        return json.loads(self.client("s3").get_bucket_policy(Bucket=BUCKET)["Policy"])

    @cached_property
    def key(self) -> str:
        """The ARN of the store's key."""
        found: str = self.client("kms").describe_key(KeyId="alias/shop-store")["KeyMetadata"]["Arn"]
        return found

    def trust(self, kind: str) -> Any:
        """Return who may take the reader's or the writer's role."""
        return self.client("iam").get_role(RoleName=f"shop-{REGION}-store-{kind}")["Role"]["AssumeRolePolicyDocument"]

    def pulled_by(self, repository: str) -> Any:
        """Return a repository's own policy."""
        return json.loads(self.client("ecr").get_repository_policy(repositoryName=repository)["policyText"])

    def decided(self, kind: str, action: str, resource: str, context: Mapping[str, str] = BY_TLS) -> str:
        """Return what AWS decides of what the reader or the writer asks for."""
        request = Request(f"arn:aws:iam::{ACCOUNT}:role/shop-{REGION}-store-{kind}", action, resource, context)
        own = resource in {BUCKET_ARN, "*"} or resource.startswith(f"{BUCKET_ARN}/")
        return decide(request, self.identities[kind], [self.bucket_policy] if own else [])

    def left(self) -> dict[str, list[str]]:
        """Return the names of what is there of the modules; a key that waits to be deleted is none."""
        kms = self.client("kms")
        keys = [kms.describe_key(KeyId=it["KeyId"])["KeyMetadata"] for it in kms.list_keys()["Keys"]]
        return {
            "buckets": [it["Name"] for it in self.client("s3").list_buckets()["Buckets"] if it["Name"] == BUCKET],
            "keys": [it["KeyId"] for it in keys if it["KeyState"] != "PendingDeletion"],
            "aliases": [it["AliasName"] for it in kms.list_aliases()["Aliases"] if "shop" in it["AliasName"]],
            "roles": [it["RoleName"] for it in self.client("iam").list_roles()["Roles"]],
            "repositories": [it["repositoryName"] for it in self.client("ecr").describe_repositories()["repositories"]],
        }


def applied(terraform: Terraform, server: S3Server, folder: Path) -> Applied:
    """Apply both modules."""
    copied = terraform.copied(folder)
    (folder / ROOT).mkdir()
    (folder / ROOT / "applied.tf.json").write_text(json.dumps(_root(server)))
    copied.init(ROOT)
    copied.run(ROOT, "apply", "-auto-approve", "-no-color")
    return Applied(copied, server)


def _root(server: S3Server) -> Mapping[str, Any]:
    """Return the root, in Terraform's JSON."""
    store = {"cluster": {"cluster": "shop", "issuer": "https://oidc.test/id/1"}, "delete_with_content": True}
    named = {"name": "shop", "region": REGION, "tags": {"team": "ml"}}
    return {
        "provider": {
            "aws": {
                "region": REGION,
                "access_key": server.access_key,
                "secret_key": server.secret_key,
                "s3_use_path_style": True,
                "skip_metadata_api_check": True,
                "endpoints": [dict.fromkeys(SERVICES, server.endpoint)],
            }
        },
        "module": {
            "storage": {"source": "../../modules/storage/aws", **named, **store},
            "image_registry": {"source": "../../modules/image-registry/aws", **named, "pullers": [NODE]},
        },
        "output": {name: {"value": f"${{module.{name}}}"} for name in ("storage", "image_registry")},
    }
