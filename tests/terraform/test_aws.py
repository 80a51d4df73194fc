"""Storage and image registry are applied by the real provider to moto's server, and their policies evaluated."""

import boto3
import pytest

from tests.terraform import pod_identity
from tests.terraform.applied import ACCOUNT, BUCKET, BUCKET_ARN, BY_TLS, NODE, REGION, ROOT, applied
from tests.terraform.configuration import PROJECT
from tests.terraform.iam import Request, decide

pytestmark = pytest.mark.e2e

MODEL = f"{BUCKET_ARN}/models/digits/versions/1.json"
RESOURCES = (BUCKET_ARN, MODEL, f"{BUCKET_ARN}/*", "*", f"arn:aws:s3:{REGION}:{ACCOUNT}:accesspoint/a")
OTHERS = ("arn:aws:s3:::shop", "arn:aws:s3:::shop/models/1.json", f"{BUCKET_ARN}-2", f"{BUCKET_ARN}-2/models/1.json")
OTHER_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/other"
BY_S3 = {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}
WITH_KEY = "s3:x-amz-server-side-encryption-aws-kms-key-id"
ENCRYPTED = "s3:x-amz-server-side-encryption"
READING_CALLS = ("Get", "Head", "List", "SelectObjectContent")
# rights that have no call's name
MORE_WRITES = (
    "BypassGovernanceRetention",
    "DeleteObjectVersion",
    "DeleteObjectVersionTagging",
    "InitiateReplication",
    "ObjectOwnerOverrideToBucketOwner",
    "PutAccelerateConfiguration",
    "PutAnalyticsConfiguration",
    "PutBucketPublicAccessBlock",
    "PutEncryptionConfiguration",
    "PutIntelligentTieringConfiguration",
    "PutInventoryConfiguration",
    "PutLifecycleConfiguration",
    "PutMetricsConfiguration",
    "PutObjectVersionAcl",
    "PutObjectVersionTagging",
    "PutReplicationConfiguration",
    "ReplicateDelete",
    "ReplicateObject",
    "ReplicateTags",
)
POD = {
    "aws:RequestTag/eks-cluster-name": "shop",
    "aws:RequestTag/kubernetes-namespace": "poorwill",
    "aws:RequestTag/kubernetes-service-account": "poorwill-predictor",
}


@pytest.fixture(scope="module")
def whole(found_terraform, moto, tmp_path_factory):
    """Apply both modules once for all tests of this file."""
    if isinstance(found_terraform, str):
        pytest.skip(found_terraform)
    pod_identity.teach_moto()
    return applied(found_terraform, moto, tmp_path_factory.mktemp("aws"))


def writes():
    """Return every call of S3 that does not read, and the rights beside calls."""
    calls = boto3.session.Session().client("s3", region_name=REGION).meta.service_model.operation_names
    changing = {name for name in calls if not name.startswith(READING_CALLS)}
    return [f"s3:{name}" for name in sorted({*changing, *MORE_WRITES})]


def written(whole, kind):
    """Return which of S3's writes are allowed anywhere in the bucket."""
    return {act for act in writes() for resource in RESOURCES if whole.decided(kind, act, resource) == "allow"}


def put(whole, body):
    """Put an object past the bucket's policy, which moto takes for denied all: it knows no conditions."""
    s3 = whole.client("s3")
    s3.delete_bucket_policy(Bucket=BUCKET)
    return s3.put_object(Bucket=BUCKET, Key="models/digits/index.json", Body=body)


def test_a_second_plan_is_empty(whole):
    code, said = whole.tried("plan", "-detailed-exitcode")

    assert code == 0, said


def test_each_service_account_has_the_role_of_its_kind(whole):
    bound = {it["serviceAccount"]: it for it in pod_identity.associations.values()}

    assert {name: it["roleArn"].rsplit("-", 1)[1] for name, it in bound.items()} == {
        "poorwill-predictor": "reader",
        "poorwill-deploy": "writer",
        "poorwill-pipeline": "writer",
    }
    assert {(it["clusterName"], it["namespace"]) for it in bound.values()} == {("shop", "poorwill")}
    assert set(whole.outputs["storage"]["service_accounts"]) == set(bound)


def test_a_reader_lists_gets_and_decrypts(whole):
    assert whole.decided("reader", "s3:ListBucket", BUCKET_ARN) == "allow"
    assert whole.decided("reader", "s3:GetObject", MODEL) == "allow"
    assert whole.decided("reader", "kms:Decrypt", whole.key, BY_S3) == "allow"


def test_a_reader_writes_in_no_way(whole):
    assert {"s3:PutObject", "s3:DeleteObject", "s3:DeleteBucket", "s3:PutBucketPolicy"} <= set(writes())
    assert written(whole, "reader") == set()
    assert whole.decided("reader", "kms:GenerateDataKey", whole.key, BY_S3) == "implicit deny"


def test_a_writer_puts_gets_lists_and_deletes(whole):
    assert whole.decided("writer", "s3:ListBucket", BUCKET_ARN) == "allow"
    for action in ("s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:AbortMultipartUpload"):
        assert whole.decided("writer", action, MODEL) == "allow", action
    for action in ("kms:GenerateDataKey", "kms:Decrypt"):
        assert whole.decided("writer", action, whole.key, BY_S3) == "allow", action


def test_a_writer_deletes_nothing_for_good_and_leaves_the_bucket_as_it_is(whole):
    assert written(whole, "writer") == {"s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"}


@pytest.mark.parametrize("kind", ["reader", "writer"])
def test_no_other_bucket_is_reached(whole, kind):
    actions = ("s3:ListBucket", "s3:GetObject", "s3:GetObjectVersion", *writes())

    assert {whole.decided(kind, action, other) for action in actions for other in OTHERS} == {"implicit deny"}


@pytest.mark.parametrize("kind", ["reader", "writer"])
def test_the_key_is_used_by_s3_alone_and_no_other_key_is(whole, kind):
    assert whole.decided(kind, "kms:Decrypt", whole.key) == "implicit deny"
    assert whole.decided(kind, "kms:Decrypt", OTHER_KEY, BY_S3) == "implicit deny"
    assert whole.decided(kind, "kms:ScheduleKeyDeletion", whole.key, BY_S3) == "implicit deny"


@pytest.mark.parametrize("old", [{"aws:SecureTransport": "false"}, {"s3:TlsVersion": "1.1"}])
def test_nobody_is_let_in_without_new_tls(whole, old):
    assert whole.decided("reader", "s3:GetObject", MODEL, BY_TLS | old) == "explicit deny"
    assert whole.decided("writer", "s3:PutObject", MODEL, BY_TLS | old) == "explicit deny"


@pytest.mark.parametrize("other", [{WITH_KEY: OTHER_KEY}, {ENCRYPTED: "AES256"}])
def test_a_put_with_another_key_is_denied(whole, other):
    assert whole.decided("writer", "s3:PutObject", MODEL, BY_TLS | other) == "explicit deny"


def test_a_put_that_names_the_buckets_key_is_allowed(whole):
    named = BY_TLS | {WITH_KEY: whole.key, ENCRYPTED: "aws:kms"}

    assert whole.decided("writer", "s3:PutObject", MODEL, named) == "allow"


@pytest.mark.parametrize(
    "other",
    [
        {"aws:RequestTag/eks-cluster-name": "another"},
        {"aws:RequestTag/kubernetes-namespace": "default"},
        {"aws:RequestTag/kubernetes-service-account": "poorwill-pipeline"},
    ],
)
def test_a_role_is_taken_by_its_accounts_pods_alone(whole, other):
    trust = [whole.trust("reader")]

    for action in ("sts:AssumeRole", "sts:TagSession"):
        assert decide(Request("pods.eks.amazonaws.com", action, "*", POD), [], trust) == "allow"
        assert decide(Request("pods.eks.amazonaws.com", action, "*", POD | other), [], trust) == "implicit deny"
        assert decide(Request("ec2.amazonaws.com", action, "*", POD), [], trust) == "implicit deny"


def test_named_nodes_pull_and_push_nothing(whole):
    policy = [whole.pulled_by(whole.outputs["image_registry"]["images"]["serve"].split("/", 1)[1])]

    for action in ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"):
        assert decide(Request(NODE, action, "*"), [], policy) == "allow"
        assert decide(Request(f"{NODE}-2", action, "*"), [], policy) == "implicit deny"
    for action in ("ecr:PutImage", "ecr:InitiateLayerUpload", "ecr:BatchDeleteImage", "ecr:SetRepositoryPolicy"):
        assert decide(Request(NODE, action, "*"), [], policy) == "implicit deny"


def test_what_is_put_is_encrypted_with_the_key_and_versioned(whole):
    first, second = put(whole, b"1"), put(whole, b"2")

    assert first["VersionId"] != second["VersionId"]
    assert (first["ServerSideEncryption"], first["SSEKMSKeyId"]) == ("aws:kms", whole.key)


def test_it_goes_with_its_content_and_leaves_nothing(whole):
    put(whole, b"{}")
    before = whole.left()

    whole.terraform.run(ROOT, "destroy", "-auto-approve", "-no-color")

    assert min(map(len, before.values())) >= 1
    assert whole.left() == {kind: [] for kind in before}
    assert pod_identity.associations == {}


def test_a_protected_cluster_is_not_destroyed_nor_anything_around_it(terraform, tmp_path):
    copied = terraform.copied(tmp_path)
    cluster = copied.init("terraform/modules/cluster/aws")
    protection = cluster / "tests/protection.tftest.hcl"
    # its first run alone: what ends it is then a destroy of what is protected
    protection.write_text(protection.read_text().split("# the end of this file", 1)[0])

    code, said = copied.tested("terraform/modules/cluster/aws", "-no-color", "-filter=tests/protection.tftest.hcl")

    assert code == 1
    assert "deletion_protection is true: apply false first, then destroy" in " ".join(said.split())
    assert {"aws_eks_cluster.this", "aws_vpc.this", "aws_kms_key.this", "aws_flow_log.this"} <= {
        line.strip(" -") for line in said.splitlines()
    }


def test_the_regions_of_all_modules_are_the_same():
    texts = {path.read_text() for path in (PROJECT / "terraform/modules").glob("*/aws/regions.tf")}

    assert len(texts) == 1
