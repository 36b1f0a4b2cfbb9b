"""The board as pages show it: every pledge with its figure and its bounded claim."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from model.records import Commitment, Language, Stage
from model.standing import WELL_OBSERVED
from review.asking import Ask, RefusedError
from review.claims import Bounds, all_of
from review.figures import WEEK, Spark, Weeks, spark, week_starts
from review.texts import day
from storage.board import WEEKS, Row, board
from storage.looking import Looked
from storage.unit_of_work import UnitOfWork, reading

SPAN = timedelta(days=400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One row with what is drawn beside it."""

    row: Row
    spark: Spark
    claims: tuple[str, ...]  # of silence, each bounded


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """All pledges at a moment."""

    shown: tuple[Shown, ...]
    looked: Looked
    as_of: date

    @property
    def looked_at(self) -> int:
        """Return how many pledges were decided on within the last week."""
        return sum(each.row.looked_at for each in self.shown)

    @property
    def unobserved(self) -> int:
        """Return how many pledges nothing can be said of."""
        return sum(each.row.attention == "unobserved" for each in self.shown)

    def at_stage(self, stage: Stage | None) -> tuple[Shown, ...]:
        """Return the pledges at a stage; None: at none yet."""
        return tuple(each for each in self.shown if each.row.standing.stage is stage)


def day_asked(ask: Ask) -> date:
    """Return the day that the address asks about: today where it names none."""
    today = ask.now.date()
    text = ask.query("as_of")
    if not text:
        return today
    try:
        wanted = date.fromisoformat(text)
    except ValueError:
        raise RefusedError(400, "error.no_date") from None
    return min(wanted, today)


def end_of(wanted: date, now: datetime) -> datetime:
    """Return the moment up to which a day's page looks: its end, or now."""
    return min(now, datetime.combine(wanted, time.max, UTC))


def overview(
    ask: Ask, work: UnitOfWork, as_of: date, *, only: Commitment | None = None
) -> Overview:
    """Return all pledges (or one) as they stood at the end of a day."""
    until = end_of(as_of, ask.now)
    looked = ask.desk.observed.looked(work, ask.watchlist.feeds, until, SPAN)
    watchlist = ask.watchlist if only is None else replace(ask.watchlist, commitments=(only,))
    rows = board(work, watchlist, until, looked)
    return Overview(
        shown=tuple(_shown(row, looked, as_of, ask) for row in rows),
        looked=looked,
        as_of=as_of,
    )


def _shown(row: Row, looked: Looked, today: date, ask: Ask) -> Shown:
    bounds = Bounds(
        commitment=row.commitment,
        standing=row.standing,
        watch=row.watch,
        looked=looked,
        today=today,
    )
    said = all_of(bounds, ask.say, lambda when: day(when, ask.language))
    return Shown(row=row, spark=spark_of(row, looked, today, ask), claims=said)


def read_overview(ask: Ask, as_of: date) -> Overview:
    """Return all pledges, in a transaction of its own."""
    with reading(ask.desk.database) as work:
        return overview(ask, work, as_of)


def spark_of(row: Row, looked: Looked, today: date, ask: Ask) -> Spark:
    """Return a row's sparkline, with the same in words."""
    starts = week_starts(today, WEEKS)
    weeks = Weeks(
        counts=row.weeks,
        observed=[_share(looked, start) >= WELL_OBSERVED for start in starts],
        confirmed=[(when - starts[0]).days // 7 for when in row.confirmed_on if when >= starts[0]],
    )
    recent, total = sum(row.weeks[-4:]), sum(row.weeks)
    caption = ask.say("spark.caption", recent=recent, total=total)
    return spark(weeks, label=_label(weeks, starts, ask), caption=caption)


def _share(looked: Looked, start: date) -> float:
    days = [start + timedelta(days=number) for number in range(WEEK.days)]
    return sum(looked.shares.get(each, 0.0) for each in days) / len(days)


def _label(weeks: Weeks, starts: tuple[date, ...], ask: Ask) -> str:
    total, hidden = sum(weeks.counts), sum(not ok for ok in weeks.observed)
    said = [ask.say("spark.total", total=total, recent=sum(weeks.counts[-4:]))]
    if total:
        most = max(range(len(weeks.counts)), key=lambda number: weeks.counts[number])
        when = day(starts[most], ask.language)
        said.append(ask.say("spark.most", date=when, most=weeks.counts[most]))
    if hidden:
        said.append(ask.say("spark.unobserved", n=hidden))
    if weeks.confirmed:
        said.append(ask.say("spark.confirmed", n=len(weeks.confirmed)))
    return ("" if ask.language is not Language.ENGLISH else " ").join(said)
