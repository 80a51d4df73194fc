"""Nobody gets in without the token, no web page with it, and nobody learns from what others sent."""

import http.client
import logging
import socket
import ssl
import stat

import pytest

from poorwill.local.access import access
from tests.local.api.client import connection, send
from tests.local.api.objects import CONFIG_MAPS_PATH, config_map

SECRET = "s3cr3t-canary"


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer wrong", "Basic d3Jvbmc=", "Bearer \xff"])
@pytest.mark.parametrize("path", ["/", "/api", "/version", "/openapi/v3", "/healthz", CONFIG_MAPS_PATH, "/nothing"])
def test_without_the_token_every_path_is_shut(twin, path, authorization):
    status, _, answer = send(twin, "GET", path, Authorization=authorization)

    assert (status, answer["reason"], answer["message"]) == (401, "Unauthorized", "Unauthorized")


def test_a_token_that_only_begins_right_is_wrong(twin):
    for token in (twin.token[:-1], twin.token + "x", twin.token.upper()):
        assert send(twin, "GET", "/api", Authorization=f"Bearer {token}")[0] == 401


def test_whether_it_runs_is_open_to_all(twin):
    status, _, answer = send(twin, "GET", "/livez", Authorization=None)

    assert (status, answer) == (200, b"ok")


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1:1", "localhost", "127.0.0.1.evil:{port}", ""]
)
def test_a_foreign_host_is_refused_with_the_token_too(twin, host):
    for path in ("/livez", CONFIG_MAPS_PATH):
        assert send(twin, "GET", path, Host=host.format(port=twin.port))[0] in {400, 403}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
def test_its_own_names_are_taken(twin, host):
    assert send(twin, "GET", CONFIG_MAPS_PATH, Host=f"{host}:{twin.port}")[0] == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://127.0.0.1", ""])
def test_a_web_page_is_refused_with_the_token_too(twin, origin):
    assert send(twin, "GET", CONFIG_MAPS_PATH, Origin=origin)[0] == 403
    assert send(twin, "OPTIONS", CONFIG_MAPS_PATH, Origin=origin)[0] == 403


def test_it_speaks_nothing_but_tls(twin):
    with connection(twin, plain=True) as opened:
        opened.request("GET", "/livez")
        with pytest.raises((http.client.HTTPException, ConnectionError)):
            opened.getresponse()


def test_only_its_own_authority_vouches_for_it(twin):
    context = ssl.create_default_context()
    with socket.create_connection(("127.0.0.1", twin.port)) as raw, pytest.raises(ssl.SSLCertVerificationError):
        context.wrap_socket(raw, server_hostname="127.0.0.1")


def test_it_listens_on_loopback_alone(twin):
    hosts = {address[0] for address in twin.api._runner.addresses}

    assert hosts == {"127.0.0.1"}


def test_a_body_over_the_limit_is_refused(twin):
    status, _, answer = send(twin, "POST", CONFIG_MAPS_PATH, config_map(x="y" * (3 * 1024 * 1024)))

    assert (status, answer["reason"]) == (413, "RequestEntityTooLarge")
    assert send(twin, "POST", CONFIG_MAPS_PATH, config_map(x="y" * (1024 * 1024)))[0] == 201


NAMED = '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"%s}%s}'


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (f'{{"apiVersion": "v1", "data": {{"{SECRET}": ', "application/json"),
        (f'{{"apiVersion": "{SECRET}", "kind": "{SECRET}", "metadata": {{"name": "a"}}}}', "application/json"),
        (NAMED.replace('"a"', f'"{SECRET} A"') % ("", ""), "application/json"),
        (NAMED % (f', "labels": "{SECRET}"', ""), "application/json"),
        (NAMED % ("", f', "data": {{"a": ["{SECRET}"]}}'), "application/json"),
        (NAMED % ("", f', "data": "{SECRET}"'), "application/json"),
        (f"a: &a [{SECRET}]\nb: *a\n", "application/yaml"),
        (f"!!python/object/apply:os.system ['{SECRET}']", "application/yaml"),
        (f"k8s\x00\x0a\x7f{SECRET}", "application/vnd.kubernetes.protobuf"),
        (SECRET, f"application/{SECRET}"),
    ],
)
def test_a_refusal_tells_nothing_of_what_was_sent(twin, caplog, capfd, body, media_type):
    caplog.set_level(logging.DEBUG)

    status, headers, answer = send(twin, "POST", CONFIG_MAPS_PATH, body, Content_Type=media_type, X_Canary=SECRET)

    assert 400 <= status < 500, answer
    assert answer["kind"] == "Status"
    told = f"{answer} {headers} {caplog.text} {capfd.readouterr()}"
    assert SECRET not in told


def test_a_failure_of_its_own_tells_nothing_either(twin, caplog):
    def broken(*_, **__):
        raise RuntimeError(SECRET)

    twin.api._writes._admit = broken
    status, _, answer = send(twin, "POST", CONFIG_MAPS_PATH, config_map(x=SECRET))

    assert (status, answer["reason"]) == (500, "InternalError")
    assert SECRET not in f"{answer} {caplog.text}"
    assert "a request failed: RuntimeError at" in caplog.text


def test_what_opens_the_api_is_closed_to_others_and_stays(tmp_path):
    first = access(tmp_path / "twin", 1234)
    kept = {path.name: path.read_bytes() for path in (tmp_path / "twin").iterdir()}
    second = access(tmp_path / "twin", 1234)

    files = list((tmp_path / "twin").iterdir())
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert {path.name: path.read_bytes() for path in files} == kept
    assert (first.token, first.kubeconfig) == (second.token, second.kubeconfig)
    assert stat.S_IMODE((tmp_path / "twin").stat().st_mode) == 0o700


def test_a_broken_certificate_is_made_anew_and_the_token_stays(tmp_path):
    first = access(tmp_path, 1234)
    (tmp_path / "api-server.pem").write_text("broken")

    second = access(tmp_path, 1234)

    assert first.token == second.token
    assert (tmp_path / "api-server.pem").read_text().startswith("-----BEGIN CERTIFICATE")
