"""What the review pages and the bot are handed for the watchlist: the records, and the Protocol.

`review/` and `alerts/` have no matcher and no network; `pledgewatch/app.py` gives them what answers
here. Everything may take long: call it from a thread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from model.errors import Problem
from model.records import (
    ArticleId,
    CommitmentId,
    DevelopmentId,
    FeedId,
    HitId,
    Language,
    Milestone,
    Outcome,
    Relation,
    Setback,
    Suggestion,
    TermMatch,
)

Progress = Callable[[int, int], None]  # how many are done, and of how many


# --- the text and its versions ------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchlistText:
    """One file of the watchlist as it stands on the disk."""

    text: str
    file: str  # its name: what an accepted edit replaces
    files: tuple[str, ...]  # every file of the folder; this one alone where there is no folder
    revision: str  # give it back with an edit: another one there by then is a conflict
    version: str | None  # digest of the contents; None: the watchlist has problems
    number: int | None  # the accepted version with these contents; None: none yet


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedVersion:
    """One accepted state of the watchlist."""

    number: int
    version: str  # digest of the contents
    author: str  # "telegram:ID", "local:NAME", or "file" for an edit made outside of the program
    accepted_at: datetime
    is_current: bool  # the newest


class ChangeKind(StrEnum):
    """What an edit does to one entry."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field of an entry before and after, as it could stand in the file."""

    name: str
    before: str | None  # None: it was not there
    after: str | None  # None: it is gone
    added: tuple[str, ...] = ()  # of a list: the items that are new
    removed: tuple[str, ...] = ()  # and those that are gone


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryChange:
    """What an edit does to one commitment or feed."""

    part: str  # "commitments" or "feeds"
    id: str
    title: str
    kind: ChangeKind
    fields: tuple[FieldChange, ...]  # of an added or removed entry: all it has


class Action(StrEnum):
    """An edit that a program makes in the text."""

    ADD_ALIAS = "add_alias"
    ADD_WEAK_ALIAS = "add_weak_alias"
    REMOVE_ALIAS = "remove_alias"
    MAKE_WEAK = "make_weak"  # an alias counts only beside the context
    MAKE_CASED = "make_cased"  # an alias counts only spelled like this
    ADD_DECOY = "add_decoy"
    ADD_CONTEXT = "add_context"  # one more list; `terms` are its terms
    PAUSE = "pause"
    RESUME = "resume"
    REMOVE = "remove"
    ADD_ENTRY = "add_entry"  # `text` is the entry in YAML


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One edit: what is done to which entry."""

    action: Action
    id: str = ""  # of the commitment or feed; empty for a new entry
    part: str = "commitments"  # or "feeds"
    text: str = ""  # the alias, the decoy, the new entry
    terms: tuple[str, ...] = ()
    why: str | None = None  # of a decoy


# --- what a changed watchlist would find --------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is found of one commitment in one article."""

    relation: Relation
    milestone: Milestone | None
    setback: Setback | None
    quotes: tuple[str, ...]  # the words that matched, as they stand there


@dataclass(frozen=True, slots=True, kw_only=True)
class HitChange:
    """One hit that is gained, lost or read in another way."""

    commitment_id: CommitmentId
    article_id: ArticleId
    title: str
    url: str
    feed_id: FeedId
    published_at: datetime | None
    fetched_at: datetime
    before: Finding | None  # None: gained
    after: Finding | None  # None: lost
    hit_id: HitId | None = None  # None: not stored
    development_id: DevelopmentId | None = None
    outcome: Outcome | None = None  # what an analyst decided; None: unreviewed, or not stored
    by_this_edit: bool = True  # False: the words of before would not have made a difference

    @property
    def was_confirmed(self) -> bool:
        """Tell whether an analyst found it right, as news or as a setback."""
        return self.outcome in (Outcome.CONFIRMED, Outcome.SETBACK)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentBacktest:
    """What an edit does to one commitment."""

    commitment_id: CommitmentId
    title: str
    kind: ChangeKind
    hits_before: int
    hits_after: int
    kept: int
    gained: tuple[HitChange, ...]  # newest first
    lost: tuple[HitChange, ...]  # confirmed ones first, then newest first
    changed: tuple[HitChange, ...]  # another relation, newest first
    alerts_a_week_before: float
    alerts_a_week_after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """What a changed watchlist would have found in the stored articles."""

    version_before: str
    version_after: str
    articles: int  # that were looked through
    since: datetime | None  # None: all that are stored
    weeks: float  # over which alerts are counted
    seconds: float
    commitments: tuple[CommitmentBacktest, ...]  # only those that are found or read in another way

    @property
    def lost_confirmed(self) -> tuple[HitChange, ...]:
        """Return every confirmed hit that would be lost."""
        return tuple(hit for each in self.commitments for hit in each.lost if hit.was_confirmed)


# --- trying a text, and drafting ----------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialHit:
    """A commitment that a text names, and what it would be stored as."""

    commitment_id: CommitmentId
    title: str
    suggestion: Suggestion  # relation, milestone, stage, why
    score: float
    matches: tuple[TermMatch, ...]


class Hindrance(StrEnum):
    """Why words that are there do not make a hit."""

    DECOY = "decoy"  # a decoy claims them
    CONTEXT = "context"  # a weak alias without its context
    OLDER = "older"  # the article is older than the pledge
    PAUSED = "paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """A commitment that a text nearly names."""

    commitment_id: CommitmentId
    title: str
    hindrance: Hindrance
    matches: tuple[TermMatch, ...]  # what would have matched


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What the watchlist makes of one text; nothing is stored or sent."""

    title: str
    text: str
    url: str | None  # None: the text was given, not fetched
    language: Language
    published_at: datetime | None
    hits: tuple[TrialHit, ...]
    near_misses: tuple[NearMiss, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftedPledge:
    """One entry that a document suggests."""

    id: str
    title: str
    promisor: tuple[str, ...]
    sentence: str  # the evidence, to the letter
    said_on: str | None  # EDTF
    due: str | None  # EDTF
    unsure: tuple[str, ...]  # why a person should look twice; none: sure
    yaml: str  # the entry alone, ready for `Action.ADD_ENTRY`


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """What a document promises."""

    source: str | None  # its address; None: the text was given
    proposals: tuple[DraftedPledge, ...]
    yaml: str  # all of them as one file


# --- what analysts' decisions say of a rule -----------------------------------------------


class RuleKind(StrEnum):
    """What a figure is about; the words of `TermRole` where it is a term."""

    ALIAS = "alias"
    WEAK_ALIAS = "weak_alias"
    GROUP = "group"
    QUERY = "query"
    FEED = "feed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share with its 95 % interval (Wilson)."""

    right: int
    of: int
    value: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedEdit:
    """What would make a weak rule better, with its reason."""

    edits: tuple[Edit, ...]  # made together
    why: str  # one English sentence
    lines: tuple[str, ...]  # what each edit writes into the file


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePrecision:
    """How often a term, a group, a query or a feed was right."""

    rule_id: str  # stable: kind, commitment and words
    kind: RuleKind
    commitment_id: CommitmentId | None  # None: a feed's, over all commitments
    text: str
    language: Language
    strength: str  # "strong", "weak", "cased"
    hits: int  # stored, decided or not
    confirmed: int  # y and e
    setbacks: int  # b
    restated: int  # s
    rejected: int  # x
    relevance: Share | None  # None: fewer than ten decisions
    news: Share | None
    proposed: ProposedEdit | None = None


class WatchlistDesk(Protocol):
    """What the pages and the bot may ask of the watchlist.

    `file` names one file of a folder; None: the only one, or the first by name. Each method that
    takes a text raises WatchlistError where it needs one without a problem.
    """

    def text(self, file: str | None = None) -> WatchlistText:
        """Return what stands on the disk now."""

    def edited(self, *edits: Edit) -> WatchlistText:
        """Return the file that holds the entry with edits made; comments and order survive.

        Nothing is stored: check, diff, backtest and accept take what is returned. Raises
        MissingRecordError where the entry or alias is not there.
        """

    def check(self, text: str, file: str | None = None) -> tuple[Problem, ...]:
        """Return every problem of a text, warnings too."""

    def diff(self, text: str, file: str | None = None) -> tuple[EntryChange, ...]:
        """Return what a text changes, entry by entry."""

    def backtest(
        self,
        text: str,
        progress: Progress | None = None,
        *,
        days: int | None = None,
        file: str | None = None,
    ) -> Backtest:
        """Replay the stored articles (of the last `days`) under a text."""

    def accept(
        self, text: str, actor: str, *, based_on: str | None = None, file: str | None = None
    ) -> int:
        """Put a text in use and return its version's number.

        `based_on` is the `revision` that was edited: raises ConflictError where the file is another
        one by now.
        """

    def history(self, limit: int = 50) -> tuple[AcceptedVersion, ...]:
        """Return the accepted versions, newest first."""

    def changes(self, number: int, since: int | None = None) -> tuple[EntryChange, ...]:
        """Return what a version changed since another one (None: the one before it)."""

    def rollback(self, number: int, actor: str) -> int:
        """Put a version's text in use again, as a new version; return its number."""

    def try_text(self, text: str) -> Trial:
        """Say what an address, or a text (its first line is the title), would match and why."""

    def draft(self, document: str, written: date | None = None) -> Drafted:
        """Propose entries from an address or a text."""

    def precision(self) -> tuple[RulePrecision, ...]:
        """Return how often each rule was right, the weakest first."""

    def backtest_proposed(
        self, rule: RulePrecision, progress: Progress | None = None, *, days: int = 90
    ) -> Backtest:
        """Replay the stored articles under the edit that is proposed for a rule."""
