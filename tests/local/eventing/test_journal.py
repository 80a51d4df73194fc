"""The journal keeps what it said it has, in the order of the calls, and says so when it can't."""

import asyncio
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poorwill.errors import ConflictError, CorruptError, UnavailableError
from poorwill.events.event import Event
from poorwill.local.eventing.event_record import packed, unpacked
from poorwill.local.eventing.journal import DEAD_LETTERS_KEPT, Entry, Journal
from poorwill.local.eventing.letter import DeadLetter, Stage
from tests.local.eventing.grounds import answering, event, ground, running, trigger

ATTRIBUTES = st.one_of(st.text(), st.booleans(), st.integers(-(2**31), 2**31 - 1), st.binary())
OPTIONAL = st.none() | st.text(min_size=1)


@given(
    st.builds(
        Event,
        id=st.text(),
        source=st.text(),
        type=st.text(),
        subject=OPTIONAL,
        time=OPTIONAL,
        datacontenttype=OPTIONAL,
        dataschema=OPTIONAL,
        extensions=st.dictionaries(st.text(), ATTRIBUTES),
        data=st.none() | st.binary(min_size=1),
    )
)
def test_an_event_comes_back_as_it_went_in(one):
    again = unpacked(packed(one))

    assert again == one
    assert [type(value) for value in again.extensions.values()] == [type(value) for value in one.extensions.values()]


async def said(call, *arguments):
    """Call what tells later, and return what it told."""
    told = asyncio.get_running_loop().create_future()
    call(*arguments, lambda result, error: told.set_exception(error) if error else told.set_result(result))
    return await told


async def added(journal, *subscriptions, number=0, due_seconds=0.0):
    entry = Entry()
    letters = journal.add(entry, event(number), subscriptions, due_seconds=due_seconds)
    await said(journal.write, entry)
    return letters


def rows(path, table):
    database = sqlite3.connect(path)
    count = database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - the test's own words
    database.close()
    return count


@running
async def test_letters_come_back_the_longest_due_first_and_not_before_their_time(tmp_path):
    journal = Journal(tmp_path / "j")
    for number, due_seconds in enumerate((30.0, 10.0, 20.0, 99.0)):
        await added(journal, "a", number=number, due_seconds=due_seconds)
    await added(journal, "b", number=9)
    some = await said(journal.load, "a", 50.0, 2)
    every = await said(journal.load, "a", 50.0, 9)
    await journal.close()

    assert ([one.event.id for one in some.letters], some.is_all) == (["e1", "e2"], False)
    assert ([one.event.id for one in every.letters], every.is_all, every.next_due_seconds) == (
        ["e1", "e2", "e0"],
        True,
        99.0,
    )


@running
async def test_an_event_goes_with_the_last_letter_that_waits_for_it(tmp_path):
    journal = Journal(tmp_path / "j")
    first, second = await added(journal, "a", "b")
    entry = Entry()
    entry.remove(first)
    await said(journal.write, entry)
    (left,) = (await said(journal.load, "b", 0.0, 9)).letters
    entry = Entry()
    entry.remove(left)
    await said(journal.write, entry)
    await journal.close()

    assert left.event == second.event
    assert (rows(tmp_path / "j", "deliveries"), rows(tmp_path / "j", "events")) == (0, 0)


@running
async def test_a_letter_may_be_added_postponed_and_removed_in_one_go(tmp_path):
    journal = Journal(tmp_path / "j")
    entries = [Entry() for _ in range(300)]
    for entry in entries:
        (letter,) = journal.add(entry, event(), ["a"], due_seconds=0.0, stage=Stage.REPLY, origin=event(7))
        entry.postpone(letter, 3, 5.0)
    entries[-1].remove(letter)
    await asyncio.gather(*(said(journal.write, entry) for entry in entries))
    loaded = await said(journal.load, "a", 5.0, 999)
    await journal.close()

    assert len(loaded.letters) == 299
    assert {(one.stage, one.attempt, one.origin.id) for one in loaded.letters} == {(Stage.REPLY, 3, "e7")}


@running
async def test_a_tidying_takes_what_came_before_it_and_nothing_that_comes_after(tmp_path):
    journal = Journal(tmp_path / "j")
    await asyncio.gather(added(journal, "gone"), said(journal.keep_only, ["a"]), added(journal, "new"))
    pending = await journal.pending()
    await journal.close()

    assert (pending, rows(tmp_path / "j", "events")) == ({"new": 1}, 1)


@running
async def test_the_last_dead_letters_are_kept(tmp_path):
    journal = Journal(tmp_path / "j")
    entry = Entry()
    for number in range(DEAD_LETTERS_KEPT + 70):
        entry.note(DeadLetter(float(number), "a", f"e{number}", "/s", "t", 500, ""))
    await said(journal.write, entry)
    kept = await journal.dead_letters()
    await journal.close()

    assert [one.id for one in kept] == [f"e{number}" for number in range(70, DEAD_LETTERS_KEPT + 70)]


@running
async def test_numbers_go_on_after_a_restart(tmp_path):
    journal = Journal(tmp_path / "j")
    (first,) = await added(journal, "a")
    await journal.close()
    journal = Journal(tmp_path / "j")
    (second,) = await added(journal, "a")
    await journal.close()

    assert second.event_id > first.event_id


@running
async def test_a_file_that_another_has_or_that_is_none_is_not_taken(tmp_path):
    journal = Journal(tmp_path / "j")
    with pytest.raises(ConflictError, match="the journal of events"):
        Journal(tmp_path / "j")
    await journal.close()
    (tmp_path / "other").write_bytes(b"something else" * 100)
    with pytest.raises(CorruptError, match="move it away"):
        Journal(tmp_path / "other")


@running
async def test_a_full_disk_accepts_nothing_and_what_was_delivered_is_written_later(tmp_path):
    async with ground(tmp_path, trigger()) as one:
        journal = one.eventing._journal
        one.gateway.answers["taker"] = ["hang"]
        await one.accept(event(1))
        await said(journal._call, limited(lambda pages: pages))
        with pytest.raises(UnavailableError, match="room"):
            await one.accept(event(2, data=bytes(1_000_000)))
        status, headers, _ = await one.send(
            headers={"ce-specversion": "1.0", "ce-id": "3", "ce-source": "/s", "ce-type": "asked"},
            data=bytes(1_000_000),
        )
        assert (status, headers["Retry-After"]) == (503, "1")
        await said(journal._call, limited(lambda pages: pages + 1_000_000))
        one.gateway.let_go.set()
        await one.accept(event(4, data=bytes(1_000_000)))
        await one.drained()

        assert one.gateway.counts() == {"e1": 1, "e4": 1}


def limited(most):
    """Give the file so many pages, counted from those that it has."""

    def limit(database):
        pages = database.execute("PRAGMA page_count").fetchone()[0]
        database.execute(f"PRAGMA max_page_count = {most(pages)}").fetchone()

    return limit


@running
async def test_what_cannot_be_written_down_as_delivered_is_written_when_there_is_room(tmp_path):
    async with ground(tmp_path, trigger()) as one:
        one.gateway.answers["taker"] = ["hang", answering(204)]
        await one.accept(event(1))
        fails = iter([True, False])
        do = one.eventing._journal._do

        def failing(calls):
            if all(isinstance(work, Entry) for work, _ in calls) and next(fails, False):
                return [], UnavailableError()
            return do(calls)

        one.eventing._journal._do = failing
        one.gateway.let_go.set()
        await one.drained()

        assert one.gateway.counts() == {"e1": 1}
