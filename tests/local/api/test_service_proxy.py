"""Requests to a Service through the API reach it as they are, but for what authorizes the caller."""

import asyncio
import json

import pytest
from aiohttp import ClientSession, web

from poorwill.local.api.api import Api
from poorwill.local.api.service_proxy import ServiceProxy, called
from poorwill.local.state import State
from tests.conftest import free_ports

HOST = "broker-ingress.knative-eventing.svc.cluster.local"
HOSTS = {("knative-eventing", "broker-ingress"): HOST}
BASE = "/api/v1/namespaces/knative-eventing/services/"


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("broker-ingress/proxy/birds/default", ("broker-ingress", "/birds/default")),
        ("http:broker-ingress:80/proxy/birds/default?x=%2F", ("http:broker-ingress:80", "/birds/default?x=%2F")),
        ("broker-ingress:http/proxy", ("broker-ingress:http", "/")),
    ],
)
def test_a_path_names_a_service_and_what_it_is_asked(path, found):
    assert called(BASE + path)[1:] == found


def test_other_paths_are_none():
    assert called("/apis/serving.knative.dev/v1/namespaces/birds/services/owl") is None
    assert called(f"{BASE}owl/status") is None


def test_a_call_passes_with_its_headers_and_body_and_the_services_own_answer_comes_back(tmp_path):
    seen = []

    async def answer(request):
        seen.append((request.method, request.path_qs, dict(request.headers), await request.read()))
        return web.Response(status=202, headers={"Allow": "POST, OPTIONS"})

    async def run(send):
        service = web.ServerRunner(web.Server(answer))
        await service.setup()
        (port,) = free_ports(1)
        await web.TCPSite(service, "127.0.0.1", port).start()
        state = State(tmp_path / "state.sqlite")
        api = Api(state, token="secret", services=ServiceProxy(port, HOSTS))  # noqa: S106
        try:
            await send(await api.start("127.0.0.1", 0, None))
        finally:
            await api.stop()
            await service.cleanup()
            state.close()

    async def send(port):

        mine = {"Authorization": "Bearer secret", "ce-id": "1", "Content-Type": "application/json"}
        async with ClientSession(f"http://127.0.0.1:{port}", headers=mine) as session:
            path = f"{BASE}http:broker-ingress:80/proxy/birds/default?x=1"
            async with session.post(path, data=b"{}") as told:
                assert (told.status, told.headers["Allow"]) == (202, "POST, OPTIONS")
            async with session.post(f"{BASE}https:broker-ingress/proxy/") as told:
                assert (told.status, json.loads(await told.read())["reason"]) == (404, "NotFound")
            async with session.post(f"{BASE}other/proxy/") as told:
                assert told.status == 404
            async with session.post(path, headers={"Authorization": "Bearer other"}) as told:
                assert told.status == 401

    asyncio.run(run(send))
    ((method, path, headers, body),) = seen
    assert (method, path, body) == ("POST", "/birds/default?x=1", b"{}")
    assert headers["Host"] == HOST
    assert headers["ce-id"] == "1"
    assert "Authorization" not in headers


def test_a_service_that_does_not_answer_is_unavailable(tmp_path):
    async def run():

        (nobody,) = free_ports(1)
        state = State(tmp_path / "state.sqlite")
        api = Api(state, token="secret", services=ServiceProxy(nobody, HOSTS))  # noqa: S106
        try:
            port = await api.start("127.0.0.1", 0, None)
            async with (
                ClientSession(headers={"Authorization": "Bearer secret"}) as session,
                session.post(f"http://127.0.0.1:{port}{BASE}broker-ingress/proxy/") as told,
            ):
                assert told.status == 503
        finally:
            await api.stop()
            state.close()

    asyncio.run(run())
