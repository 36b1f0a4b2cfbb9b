"""What is said of a silence: bounded, and only where we looked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from model.records import Due, Occasion
from model.standing import Watch, standing
from review.claims import Bounds, all_of
from tests.builders import a_commitment

TODAY = date(2026, 11, 24)
DAY = timedelta(days=1)


@dataclass
class Looking:
    since: date | None = TODAY - 400 * DAY
    feeds: int = 33
    answering: int = 31
    good: float = 1.0

    def share(self, days, today):
        return self.good

    def observed(self, first, last):
        return self.good >= 0.8


def said(commitment, looking, *, last_seen=None):
    watch = Watch(since=looking.since, last_seen_on=last_seen, observed_share=looking.good)
    stands = standing(commitment, (), TODAY, watch=watch)
    bounds = Bounds(
        commitment=commitment, standing=stands, watch=watch, looked=looking, today=TODAY
    )
    return all_of(bounds, lambda key, **values: (key, values), lambda day: day.isoformat())


def test_while_it_is_spoken_of_nothing_is_claimed():
    assert said(a_commitment(), Looking(), last_seen=TODAY - DAY) == ()


def test_a_quiet_pledge_is_told_with_its_sources_and_its_day():
    ((key, values),) = said(a_commitment(), Looking())
    assert key == "claim.quiet"
    assert values == {"date": "2026-11-24", "ok": 31, "all": 33}


def test_where_we_did_not_look_we_say_so():
    ((key, values),) = said(a_commitment(), Looking(good=0.4))
    assert key == "claim.unobserved"
    assert values["share"] == 40


def test_a_young_record_claims_nothing():
    ((key, _),) = said(a_commitment(), Looking(since=TODAY - 3 * DAY))
    assert key == "claim.young"
    ((key, _),) = said(a_commitment(), Looking(since=None, good=0.0))
    assert key == "claim.never"


def test_a_date_that_passed_is_claimed_where_we_looked():
    late = a_commitment(due=Due(date="2026-09"))
    keys = [key for key, _ in said(late, Looking(), last_seen=TODAY - DAY)]
    assert keys == ["claim.overdue"]
    keys = [key for key, _ in said(late, Looking(good=0.1), last_seen=TODAY - DAY)]
    assert keys == ["claim.unobserved"]


def test_an_occasion_that_passed_in_silence_is_named():
    occasion = Occasion(name="Summit", date="2026-09-10")
    pledge = a_commitment(occasions=(occasion,))
    spoken = said(pledge, Looking(), last_seen=date(2026, 9, 12))
    assert "claim.occasion" not in [key for key, _ in spoken]
    silent = said(pledge, Looking(), last_seen=date(2026, 9, 1))
    assert (
        "claim.occasion",
        {"name": "Summit", "date": "2026-09-10", "ok": 31, "all": 33},
    ) in silent
    unseen = said(pledge, Looking(good=0.2), last_seen=date(2026, 9, 1))
    assert "claim.occasion_unobserved" in [key for key, _ in unseen]


def test_of_an_occasion_before_we_watched_nothing_is_said():
    pledge = a_commitment(occasions=(Occasion(name="Summit", date="2026-09-10"),))
    young = Looking(since=date(2026, 9, 20))
    assert [key for key, _ in said(pledge, young)] == ["claim.young"]
