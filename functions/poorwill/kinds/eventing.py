"""The structures of Knative Eventing's kinds: Broker, Trigger, Sequence, JobSink and PingSource, as in release 1.22."""

from msgspec import field

from poorwill.kinds.core import KubernetesObject, ObjectReference
from poorwill.kinds.job import EmbeddedJob
from poorwill.kinds.serving import Addressable, ConditionStatus, Status
from poorwill.kinds.structure import Open, Part


class Reference(Part, frozen=True):
    """Which object of a kind."""

    kind: str = field(default_factory=str)
    namespace: str = ""
    name: str = field(default_factory=str)
    api_version: str = ""


class Destination(Part, frozen=True):
    """Where events go: to an object that has an address, to a URL, or to a path at the object's address."""

    ref: Reference | None = None
    uri: str | None = None
    ca_certs: str | None = field(default=None, name="CACerts")
    audience: str | None = None


class Delivery(Part, frozen=True):
    """How often and when an event is sent again, and where it goes in the end."""

    dead_letter_sink: Destination | None = None
    retry: int | None = None
    timeout: str | None = None
    backoff_policy: str | None = None
    backoff_delay: str | None = None
    retry_after_max: str | None = None
    format: str | None = None


class AppliedPolicy(Part, frozen=True):
    """One policy that holds for an object."""

    api_version: str = field(default_factory=str)
    name: str = field(default_factory=str)


class IdentityStatus(Part, frozen=True):
    """As which service accounts an object sends."""

    service_account_name: str | None = None
    service_account_names: list[str] = field(default_factory=list)


class AddressStatus(Status, frozen=True):
    """Where an object takes events."""

    address: Addressable | None = None
    addresses: list[Addressable] = field(default_factory=list)
    policies: list[AppliedPolicy] = field(default_factory=list)


class BrokerSpec(Part, frozen=True):
    """What a Broker is made with, and how its Triggers deliver."""

    config: Reference | None = None
    delivery: Delivery | None = None


class BrokerStatus(AddressStatus, frozen=True):
    """Where a Broker takes events, and where its dead ones go."""

    dead_letter_sink_uri: str | None = None
    dead_letter_sink_ca_certs: str | None = field(default=None, name="deadLetterSinkCACerts")
    dead_letter_sink_audience: str | None = None


class Broker(KubernetesObject, frozen=True):
    """Takes events, which its Triggers pass on."""

    spec: BrokerSpec = field(default_factory=BrokerSpec)
    status: BrokerStatus | None = None


class AttributeFilter(Part, frozen=True):
    """Which events, by attributes that are equal."""

    attributes: dict[str, str] = field(default_factory=dict)


class EventFilter(Part, frozen=True):
    """Which events: one test of attributes, or others that are joined."""

    all: list["EventFilter"] = field(default_factory=list)
    any: list["EventFilter"] = field(default_factory=list)
    not_: "EventFilter | None" = field(default=None, name="not")
    exact: dict[str, str] = field(default_factory=dict)
    prefix: dict[str, str] = field(default_factory=dict)
    suffix: dict[str, str] = field(default_factory=dict)
    cesql: str = ""


class TriggerSpec(Part, frozen=True):
    """Which events of a Broker go where."""

    broker: str = ""
    broker_ref: Reference | None = None
    filter: AttributeFilter | None = None
    filters: list[EventFilter] = field(default_factory=list)
    subscriber: Destination = field(default_factory=Destination)
    delivery: Delivery | None = None


class TriggerStatus(Status, frozen=True):
    """Where a Trigger's events go, the dead ones too."""

    subscriber_uri: str | None = None
    subscriber_ca_certs: str | None = field(default=None, name="subscriberCACerts")
    subscriber_audience: str | None = None
    dead_letter_sink_uri: str | None = None
    dead_letter_sink_ca_certs: str | None = field(default=None, name="deadLetterSinkCACerts")
    dead_letter_sink_audience: str | None = None
    auth: IdentityStatus | None = None


class Trigger(KubernetesObject, frozen=True):
    """Passes events of a Broker on that it selects."""

    spec: TriggerSpec = field(default_factory=TriggerSpec)
    status: TriggerStatus | None = None


class ChannelTemplate(Part, frozen=True):
    """Which kind of channel lies between two steps."""

    kind: str = ""
    api_version: str = ""
    spec: Open | None = None


class SequenceStep(Destination, frozen=True):
    """One that answers an event with the next step's."""

    delivery: Delivery | None = None


class SequenceSpec(Part, frozen=True):
    """Who answers an event after whom, and where the last answer goes."""

    steps: list[SequenceStep] = field(default_factory=list)
    channel_template: ChannelTemplate | None = None
    reply: Destination | None = None


class ChannelStatus(Part, frozen=True):
    """How one of a Sequence's channels is."""

    channel: ObjectReference
    ready: ConditionStatus


class SubscriptionStatus(Part, frozen=True):
    """How one of a Sequence's subscriptions is."""

    subscription: ObjectReference
    ready: ConditionStatus


class SequenceStatus(Status, frozen=True):
    """Where a Sequence takes events, and how its parts are."""

    address: Addressable | None = None
    addresses: list[Addressable] = field(default_factory=list)
    channel_statuses: list[ChannelStatus] = field(default_factory=list)
    subscription_statuses: list[SubscriptionStatus] = field(default_factory=list)
    auth: IdentityStatus | None = None
    policies: list[AppliedPolicy] = field(default_factory=list)


class Sequence(KubernetesObject, frozen=True):
    """Steps, each of which answers the event that the one before answered with."""

    spec: SequenceSpec = field(default_factory=SequenceSpec)
    status: SequenceStatus | None = None


class JobSinkSpec(Part, frozen=True):
    """The Job that each event starts."""

    job: EmbeddedJob | None = None


class JobSelection(Part, frozen=True):
    """By which labels the Jobs are found."""

    selector: str = ""


class JobSinkStatus(AddressStatus, frozen=True):
    """Where a JobSink takes events, and how its Jobs are found."""

    job: JobSelection | None = None


class JobSink(KubernetesObject, frozen=True):
    """Starts a Job for each event."""

    spec: JobSinkSpec = field(default_factory=JobSinkSpec)
    status: JobSinkStatus | None = None


class EventOverrides(Part, frozen=True):
    """Extension attributes that every event gets."""

    extensions: dict[str, str] = field(default_factory=dict)


class PingSourceSpec(Part, frozen=True):
    """When which event is sent where."""

    sink: Destination = field(default_factory=Destination)
    ce_overrides: EventOverrides | None = None
    schedule: str = ""
    timezone: str = ""
    content_type: str = ""
    data: str = ""
    data_base64: str = ""


class SentAttributes(Part, frozen=True):
    """The type and the source of events that are sent."""

    type: str = ""
    source: str = ""


class PingSourceStatus(Status, frozen=True):
    """Where a PingSource's events go, and what they are."""

    sink_uri: str | None = None
    sink_ca_certs: str | None = field(default=None, name="sinkCACerts")
    sink_audience: str | None = None
    ce_attributes: list[SentAttributes] = field(default_factory=list)
    auth: IdentityStatus | None = None


class PingSource(KubernetesObject, frozen=True):
    """Sends an event at given times."""

    spec: PingSourceSpec = field(default_factory=PingSourceSpec)
    status: PingSourceStatus | None = None
