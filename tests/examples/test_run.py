"""`make run` shows answers beside the truth, leaves on Ctrl-C without a word, and leaves no process behind."""

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
WAIT_SECONDS = 60

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


def test_without_a_terminal_it_shows_the_answers_and_ends(tmp_path):
    for _ in range(2):  # the second time the store has the versions, and no new ones are made
        done = subprocess.run(RUN, cwd=tmp_path, capture_output=True, text=True, timeout=WAIT_SECONDS, check=True)

        assert "digits@1 and breast-cancer@1 in store" in done.stdout
        assert "12 of 12 right." in done.stdout
        assert re.search(r"Cold start \d+ ms: interpreter .* first answer", done.stdout)
        assert done.stderr == ""
        assert not is_served(re.search(r"http://[\d.:]+", done.stdout)[0])


@needs_curl
def test_on_a_terminal_its_curl_line_works_until_ctrl_c_ends_it_without_a_word(tmp_path):
    process, terminal = on_a_terminal(tmp_path)
    try:
        shown = read_until(terminal, "explain cold-start --url")
        (asking,) = re.findall(r"^  (curl .*?)\r?$", shown, re.MULTILINE)
        answered = subprocess.run(
            ["bash", "-c", asking], cwd=tmp_path, capture_output=True, text=True, timeout=WAIT_SECONDS, check=True
        )
        url = re.search(r"http://[\d.:]+", asking)[0]
        process.send_signal(signal.SIGINT)

        assert process.wait(WAIT_SECONDS) == 0
        assert '"data":[7]' in answered.stdout
        assert not is_served(url)
        assert read_rest(terminal).split() in ([], [url])
    finally:
        process.terminate()
        process.wait()
        os.close(terminal)


def test_ctrl_c_before_it_is_ready_ends_it_without_a_word(tmp_path):
    process = subprocess.Popen(RUN, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        while not (tmp_path / "store").exists():  # a push has begun
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=WAIT_SECONDS)

        assert (process.returncode, output, errors) == (130, "", "")
    finally:
        process.terminate()
        process.wait()


def test_a_window_that_is_closed_ends_the_server_too(tmp_path):
    process, terminal = on_a_terminal(tmp_path)
    try:
        url = re.search(r"http://[\d.:]+", read_until(terminal, "explain cold-start --url"))[0]
        assert is_served(url)
        process.send_signal(signal.SIGHUP)

        process.wait(WAIT_SECONDS)
        assert not is_served(url)
    finally:
        process.terminate()
        process.wait()
        os.close(terminal)


def test_a_port_that_is_taken_makes_it_use_another(tmp_path):
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", 8080))
            taken.listen()
        except OSError:
            pass  # somebody else has it, which is as good
        done = subprocess.run(RUN, cwd=tmp_path, capture_output=True, text=True, timeout=WAIT_SECONDS, check=True)

    assert "served at http://127.0.0.1:" in done.stdout
    assert "http://127.0.0.1:8080" not in done.stdout
