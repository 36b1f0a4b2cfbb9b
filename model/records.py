"""The records that every part of Pledgewatch passes around.

They travel one way::

    Feed -> Article -> Hit -> Development -> Alert -> Delivery

Every record is frozen: a stage that learns something returns a new record.
Every datetime is timezone-aware and in UTC. Dates that people write (`date`, `due`) are EDTF
level 0 strings: a day, a month or a year (ISO 8601-2:2019,
https://www.loc.gov/standards/datetime/).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import NewType

FeedId = NewType("FeedId", str)  # slug from watchlist.yaml
CommitmentId = NewType("CommitmentId", str)  # slug from watchlist.yaml
ArticleId = NewType("ArticleId", int)
HitId = NewType("HitId", int)
DevelopmentId = NewType("DevelopmentId", int)
DecisionId = NewType("DecisionId", int)
AlertId = NewType("AlertId", int)
DeliveryId = NewType("DeliveryId", int)
ChatId = NewType("ChatId", int)  # Telegram chat; 0 is the terminal


class Language(StrEnum):
    """Languages that feeds, terms and subscribers use (BCP 47 tags)."""

    ENGLISH = "en"
    CHINESE_SIMPLIFIED = "zh-Hans"
    CHINESE_TRADITIONAL = "zh-Hant"
    UNKNOWN = "und"


class Stage(StrEnum):
    """How far a commitment has come, from words to works (domain.md, section 3)."""

    FLOATED = "floated"
    COMMITTED = "committed"
    PREPARING = "preparing"
    AGREED = "agreed"
    ESTABLISHED = "established"
    OPERATING = "operating"
    DELIVERED = "delivered"

    @property
    def level(self) -> int:
        """Return 0 for floated to 6 for delivered."""
        return tuple(Stage).index(self)


class Milestone(StrEnum):
    """A dated step of a commitment; each reaches a stage (model/standing.py)."""

    PROPOSED = "proposed"
    COMMITTED = "committed"
    PLAN_PUBLISHED = "plan_published"
    CONSULTING = "consulting"
    PREPARING = "preparing"
    SIGNED = "signed"
    IN_FORCE = "in_force"
    ESTABLISHED = "established"
    UNVEILED = "unveiled"
    OPERATING = "operating"
    DELIVERED = "delivered"
    PLACE_DECIDED = "place_decided"
    PARTY_JOINED = "party_joined"  # moves no stage


class Setback(StrEnum):
    """What can go wrong with a commitment."""

    POSTPONED = "postponed"
    SUSPENDED = "suspended"
    CANCELLED = "cancelled"
    DENIED = "denied"
    DISPUTED = "disputed"
    REPLACED = "replaced"


class Relation(StrEnum):
    """What an article does for a commitment, the weakest first."""

    MENTION = "mention"  # in passing
    RESTATEMENT = "restatement"  # announces, repeats or explains it
    FOLLOW_UP = "follow_up"  # adds a fact dated after the pledge


class CommitmentKind(StrEnum):
    """What sort of thing was promised: chooses clocks and what a milestone means."""

    BODY = "body"
    CENTRE = "centre"
    COUNT = "count"
    DOCUMENT = "document"
    PROGRAMME = "programme"


class Tier(StrEnum):
    """How a source is ranked; `a` is the best."""

    A = "a"  # a party's own organ or document
    B = "b"  # agency or paper of record
    C = "c"  # ordinary press
    D = "d"  # comment, trade, blog
    E = "e"  # known for errors
    F = "f"  # not judged: ranked with c


# --- what we watch: written by admins in watchlist.yaml ---------------------


class TermRole(StrEnum):
    """How one term of the watchlist is used (domain.md, section 2)."""

    ALIAS = "alias"  # names the commitment on its own
    WEAK_ALIAS = "weak_alias"  # names it only beside its context
    CONTEXT = "context"
    GROUP = "group"  # counts only near one term of each other list
    QUERY = "query"
    DECOY = "decoy"  # claims its span: nothing else counts there


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One phrase to look for; script and language follow from its characters."""

    text: str  # as the watchlist has it
    role: TermRole = TermRole.ALIAS
    case_sensitive: bool = False  # `case` in the file
    why: str | None = None  # why a decoy is one; None where nobody said


@dataclass(frozen=True, slots=True, kw_only=True)
class TermGroup:
    """One term of each list in one paragraph, in any order, `within` tokens between neighbours."""

    all_of: tuple[tuple[str, ...], ...]
    within: int = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """One occasion on which the pledge was made or repeated, in a paraphrase."""

    date: str  # EDTF
    where: str | None = None
    by: str | None = None
    text: str | None = None
    source: str | None = None  # URL


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A milestone that had happened before we watched."""

    date: str  # EDTF
    milestone: Milestone
    clauses: tuple[str, ...] = ()  # none: all of them
    text: str | None = None
    source: str | None = None  # URL


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One part of what "delivered" means."""

    id: str
    text: str
    done_when: str
    target: int | None = None  # None: not counted
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """When the pledge should be kept: the last day of `date`, and `grace` beyond it."""

    date: str  # EDTF
    inferred: bool = False  # `basis: inferred` in the file
    grace: timedelta = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """A dated event at which silence is news: once (`date`) or every year (`month`)."""

    name: str
    date: str | None = None  # EDTF; None: every year in `month`
    month: int | None = None  # 1 to 12; None: once, on `date`
    expect: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """One public pledge that somebody made and that we follow up."""

    id: CommitmentId
    title: str  # in English; `titles` has the other languages
    kind: CommitmentKind = CommitmentKind.PROGRAMME
    terms: tuple[Term, ...] = ()  # aliases, weak aliases and decoys
    context: tuple[tuple[str, ...], ...] = ()  # a weak alias needs one term of each list
    groups: tuple[TermGroup, ...] = ()
    query: str | None = None
    titles: tuple[tuple[Language, str], ...] = ()
    promisor: tuple[str, ...] = ()
    counterparties: tuple[str, ...] = ()
    said: tuple[Saying, ...] = ()  # as written; `pledged_on` is the earliest date
    known: tuple[Known, ...] = ()
    clauses: tuple[Clause, ...] = ()  # none: one clause, `main`
    due: Due | None = None  # None: undated
    occasions: tuple[Occasion, ...] = ()
    quiet_days: int = 120
    review_days: int = 180
    tags: tuple[str, ...] = ()
    paused: bool = False
    line: int = 0  # where it stands in its file

    def title_in(self, language: Language) -> str:
        """Return the title in a language: the other Chinese script before English."""
        titles = dict(self.titles)
        if language in titles:
            return titles[language]
        chinese = (Language.CHINESE_SIMPLIFIED, Language.CHINESE_TRADITIONAL)
        if language in chinese:
            return next((titles[other] for other in chinese if other in titles), self.title)
        return self.title

    @property
    def pledged_on(self) -> str | None:
        """Return the earliest date on which it was said (EDTF); None where the file gives none."""
        return min((saying.date for saying in self.said), default=None)


class FeedKind(StrEnum):
    """How a feed's answer is to be read."""

    FEED = "feed"  # RSS, RDF, Atom, JSON Feed: told apart by content
    PAGE = "page"  # HTML with CSS selectors
    SITEMAP = "sitemap"


class FullText(StrEnum):
    """Whether an article's page is fetched beside its feed entry."""

    AUTO = "auto"  # only where the feed gives too little
    ALWAYS = "true"
    NEVER = "false"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSelectors:
    """CSS selectors that find the entries of a page without a feed."""

    item: str
    title: str
    link: str
    date: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One source that we poll."""

    id: FeedId
    url: str
    title: str
    language: Language
    kind: FeedKind = FeedKind.FEED
    page: PageSelectors | None = None  # only for a page
    poll_every_min: timedelta = timedelta(minutes=15)  # `every` in the file; both the same
    poll_every_max: timedelta = timedelta(hours=6)  # where it is one value
    tier: Tier = Tier.F
    timezone: str | None = None  # IANA name that fills in what dates lack; None: UTC
    encoding: str | None = None  # None: told by the answer
    full_text: FullText = FullText.AUTO
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)  # may hold a key
    proxy: str | None = field(default=None, repr=False)  # may hold a password
    paused: bool = False
    line: int = 0  # where it stands in its file


@dataclass(frozen=True, slots=True, kw_only=True)
class Watchlist:
    """The whole of watchlist.yaml, valid and immutable."""

    commitments: tuple[Commitment, ...]
    feeds: tuple[Feed, ...]
    version: str  # digest of the contents; every hit remembers it

    def commitment(self, commitment_id: CommitmentId) -> Commitment | None:
        """Return a commitment by its id; None where it is not (or no longer) in the file."""
        return next((each for each in self.commitments if each.id == commitment_id), None)

    def feed(self, feed_id: FeedId) -> Feed | None:
        """Return a feed by its id; None where it is not (or no longer) in the file."""
        return next((each for each in self.feeds if each.id == feed_id), None)


# --- what we read -----------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What a server gave us to ask "changed since?" with (RFC 9110, section 8.8)."""

    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None  # ours: an answer with the same body needs no parsing


class FeedHealth(StrEnum):
    """How a feed stands."""

    NEW = "new"  # never polled
    HEALTHY = "healthy"
    WARNING = "warning"  # it answers, but with nothing in it
    FAILING = "failing"
    GONE = "gone"  # 410: muted until an admin looks


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What we remember about a feed between two polls."""

    feed_id: FeedId
    next_poll_at: datetime
    validators: Validators = Validators()
    url: str | None = None  # where it moved for good; None: as the watchlist says
    health: FeedHealth = FeedHealth.NEW
    interval: timedelta = timedelta(minutes=15)  # the present one, inside the bounds of `every`
    last_polled_at: datetime | None = None
    last_success_at: datetime | None = None
    last_entry_at: datetime | None = None  # when a new article was last seen
    consecutive_failures: int = 0
    fault: str | None = None  # a FeedFault, while failing or warning
    last_error: str | None = None
    hints: tuple[tuple[str, str], ...] = ()  # what the server and feed said of their pace
    requested_at: datetime | None = None  # somebody asked for a poll now
    marks: bytes = b""  # of the entries of the last answer, by which they are known again


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One entry of a feed, cleaned: what the matcher reads."""

    feed_id: FeedId
    entry_id: str  # the feed's own id, or the URL where it gives none
    url: str
    title: str
    text: str  # plain text, no markup; paragraphs are lines
    language: Language
    published_at: datetime | None  # None where the feed gives no usable date
    fetched_at: datetime
    outlet: str | None = None  # who wrote it, where the feed says it is not the feed itself
    canonical_url: str = (
        ""  # without tracking parameters; two entries with the same are one article
    )
    text_hash: str = ""  # of title and text: another one is a new revision


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredArticle:
    """An article as the database has it."""

    id: ArticleId
    article: Article
    revision: int  # from 1


# --- what we found ----------------------------------------------------------


class ArticlePart(StrEnum):
    """Where in an article a term was found."""

    TITLE = "title"
    TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class TermMatch:
    """One term at one place: the evidence that an analyst can check.

    `start` and `end` are code points in the original string, and `quote == original[start:end]`.
    """

    term: str  # as the watchlist has it
    role: TermRole
    part: ArticlePart
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """The words that led to a suggestion, and where they stand (code points of the original)."""

    quote: str
    part: ArticlePart
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A guess at what an article reports; an analyst decides (domain.md, section 3.4)."""

    relation: Relation
    milestone: Milestone | None = None
    setback: Setback | None = None
    stage: Stage | None = None  # the one the article reports; follow-ups only
    confidence: float = 0.0  # 0.0 to 1.0
    triggers: tuple[Trigger, ...] = ()
    guards: tuple[str, ...] = ()  # names of the guards that fired
    novelty: tuple[str, ...] = ()  # what is new: "date", "place", "party", "number", "document"
    event_date: str | None = None  # EDTF; None: the text gives none
    place: str | None = None
    parties: tuple[str, ...] = ()
    done: int | None = None  # "8 of 20": 8
    target: int | None = None  # "8 of 20": 20
    why: str = ""  # one English sentence
    why_zh: str = ""  # the same in simplified Chinese
    rules: str = ""  # version of the rules that wrote it


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One article that speaks of one commitment."""

    commitment_id: CommitmentId
    article_id: ArticleId
    matches: tuple[TermMatch, ...]
    score: float  # 0.0 to 1.0: sorts, drops nothing
    suggestion: Suggestion
    watchlist_version: str
    found_at: datetime
    id: HitId | None = None  # None: not stored yet
    development_id: DevelopmentId | None = None  # None: not placed yet


class Outcome(StrEnum):
    """What an analyst decided on a development (domain.md, section 4)."""

    CONFIRMED = "confirmed"
    RESTATEMENT = "restatement"
    SETBACK = "setback"
    REJECTED = "rejected"
    JOINED = "joined"
    SPLIT = "split"
    MOVED = "moved"
    UNSURE = "unsure"
    CORRECTED = "corrected"
    VERDICT = "verdict"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Development:
    """One event in the life of a commitment, told by its hits. People know it as `F1042`."""

    id: DevelopmentId
    commitment_id: CommitmentId
    relation: Relation  # the highest of its hits'
    headline: str
    lead_article_id: ArticleId
    milestone: Milestone | None
    setback: Setback | None
    stage: Stage | None  # suggested, until an analyst confirms it
    outcome: Outcome | None  # None: unreviewed
    event_date: str | None  # EDTF
    place: str | None
    hit_count: int
    origin_count: int  # one wire on forty sites is one
    first_seen_at: datetime
    last_seen_at: datetime
    revision: int  # goes up by one with every change worth telling
    signature: tuple[
        int, ...
    ] = ()  # near-duplicate signature of its lead (monitor/fingerprints.py)
    told: bool = False  # an alert was raised for it
    joined_to: DevelopmentId | None = None  # an analyst said: the same event as that one
    came_from: DevelopmentId | None = None  # an analyst split or moved it out of that one


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One hit with its article and outlet: what messages and pages show as evidence."""

    hit: Hit
    article: Article
    feed_title: str
    tier: Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One analyst's decision; never changed, only followed by another (domain.md, 3.4)."""

    commitment_id: CommitmentId
    actor: str  # "telegram:ID", "local:NAME"
    role: Role
    outcome: Outcome
    decided_at: datetime
    development_id: DevelopmentId | None = None  # None: about the commitment itself
    hit_ids: tuple[HitId, ...] = ()  # what the analyst saw
    clause_ids: tuple[str, ...] = ()  # none: all of them
    reason: int | None = None  # 1 to 9 (domain.md, section 4)
    milestone: Milestone | None = None
    milestone_date: str | None = None  # EDTF
    place: str | None = None
    setback: Setback | None = None
    verdict: str | None = None
    other_id: str | None = None  # the development joined to, or the commitment moved to
    quote: str = ""
    note: str = ""
    undoes: DecisionId | None = None
    id: DecisionId | None = None  # None: not stored yet
    # What follows is written down as the decision is taken (storage/deciding.py).
    commitment_rev: str | None = None  # the watchlist's version
    suggestion_id: str | None = None  # hit, rules and watchlist that made the suggestion
    stage_before: Stage | None = None
    stage_after: Stage | None = None
    verdict_before: str | None = None
    verdict_after: str | None = None
    rubric_version: str | None = None  # None: taken before this was kept
    app_version: str | None = None


# --- what we tell -----------------------------------------------------------


class AlertReason(StrEnum):
    """Why something is worth telling now."""

    NEW_DEVELOPMENT = "new_development"
    MORE_OUTLETS = "more_outlets"  # edits what was sent
    DECIDED = "decided"  # edits what was sent
    STAGE_CHANGED = "stage_changed"  # replies to it
    CORRECTED = "corrected"  # replies to it
    QUIET = "quiet"  # this and the next two: raised by a clock
    OVERDUE = "overdue"
    OCCASION_PASSED = "occasion_passed"
    REOPENED = "reopened"
    REMINDER = "reminder"  # of a silence, to the chat that asked for it
    STILL_WATCHING = "still_watching"  # once a week, to those who take weekly digests
    FEED_BROKEN = "feed_broken"  # this and the next: to admins, about a feed
    FEED_RECOVERED = "feed_recovered"
    BOT_REFUSED = "bot_refused"  # this and the rest: to admins, about ourselves
    TEXT_REFUSED = "text_refused"
    GIVEN_UP = "given_up"
    TOPIC_LOST = "topic_lost"
    DISK_FULL = "disk_full"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One thing worth telling, waiting in the outbox to be told."""

    id: AlertId
    key: str  # unique: "development.42.3" (its revision) or "overdue.waico.2027-12-31"
    development_id: DevelopmentId | None  # None: about the commitment itself
    commitment_id: CommitmentId  # empty where it is about a feed
    reason: AlertReason
    raised_at: datetime
    feed_id: FeedId | None = None  # only of a notice about a feed
    facts: tuple[tuple[str, str], ...] = ()  # what a notice or a clock tells: fault, days, …


class Role(StrEnum):
    """What somebody who talks to us may do."""

    SUBSCRIBER = "subscriber"
    ANALYST = "analyst"
    ADMIN = "admin"


class ChatKind(StrEnum):
    """What sort of chat it is; groups and channels have tighter limits."""

    PRIVATE = "private"
    GROUP = "group"  # supergroups too
    CHANNEL = "channel"
    TERMINAL = "terminal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """One chat that has said /start, or the terminal."""

    chat_id: ChatId
    kind: ChatKind = ChatKind.PRIVATE
    language: Language = Language.ENGLISH
    timezone: str | None = None  # IANA name; None: the program's
    digest_at: time = time(8, 0)  # in that zone; weekly ones on Monday
    quiet_from: time | None = None
    quiet_until: time | None = None
    stage_changes_override: bool = False  # confirmed stage changes ring in quiet hours too
    started_at: datetime | None = None
    blocked_at: datetime | None = None  # the chat refused us; we stopped
    not_before: datetime | None = None  # Telegram asked us to wait with this chat
    invited: bool = False
    reviews: bool = False  # a group whose alerts carry the analysts' buttons


class DeliveryMode(StrEnum):
    """When a subscriber wants to be told."""

    IMMEDIATE = "immediate"
    DAILY_DIGEST = "daily_digest"
    WEEKLY_DIGEST = "weekly_digest"


class Level(StrEnum):
    """How much of a commitment a subscriber wants to hear."""

    EVERYTHING = "everything"  # restatements too, never mentions
    DEVELOPMENTS = "developments"
    STAGE_CHANGES = "stage_changes"  # confirmed ones only


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A subscriber's wish to hear of one commitment, of a tag, or of all. The narrowest wins."""

    chat_id: ChatId
    target: str  # a commitment's id, a tag, or "all"; (chat_id, target) is unique
    level: Level = Level.DEVELOPMENTS
    mode: DeliveryMode = DeliveryMode.IMMEDIATE
    languages: tuple[Language, ...] = ()  # none: all
    lowest_tier: Tier | None = None  # None: every tier
    topic_id: int | None = None  # forum topic
    since: datetime | None = None  # only what is raised after it is told


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """A pause for one commitment, whatever subscription brings it."""

    chat_id: ChatId
    commitment_id: CommitmentId
    until: datetime | None  # None: until unmuted; so leaves one pledge of "all"


class DeliveryState(StrEnum):
    """Where one delivery stands."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"  # will not be tried again
    DROPPED = "dropped"  # no longer wanted: muted, unsubscribed, rejected before it went


class Ambiguity(StrEnum):
    """What we know of a request that has no answer yet."""

    NONE = "none"
    STARTED = "started"  # handed to Telegram; a crash now leaves it open
    ONCE = "once"  # one attempt may have arrived; one more is allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One alert for one subscriber. (alert_id, chat_id) is unique."""

    id: DeliveryId
    alert_id: AlertId
    chat_id: ChatId
    mode: DeliveryMode
    state: DeliveryState
    due_at: datetime
    topic_id: int | None = None
    attempts: int = 0
    ambiguity: Ambiguity = Ambiguity.NONE
    sent_at: datetime | None = None
    message_id: int | None = None
    edited_at: datetime | None = None
    last_error: str | None = None
