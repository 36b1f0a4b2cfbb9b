"""A pledge's year as analysts made it: what the exports, feeds and the API are tested with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from model.records import (
    Clause,
    CommitmentId,
    Decision,
    Due,
    FeedId,
    Language,
    Milestone,
    Outcome,
    Relation,
    Role,
    Saying,
    Setback,
    Tier,
)
from storage.deciding import decide, undo
from storage.unit_of_work import begin
from tests.builders import (
    a_commitment,
    a_development,
    a_feed,
    a_hit,
    a_suggestion,
    a_watchlist,
    an_article,
)

FUND, SCHOOL = CommitmentId("harbour-fund"), CommitmentId("river-school")
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
OPENS = "Harbour Resilience Fund opens its first office"
HOSTILE = "=HYPERLINK(\"https://evil.example\")<script>alert('x')</script>\x07"
WATCHLIST = a_watchlist(
    commitments=(
        a_commitment(
            tags=("coast",),
            titles=(
                (Language.CHINESE_SIMPLIFIED, "港口基金"),
                (Language.CHINESE_TRADITIONAL, "港口基金會"),
            ),
            promisor=("Ministry of Ports", "=SUM(A1)"),
            counterparties=("Coastal towns",),
            said=(Saying(date="2026-01-10", by="The minister", where="Dakar"),),
            clauses=(
                Clause(id="office", text="It opens.", done_when="It is open."),
                Clause(id="grants", text="It pays.", done_when="All are paid.", target=20),
            ),
            due=Due(date="2027", inferred=True),
        ),
        a_commitment(id=SCHOOL, title="River school", tags=("river",)),
    ),
    feeds=(a_feed(tier=Tier.B), a_feed(id=FeedId("daily"), title="Daily")),
)


def on(days):
    return START + timedelta(days=days)


class Year:
    """Adds developments and decisions, day by day."""

    def __init__(self, database, watchlist=WATCHLIST):
        self.database, self.watchlist, self.number = database, watchlist, 0
        with begin(database) as work:
            work.feeds.ensure(watchlist.feeds, START)
            work.commit()

    def find(self, days, *, title="Fund opens", commitment_id=FUND, hits=1, **told):
        """Store a development found on a day; return its number."""
        suggested = a_suggestion(**{"event_date": on(days).date().isoformat()} | told)
        number = None
        with begin(self.database) as work:
            for _ in range(hits):
                self.number += 1
                _, article_id = work.articles.arrive(
                    an_article(
                        number=self.number,
                        title=title,
                        published_at=on(days),
                        fetched_at=on(days),
                    )
                )
                hit = work.hits.add(
                    a_hit(
                        article_id=article_id,
                        commitment_id=commitment_id,
                        suggestion=suggested,
                        found_at=on(days),
                    )
                )
                if number is None:
                    number = work.developments.add(
                        a_development(
                            commitment_id=commitment_id,
                            lead_article_id=article_id,
                            headline=title,
                            relation=suggested.relation,
                            milestone=suggested.milestone,
                            setback=suggested.setback,
                            stage=suggested.stage,
                            event_date=suggested.event_date,
                            hit_count=hits,
                            first_seen_at=on(days),
                            last_seen_at=on(days),
                        )
                    )
                work.hits.place(hit, number)
            work.commit()
        return number

    def poll(self, days, feed="example-world"):
        """Note an hour of polling."""
        with begin(self.database) as work:
            at = on(days)
            work.coverage.record(
                FeedId(feed), at, answered=True, articles=1, covers_until=at + timedelta(hours=6)
            )
            work.commit()

    def decide(self, days, number, outcome=Outcome.CONFIRMED, actor="local:ann", **said):
        """Take a decision on a day; return its number."""
        values = {"commitment_id": FUND, "actor": actor, "role": Role.ANALYST} | said
        decision = Decision(development_id=number, outcome=outcome, decided_at=on(days), **values)
        with begin(self.database) as work:
            seen = None if number is None else work.developments.get(number).revision
            found = decide(work, self.watchlist, decision, seen_revision=seen)
            work.commit()
        return found

    def undo(self, days, decision_id, actor="local:ann"):
        """Take a decision back on a day."""
        with begin(self.database) as work:
            found = undo(
                work,
                self.watchlist,
                decision_id,
                actor=actor,
                role=Role.ANALYST,
                now=on(days),
            )
            work.commit()
        return found


def play(database):
    """Play the whole year; return what was found and decided, by name."""
    year = Year(database)
    for day in range(0, 120, 5):
        year.poll(day)
    names = {"signed": year.find(1, title="Charter signed", milestone=Milestone.SIGNED)}
    names["d_signed"] = year.decide(
        2, names["signed"], milestone=Milestone.SIGNED, milestone_date="2026-03-02", place="Dakar"
    )
    names["opened"] = year.find(10, title=OPENS, hits=3)
    names["d_opened"] = year.decide(
        11,
        names["opened"],
        actor="local:bob",
        milestone=Milestone.OPERATING,
        milestone_date="2026-03",
        clause_ids=("office",),
    )
    names["late"] = year.find(
        20, title="Grants late", milestone=None, stage=None, setback=Setback.POSTPONED
    )
    year.decide(21, names["late"], Outcome.SETBACK, setback=Setback.POSTPONED)
    names["again"] = year.find(25, title="Minister repeats", relation=Relation.RESTATEMENT)
    year.decide(26, names["again"], Outcome.RESTATEMENT, reason=4)
    names["other"] = year.find(30, title="Harbour Fund Ltd buys ships")
    year.decide(31, names["other"], Outcome.REJECTED, reason=1)
    names["d_corrected"] = year.decide(
        40, None, Outcome.CORRECTED, undoes=names["d_opened"], note="It was the signing."
    )
    names["waiting"] = year.find(50, title=HOSTILE, place="-2+3")
    names["d_undone"] = year.decide(
        60, names["waiting"], milestone=Milestone.OPERATING, milestone_date="2026-04-20"
    )
    year.undo(70, names["d_undone"])
    with begin(database) as work:
        while work.search_index.catch_up():
            pass
        work.commit()
    return names
