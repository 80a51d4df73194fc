"""`make run` shows what the twin does, leaves on Ctrl-C without a word, and leaves no process behind."""

import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.readme import needs_curl

RUN = [sys.executable, str(Path(__file__).parents[2] / "functions" / "examples" / "run.py")]
WAIT_SECONDS = 180

pytestmark = pytest.mark.e2e


def is_served(url):
    host, port = url.removeprefix("http://").split(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


def read_until(terminal, text):
    seen = ""
    while text not in seen:
        chunk = os.read(terminal, 4096)  # raises OSError when the program ends first
        seen += chunk.decode()
    return seen


def read_rest(terminal):
    seen = b""
    while True:
        try:
            chunk = os.read(terminal, 4096)
        except OSError:  # nobody has the other end open any more
            return seen.decode()
        seen += chunk


def on_a_terminal(folder):
    ours, theirs = pty.openpty()
    process = subprocess.Popen(RUN, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    return process, ours


def curl_line(terminal):
    (asking,) = re.findall(r"^  (curl .*?)\r?$", read_until(terminal, "kubectl get"), re.MULTILINE)
    return asking, "http://127.0.0.1:" + re.search(r"localhost:(\d+)", asking)[1]


def run_in(folder):
    return subprocess.run(RUN, cwd=folder, capture_output=True, text=True, timeout=WAIT_SECONDS, check=True)


def test_without_a_terminal_it_shows_all_of_it_and_ends_also_where_its_port_is_taken(tmp_path):
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", 8090))
            taken.listen()
        except OSError:
            pass  # somebody else has it, which is as good
        done = run_in(tmp_path)

    (url,) = re.findall(r"the twin is up at (http://127[\d.:]+)", done.stdout)
    assert "deploy digits@2 --with sleeps-soon" in done.stdout
    assert "12 of 12 right." in done.stdout
    assert re.search(r"v1  █+ +\d+ % of wanted 70 %", done.stdout)
    assert "both versions sleep: no process is left" in done.stdout
    assert re.search(r"One request wakes version [12], and is answered after \d+ ms", done.stdout)
    assert "deploy: completed" in done.stdout
    assert re.search(r"digits@3 +\w+ +\d +10 %", done.stdout)
    assert "└── run digits-" in done.stdout
    assert done.stderr == ""
    assert url != "http://127.0.0.1:8090"
    assert not is_served(url)


def test_a_second_run_on_a_twin_that_is_up_makes_no_new_versions_and_leaves_it_up(tmp_path):
    poorwill = [sys.executable, "-m", "poorwill"]
    subprocess.run([*poorwill, "up", "--detach", "--port", "0"], cwd=tmp_path, check=True, capture_output=True)
    try:
        first, second = run_in(tmp_path), run_in(tmp_path)

        assert is_served(re.search(r"http://127[\d.:]+", first.stdout)[0])
        assert "name digits@3, version 3" in first.stdout
        assert "name digits@3, version 3" in second.stdout
        assert "digits@4" not in second.stdout
    finally:
        subprocess.run([*poorwill, "down"], cwd=tmp_path, check=True, capture_output=True)


@needs_curl
def test_on_a_terminal_its_curl_line_works_until_ctrl_c_ends_it_without_a_word(tmp_path):
    process, terminal = on_a_terminal(tmp_path)
    try:
        asking, url = curl_line(terminal)
        answered = subprocess.run(
            ["bash", "-c", asking], cwd=tmp_path, capture_output=True, text=True, timeout=WAIT_SECONDS, check=True
        )
        process.send_signal(signal.SIGINT)

        assert process.wait(WAIT_SECONDS) == 0
        assert '"data":[7]' in answered.stdout
        assert not is_served(url)
        assert "Traceback" not in read_rest(terminal)
    finally:
        process.terminate()
        process.wait()
        os.close(terminal)


def test_ctrl_c_in_the_middle_ends_it_without_a_word(tmp_path):
    process = subprocess.Popen(RUN, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        while not (tmp_path / "store").exists():  # the twin is up, and a push has begun
            assert process.poll() is None
        url = f"http://127.0.0.1:{json.loads((tmp_path / '.poorwill' / 'running.json').read_text())['port']}"
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=WAIT_SECONDS)

        assert (process.returncode, output, errors) == (130, "", "")
        assert not is_served(url)
    finally:
        process.terminate()
        process.wait()


def test_a_window_that_is_closed_ends_the_twin_too(tmp_path):
    process, terminal = on_a_terminal(tmp_path)
    try:
        _, url = curl_line(terminal)
        assert is_served(url)
        process.send_signal(signal.SIGHUP)

        process.wait(WAIT_SECONDS)
        assert not is_served(url)
    finally:
        process.terminate()
        process.wait()
        os.close(terminal)
