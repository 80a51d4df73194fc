"""The page that sets the clouds side by side is that of their plans."""

import pytest

from tests.terraform.compare import CLOUDS, PAGE, compared, page, plans
from tests.terraform.plans import Planned
from tests.terraform.providers import Terraform


def test_the_page_is_current(terraform: Terraform):
    text = PAGE.read_text()

    assert page(text, plans(terraform)) == text, "python -m tests.terraform.compare"


@pytest.fixture
def planned(monkeypatch):
    """Return plans of a queue in two clouds, and none in a third."""
    monkeypatch.setattr("tests.terraform.compare.MODULES", {"queue": ("queue",)})
    monkeypatch.setattr("tests.terraform.compare.SETTINGS", {})
    monkeypatch.setattr("tests.terraform.compare.PURPOSES", {"letters": "aws_sqs_queue|google_pubsub_topic"})
    queues = [Planned(f'module.queue.aws_sqs_queue.this["{name}"]', "aws_sqs_queue", {}) for name in ("a", "b")]
    return dict(zip(CLOUDS, [queues, [Planned("module.queue.x.y", "google_pubsub_topic", {})], []], strict=True))


def test_resources_stand_beside_those_of_the_same_purpose(planned):
    assert "| letters | 2 `aws_sqs_queue` | 1 `google_pubsub_topic` | none |" in compared(planned).splitlines()


def test_what_is_the_same_everywhere_is_said_once(planned):
    queues = planned["aws"]

    assert "The same in each cloud: 2 `aws_sqs_queue`." in compared(dict.fromkeys(CLOUDS, queues)).splitlines()


def test_a_type_without_a_purpose_is_told_of(planned):
    planned["azure"] = [Planned("module.queue.x.y", "azurerm_servicebus_queue", {})]

    with pytest.raises(AssertionError, match="wanted a pattern for azurerm_servicebus_queue in PURPOSES"):
        compared(planned)
