"""The files that can be taken out, and their columns with types: what headers and docs are made of.

Names and order are fixed (docs/exports.md): scripts rely on them. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, its type as Frictionless Table Schema has it, and what it says."""

    name: str
    type: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One file: its name without an ending, and its columns."""

    name: str
    says: str
    key: tuple[str, ...]  # what tells two rows apart
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the columns, in order."""
        return tuple(column.name for column in self.columns)


def _columns(text: str) -> tuple[Column, ...]:
    """Read `name type what it says`, one column a line."""
    rows = (line.split(maxsplit=2) for line in text.strip().splitlines())
    return tuple(Column(name, kind, says) for name, kind, says in rows)


COMMITMENTS = Sheet(
    name="commitments",
    says="Every pledge, with where it stands",
    key=("id",),
    columns=_columns("""
id string Stable id of the pledge
title_en string Title in English
title_zh_hans string Title in simplified Chinese
title_zh_hant string Title in traditional Chinese
kind string body, centre, count, document or programme
promisor list Who promised
counterparties list To whom
said_on string When it was first said (EDTF)
said_by string Who said it first
said_where string Where it was first said
stage string The highest stage that a confirmed milestone reaches; empty: none yet
stage_label string The same in words
activity_status_code integer IATI: 1 pipeline, 2 implementation, 3 finalisation, 4 closed, …
action_status string schema.org ActionStatusType
schedule string undated, on_time, due_soon or overdue
due_date string When it should be kept (EDTF); empty: undated
due_basis string stated or inferred
attention string active, quiet or unobserved
setback string What stands against it; empty: nothing
verdict string How it ended; open while it has not
last_milestone string The latest confirmed milestone
last_milestone_date string When that was (EDTF)
last_decision_at datetime When an analyst last decided on it
count_done integer How many of a promised number are done; empty: not counted
count_target integer How many were promised
evidence_n integer Articles behind the confirmed follow-ups
independent_sources_n integer Their origins: one wire story on forty sites is one
recommended_for_analysis boolean Testable, and something about it is confirmed (after AidData)
testable boolean The watchlist says how one would know that it is done
commitment_rev string Version of the watchlist
rubric_version string Version of the rules of stages
as_of date The day whose end this shows
"""),
)

FOLLOWUPS = Sheet(
    name="followups",
    says="What happened to the pledges: one row a development, decided or waiting",
    key=("followup_id",),
    columns=_columns("""
followup_id string The development, as in alerts: F1042
commitment_id string The pledge
clause_id list The clauses it moves; empty: all of them
kind string milestone, restatement or setback
milestone string The milestone, or the kind of setback; confirmed where decided_by is filled
event_date string When it happened (EDTF)
event_date_precision string day, month or year
place string Where
headline string The headline of the article it leads with
in_language string Its language (BCP 47)
publisher string Who published it
author string Who wrote it, where the feed says so
date_published datetime When it was published
reference_url string Its address (Wikidata P854)
archive_url string Address of an archived copy; empty: none
retrieved datetime When we read it (Wikidata P813)
quote_exact string The words that led to it (W3C Web Annotation)
quote_prefix string What stands before them
quote_suffix string What stands behind them
source_reliability string The feed's tier, as an Admiralty letter A to F
information_credibility integer Admiralty: 1 confirmed by two origins, 2 confirmed, 3 suggested, 6 …
origin_id string The first article of this text
cluster_size integer How many articles tell it
cameo_root string CAMEO root code of the act
decided_by string Who decided; empty: unreviewed
decided_at datetime When
reason_code integer The reason, 1 to 9
"""),
)

TRANSITIONS = Sheet(
    name="transitions",
    says="Every change of a pledge's stage, setback or verdict, with the decision that made it",
    key=("at", "commitment_id", "field"),
    columns=_columns("""
at datetime When it was decided
commitment_id string The pledge
field string stage, setback or verdict
before string What it was; empty: nothing
after string What it is; empty: nothing
followup_id string The development it was decided on
actor string Who decided
reason_code integer The reason, 1 to 9
undoes integer The decision that this one takes back
"""),
)

COVERAGE = Sheet(
    name="coverage",
    says="How we looked: one row a feed and day",
    key=("day", "source_id"),
    columns=_columns("""
day date The day (UTC)
source_id string The feed
polls integer How often it was asked
failures integer How often it did not answer
articles_seen integer New articles it brought
hours_unobserved integer Hours in which no answer of it counted
"""),
)

CORRECTIONS = Sheet(
    name="corrections",
    says="What was said and taken back",
    key=("at", "commitment_id"),
    columns=_columns("""
at datetime When it was corrected
commitment_id string The pledge
was string What the page said
now string What it says instead
why string The reason
alerts_reissued integer How many chats were told
"""),
)

RULES = Sheet(
    name="rules",
    says="How often each term, query and feed was right",
    key=("rule_id",),
    columns=_columns("""
rule_id string Stable id of the rule
commitment_id string The pledge; empty: a feed's, over all
text string The words, or the feed
lang string Language of the words (BCP 47)
strength string strong, weak or cased
hits integer Hits stored
confirmed integer Decided as follow-ups
restated integer Decided as nothing new
rejected integer Decided as not this pledge
precision number Share of the decided that were about the pledge; empty under ten decisions
lower_95 number Lower bound of its 95 % interval (Wilson)
proposed_edit string What the watchlist would be changed to
"""),
)

SHEETS = (COMMITMENTS, FOLLOWUPS, TRANSITIONS, COVERAGE, CORRECTIONS, RULES)
