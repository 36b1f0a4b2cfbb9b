"""A scratch database answers as a real one does, and forgets what failed."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from model.errors import MissingRecordError
from storage.developments import Developments
from storage.scratch import scratch_database
from tests.builders import NOON, an_article
from tests.storage.test_repositories import a_development

NAMES = ("harbour-fund", "rail-plan")


@pytest.fixture
def scratch():
    with scratch_database() as made:
        with made.begin() as work:
            work.articles.arrive(an_article())
        yield made


def test_what_memory_says_is_what_the_database_says(scratch):
    chance = random.Random(5)
    numbers = []
    for _ in range(60):
        with suppress(RuntimeError), scratch.begin() as work, scratch.savepoint(work):
            moment = NOON + timedelta(hours=chance.randrange(400))
            if numbers and chance.random() < 0.5:
                before = work.developments.get(chance.choice(numbers))
                work.developments.save(replace(before, last_seen_at=moment, headline="again"))
            else:
                name = chance.choice(NAMES)
                fresh = a_development(commitment_id=name, last_seen_at=moment)
                number = work.developments.add(fresh)
                if chance.random() < 0.3:
                    raise RuntimeError("a mistake")
                numbers.append(number)
    with scratch.begin() as work:
        truth = Developments(work._connection)
        for name in NAMES:
            for since in (NOON, NOON + timedelta(hours=200)):
                said = work.developments.recent(name, since, 9)
                assert said == truth.recent(name, since, 9)
                assert said
        for number in numbers:
            assert work.developments.get(number) == truth.get(number)


def test_what_a_failed_step_changed_is_as_it_was(scratch):
    with scratch.begin() as work:
        number = work.developments.add(a_development())
    before = None
    with scratch.begin() as work:
        before = work.developments.get(number)
        with pytest.raises(RuntimeError), scratch.savepoint(work):
            work.developments.save(replace(before, headline="changed", hit_count=7))
            gone = work.developments.add(a_development(headline="never"))
            raise RuntimeError("a mistake")
        assert work.developments.get(number) == before
        assert work.developments.recent("harbour-fund", NOON) == (before,)
        with pytest.raises(MissingRecordError):
            work.developments.get(gone)
