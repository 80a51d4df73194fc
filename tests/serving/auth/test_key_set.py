"""An issuer's keys are read again when that helps, seldom, and beside the requests."""

import pytest

from poorwill.errors import Fault, UnavailableError, UsageError
from poorwill.serving.auth.key_set import FRESH_SECONDS, PAUSE_SECONDS, KeySet, reader_of
from tests.serving.auth.issuer import published


class Source:
    """Keys whose issuer may be away."""

    def __init__(self, *names):
        self.names, self.reads, self.away, self.now, self.told = set(names), 0, False, 0.0, []
        self.keys = KeySet(
            self.read, lambda _: dict.fromkeys(self.names, "key"), clock=lambda: self.now,
            told=self.told.append, spawn=lambda read: read(),
        )  # fmt: skip

    def read(self):
        self.reads += 1
        if self.away:
            raise UnavailableError(Fault("issuer", "an answer", "none", "wait"))
        return b""


def test_a_new_key_is_found_without_a_restart():
    source = Source("a")
    source.names, source.now = {"a", "b"}, PAUSE_SECONDS

    assert source.keys.get("b") == "key"


def test_unknown_keys_make_the_issuer_asked_once_in_a_while_however_many_there_are():
    source = Source("a")
    source.now = PAUSE_SECONDS

    assert [source.keys.get(f"x{number}") for number in range(100)] == [None] * 100
    assert source.reads == 2


def test_old_keys_are_read_again_and_withdrawn_ones_go():
    source = Source("a", "b")
    source.names, source.now = {"a"}, FRESH_SECONDS

    assert source.keys.get("a") == "key"
    assert source.keys.get("b") is None


def test_keys_stay_in_force_while_the_issuer_is_away_and_that_is_told():
    source = Source("a")
    source.away, source.now = True, FRESH_SECONDS * 9

    assert source.keys.get("a") == "key"
    assert [error.kind for error in source.told] == ["unavailable"]


def test_a_caller_whose_key_is_being_looked_for_is_asked_to_come_again():
    source = Source("a")
    reads = []
    source.keys._spawn = reads.append
    source.now = PAUSE_SECONDS

    with pytest.raises(UnavailableError):
        source.keys.get("b")
    assert source.keys.get("a") == "key", "others do not wait"
    source.names = {"a", "b"}
    reads.pop()()
    assert source.keys.get("b") == "key"


def test_without_any_keys_there_is_no_start():
    source = Source("a")
    source.away = True

    with pytest.raises(UnavailableError):
        KeySet(source.read, lambda _: {})


@pytest.mark.parametrize("url", ["http://issuer.example/jwks", "ftp://issuer.example/jwks"])
def test_keys_are_not_taken_from_where_anybody_could_change_them(url):
    with pytest.raises(UsageError):
        reader_of(url)


def test_keys_come_from_a_url_a_file_or_the_setting_itself(tmp_path):
    (tmp_path / "jwks.json").write_bytes(b'{"keys": []}')
    with published(b'{"keys": []}') as issuer:
        sources = [issuer.url, str(tmp_path / "jwks.json"), '{"keys": []}']

        assert [reader_of(source)() for source in sources] == [b'{"keys": []}'] * 3


def test_an_issuer_that_sends_elsewhere_fails_or_sends_too_much_gives_no_keys(tmp_path):
    with published(b"{}") as other, published(b"{}") as issuer:
        read = reader_of(issuer.url)
        issuer.status, issuer.headers = 302, {"location": other.url}
        with pytest.raises(UnavailableError):
            read()
        issuer.status, issuer.headers = 500, {}
        with pytest.raises(UnavailableError):
            read()
        issuer.status, issuer.body = 200, bytes(1_100_000)
        with pytest.raises(UnavailableError):
            read()
        assert other.asked == 0
    with pytest.raises(UnavailableError):
        read()
    with pytest.raises(UnavailableError):
        reader_of(str(tmp_path / "none"))()
