"""How Envoy takes requests: its listener, and what it answers where no function does."""

from typing import Any

import msgspec

from poorwill.errors import Fault, NotFoundError, PoorwillError, UnavailableError, UpstreamError, UpstreamTimeoutError
from poorwill.local.path.headers import OWN
from poorwill.serving.protocol.problem import CONTENT_TYPE, problem

Config = dict[str, Any]

TYPE = "type.googleapis.com/envoy."


def listener(port: int, routes: Config) -> Config:
    """Return the listener on a port of loopback.

    Args:
        port: the activator listens there, too.
        routes: where the table of hosts is read.
    """
    manager = {
        "@type": f"{TYPE}extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "codec_type": "HTTP1",
        "stat_prefix": "poorwill",
        "rds": {"route_config_name": "hosts", "config_source": routes},
        "use_remote_address": True,
        "skip_xff_append": True,
        "server_name": "poorwill",
        "server_header_transformation": "APPEND_IF_ABSENT",
        "preserve_external_request_id": True,
        "request_id_extension": {
            # else it writes into the caller's
            "typed_config": {
                "@type": f"{TYPE}extensions.request_id.uuid.v3.UuidRequestIdConfig",
                "pack_trace_reason": False,
            }
        },
        "stream_idle_timeout": "0s",  # each route has its own
        "http_protocol_options": {"accept_http_10": True, "ignore_http_11_upgrade": [{"safe_regex": {"regex": ".*"}}]},
        "early_header_mutation_extensions": [_without(sorted(OWN))],
        "local_reply_config": _local_replies(),
        "http_filters": [
            {
                "name": "envoy.filters.http.router",
                "typed_config": {
                    "@type": f"{TYPE}extensions.filters.http.router.v3.Router",
                    "suppress_envoy_headers": True,
                },
            }
        ],
    }
    return {
        "name": "requests",
        "address": {"socket_address": {"address": "127.0.0.1", "port_value": port}},
        "enable_reuse_port": True,  # the activator listens beside it
        "filter_chains": [
            {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
        ],
    }


def _without(names: list[str]) -> Config:
    """Return what removes headers before anything reads them."""
    mutation = f"{TYPE}extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation"
    return {
        "name": "envoy.http.early_header_mutation.header_mutation",
        "typed_config": {"@type": mutation, "mutations": [{"remove": name} for name in names]},
    }


def _local_replies() -> Config:
    """Return how Envoy's own answers read: as the activator's do."""
    log = "look at the function's log"
    broke = UpstreamError(Fault("function", "an answer", "a connection that broke", log))
    full = UnavailableError(Fault("revision", "a free place in its queue", "none", "ask again later"))
    nobody = UnavailableError(Fault("revision", "a process that takes requests", "none", "ask again"))
    late = UpstreamTimeoutError(Fault("function", "an answer within the revision's timeouts", "none", log))
    lost = NotFoundError(Fault("path", "one that starts with /", "another", "send an absolute path"))
    return {
        "mappers": [
            # https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/observability/access_log/usage: response flags
            _mapper(broke, "UF", "UC", "UR", "LR", "URX"),
            _mapper(full, "UO"),
            _mapper(nobody, "UH", "NC"),
            _mapper(late, "UT", "SI"),
            _mapper(lost, "NR"),
        ],
        "body_format": _body(PoorwillError(), "%RESPONSE_CODE%"),
    }


def _mapper(error: PoorwillError, *flags: str) -> Config:
    added = dict(problem(error, "").headers)
    return {
        "filter": {"response_flag_filter": {"flags": list(flags)}},
        "status_code": error.status,
        "body_format_override": _body(error, error.status),
        "headers_to_add": [{"header": {"key": key, "value": value}} for key, value in added.items()],
    }


def _body(error: PoorwillError, status: int | str) -> Config:
    said = msgspec.json.decode(problem(error, "%REQ(X-REQUEST-ID):128%").body)
    return {"json_format": said | {"status": status}, "content_type": CONTENT_TYPE}
