"""Any order of pushes, aliases, removals, damages and collections, beside a model of what must be true."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from poorwill.errors import ConflictError, NotFoundError
from poorwill.registry.keys import blob_key, index_key
from poorwill.registry.records import VersionName
from poorwill.registry.registry import Registry
from poorwill.store.folder import FolderStore
from tests import models

NAMES = st.sampled_from(["sums", "pairs"])
FILES = st.sampled_from(["sum", "pair"])
ALIASES = st.sampled_from(["champion", "candidate"])
NUMBERS = st.integers(1, 5)


class RegistryMachine(RuleBasedStateMachine):
    """The model: for each name the digests by number (None: removed), aliases, and which blobs are damaged or gone."""

    @initialize()
    def start(self):
        self.folder = Path(tempfile.mkdtemp())
        self.store = FolderStore(self.folder / "store", create=True)
        self.registry = Registry(self.store)
        self.digests = {"sums": {}, "pairs": {}}
        self.aliases = {"sums": {}, "pairs": {}}
        self.damaged = set()

    def teardown(self):
        shutil.rmtree(self.folder)

    def live(self, name):
        return {number: digest for number, digest in self.digests[name].items() if digest}

    @rule(name=NAMES, file=FILES)
    def push(self, name, file):
        record = self.registry.push(models.write(file, self.folder), name).record

        assert record.version == len(self.digests[name]) + 1
        self.digests[name][record.version] = record.blob.digest
        self.damaged.discard(record.blob.digest)

    @rule(name=NAMES, alias=ALIASES, version=NUMBERS, expected=st.none() | st.integers(0, 5))
    def move(self, name, alias, version, expected):
        wrong = expected is not None and expected != self.aliases[name].get(alias, 0)
        if version not in self.live(name):
            with pytest.raises(NotFoundError):
                self.registry.alias(name, alias, version, expected=expected)
        elif wrong:
            with pytest.raises(ConflictError):
                self.registry.alias(name, alias, version, expected=expected)
        else:
            self.registry.alias(name, alias, version, expected=expected)
            self.aliases[name][alias] = version

    @rule(name=NAMES, version=NUMBERS)
    def remove(self, name, version):
        if version not in self.live(name):
            with pytest.raises(NotFoundError):
                self.registry.remove(name, version)
        elif version in self.aliases[name].values():
            with pytest.raises(ConflictError):
                self.registry.remove(name, version)
        else:
            self.registry.remove(name, version)
            self.digests[name][version] = None

    @rule(name=NAMES, version=NUMBERS, how=st.sampled_from(["changed", "gone"]))
    def damage(self, name, version, how):
        digest = self.live(name).get(version)
        if digest and how == "changed":
            self.store.put(blob_key(digest), b"changed")
        elif digest:
            self.store.delete(blob_key(digest))
        self.damaged |= {digest} if digest else set()

    @rule(name=NAMES)
    def lose_the_index(self, name):
        self.store.delete(index_key(name))

    @rule(grace_seconds=st.sampled_from([0.0, 3600.0]))
    def collect(self, grace_seconds):
        self.registry.gc(grace_seconds=grace_seconds)

        if not grace_seconds:
            named = {blob_key(digest) for name in self.digests for digest in self.live(name).values()}
            assert {entry.key for entry in self.store.list("blobs/")} <= named

    @invariant()
    def every_name_means_what_it_should(self):
        for name, digests in self.digests.items():
            for version, digest in digests.items():
                if digest:
                    assert self.registry.resolve(VersionName(name, version, None)).blob.digest == digest
            for alias, version in self.aliases[name].items():
                assert self.registry.resolve(VersionName(name, None, alias)).version == version

    @invariant()
    def lists_show_what_is_live(self):
        shown = {summary.model: summary for summary in self.registry.models()}

        assert set(shown) == {name for name in self.digests if self.live(name)}
        for name, summary in shown.items():
            assert {entry.version: entry.digest for entry in summary.versions} == self.live(name)
            assert summary.aliases == self.aliases[name]

    @invariant()
    def verify_finds_every_damage_and_no_other(self):
        found = {damage.version for damage in self.registry.verify().damages}

        assert found == {
            f"{name}@{number}"
            for name in self.digests
            for number, digest in self.live(name).items()
            if digest in self.damaged
        }


RegistryMachine.TestCase.settings = settings(max_examples=25, stateful_step_count=25)


class TestRegistry(RegistryMachine.TestCase):
    @pytest.fixture(autouse=True)
    def no_disk(self, monkeypatch):
        monkeypatch.setattr("os.fsync", lambda descriptor: None)
