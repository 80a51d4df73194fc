"""Which of two engines opens a bucket: both pass one contract, and only one knows profiles and roles."""

import os

import pytest

from poorwill.store.cloud import CloudStore
from poorwill.store.opening import open_store
from poorwill.store.s3 import S3Store

KEYS = {"AWS_ACCESS_KEY_ID": "somebody", "AWS_SECRET_ACCESS_KEY": "whatever"}


@pytest.fixture
def opened(monkeypatch):
    """Open a bucket with these variables of AWS's and no others."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)

    def call(variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return type(open_store("s3://bucket/prefix"))

    return call


@pytest.mark.parametrize("region", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_a_key_pair_and_a_region_in_variables_are_all_that_the_quick_one_needs(opened, region):
    assert opened(KEYS | {region: "eu-central-1"}) is CloudStore


def test_an_authority_is_not_asked_where_there_is_no_tls(opened):
    plain = {
        "AWS_REGION": "eu-central-1",
        "AWS_CA_BUNDLE": "/etc/ssl/own.pem",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    }

    assert opened(KEYS | plain) is CloudStore


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"AWS_REGION": "eu-central-1"},
        KEYS,
        KEYS | {"AWS_REGION": "eu-central-1", "AWS_CA_BUNDLE": "/etc/ssl/own.pem"},
        KEYS | {"AWS_REGION": "eu-central-1", "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1"},
    ],
    ids=["nothing", "a role", "no region", "an authority of one's own", "an endpoint of S3's own"],
)
def test_whatever_else_there_is_to_go_by_is_for_boto3(opened, variables):
    assert opened(variables) is S3Store
