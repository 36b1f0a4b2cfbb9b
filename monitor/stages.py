"""What an article does for a commitment: relation, milestone, setback, stage, and the words. Pure.

The signs and their guards come from monitor/findings.py; here is decided which of them is news: a
setback, a step that the ledger does not have, a date at hand, use by those it was meant for, or the
pledge said again in a high forum. With none of these an article repeats the pledge, or names it in
passing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from model.dates import first_day, last_day
from model.ledger import stage_of
from model.records import (
    Article,
    CommitmentKind,
    Milestone,
    Relation,
    Stage,
    Suggestion,
)
from monitor import guards
from monitor.counting import count_in
from monitor.findings import Finding, Sort, findings_in
from monitor.matching import CommitmentMatch
from monitor.reading import LEAD, Reading
from monitor.reasons import follow_up, quiet
from monitor.topics import SAME_NEWS, is_elsewhere, quiet_relation, told_days

ITS_OWN_DAYS = timedelta(days=4)  # the announcement is reported for so long
ONE_OFF = frozenset(
    {
        Milestone.SIGNED,
        Milestone.IN_FORCE,
        Milestone.ESTABLISHED,
        Milestone.UNVEILED,
        Milestone.PLACE_DECIDED,
        Milestone.PLAN_PUBLISHED,
        Milestone.DELIVERED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """A step that had happened before: from the watchlist, or from what we saw."""

    date: str | None  # EDTF
    milestone: Milestone | None


def suggest(
    article: Article,
    found: CommitmentMatch,
    ledger: Sequence[LedgerEntry] = (),
    now: datetime | None = None,
) -> Suggestion | None:
    """Return what an article does for a commitment; None where it is older than the pledge.

    An article dated in the future, by a clock that is wrong, was written `now`.
    """
    published = article.published_at
    if published is not None and now is not None:
        published = min(published, now)
    reading = Reading(article, found.commitment, found.matches, published and published.date())
    if reading.published and reading.pledged and reading.published < reading.pledged:
        return None
    return _Judge(reading, tuple(ledger) or _known(reading)).suggestion()


def _known(reading: Reading) -> tuple[LedgerEntry, ...]:
    known = reading.commitment.known
    return tuple(LedgerEntry(date=each.date, milestone=each.milestone) for each in known)


class _Judge:
    """Weighs the findings of one reading."""

    def __init__(self, reading: Reading, ledger: Sequence[LedgerEntry]) -> None:
        self.reading = reading
        self.findings = tuple(findings_in(reading))
        self.ledger = [each for each in ledger if self._had_happened(each)]
        self.is_opinion = reading.says(guards.OPINION, guards.OPINION_ZH) or (
            reading.says(guards.ARGUED, guards.ARGUED_ZH)
            and not reading.says(guards.SPEAKER, guards.SPEAKER_ZH)
        )

    def _had_happened(self, entry: LedgerEntry) -> bool:
        published = self.reading.published
        return entry.date is not None and (published is None or first_day(entry.date) <= published)

    def suggestion(self) -> Suggestion:
        setbacks = self._of(Sort.SETBACK)
        real = [each for each in setbacks if not each.guards]
        if real and not self._is_only_opinion(real):
            return self._follow_up(_best(real), None)
        if any("reversal" in each.guards for each in setbacks):
            return quiet(Relation.RESTATEMENT, setbacks)
        risks = [each for each in setbacks if set(each.guards) <= {"future", "possibility"}]
        if risks and not self.is_opinion:
            return follow_up(_best(risks), risk=True)
        news = self._news()
        if news is not None:
            return self._follow_up(news, self._stage(news))
        guarded = [each for each in self.findings if each.guards]
        return quiet(quiet_relation(self.reading), guarded)

    def _of(self, sort: Sort) -> list[Finding]:
        return [each for each in self.findings if each.sort is sort]

    def _is_only_opinion(self, findings: Sequence[Finding]) -> bool:
        return self.is_opinion and all(each.sentence.number > 1 for each in findings)

    def _follow_up(self, finding: Finding, stage: Stage | None) -> Suggestion:
        done, target = count_in(finding.sentence, self.reading.commitment)
        return follow_up(finding, stage=stage, done=done, target=target)

    # --- what is news ------------------------------------------------------------------

    def _news(self) -> Finding | None:
        if self._is_on_its_own_days():
            return None
        for choose in (
            self._step,
            self._date_at_hand,
            self._uptake,
            self._said_again,
            self._event,
        ):
            chosen = choose()
            if chosen is not None:
                return chosen
        return None

    def _is_on_its_own_days(self) -> bool:
        """Tell whether the article reports the pledge as it is made."""
        published, pledged = self.reading.published, self.reading.pledged
        if published is None or pledged is None:
            return False
        return published <= pledged + ITS_OWN_DAYS

    def _step(self) -> Finding | None:
        steps = [each for each in self._of(Sort.STEP) if not each.guards]
        steps = [each for each in steps if each.strong or each.sentence.number <= 1]
        steps = [each for each in steps if not self._is_known(each)]
        if self.is_opinion:
            steps = [each for each in steps if each.strong and _is_told_as_news(each)]
        if not steps:
            return None
        lead = [each for each in steps if each.sentence.number < LEAD] or steps
        lead = [each for each in lead if each.strong] or lead
        return self._before_it_exists(lead) or max(lead, key=self._rank)

    def _rank(self, finding: Finding) -> tuple[float, int]:
        stage = self._stage(finding)
        level = stage.level if stage is not None else -1
        return _weight(finding) + 0.4 * level, -finding.sentence.number

    def _before_it_exists(self, lead: Sequence[Finding]) -> Finding | None:
        """Return the signing where a body is called established because its charter was signed."""
        if self.reading.commitment.kind is not CommitmentKind.BODY:
            return None
        signed = [each for each in lead if each.milestone is Milestone.SIGNED]
        higher = [each for each in lead if each.milestone is Milestone.ESTABLISHED]
        if signed and higher and all("成立" in each.quote for each in higher):
            return _best(signed)
        return None

    def _is_known(self, finding: Finding) -> bool:
        """Tell whether the ledger had this step before the article was written."""
        published, milestone = self.reading.published, finding.milestone
        if milestone is Milestone.PARTY_JOINED:
            return False
        if milestone is Milestone.PLACE_DECIDED and not finding.strong:
            return self._is_in_the_pledge(finding)
        for entry in self.ledger:
            if entry.milestone is not milestone or entry.date is None:
                continue
            if (
                finding.when is not None
                and last_day(finding.when) > last_day(entry.date) + SAME_NEWS
            ):
                continue  # dated behind it: another one
            if published is None:
                if self.reading.pledged is None or last_day(entry.date) <= self.reading.pledged:
                    return True
            elif last_day(entry.date) + SAME_NEWS < published and self._is_that_one(finding):
                return True
        return False

    def _is_that_one(self, finding: Finding) -> bool:
        """Tell whether a later report means the same step: what happens often may be a new one."""
        return finding.milestone in ONE_OFF or finding.when is not None

    def _is_in_the_pledge(self, finding: Finding) -> bool:
        """Tell whether the place is the one that was pledged: no news then."""
        commitment = self.reading.commitment
        behind = finding.sentence.original[finding.end : finding.end + 20].lower()
        words = [commitment.title, *(title for _, title in commitment.titles)]
        words += [each.text or "" for each in commitment.said]
        words += [each.text or "" for each in commitment.known]
        said = " ".join(words).lower()
        place = behind.strip(" 在于:：").split(" ")[0][: 2 if finding.sentence.chinese else None]
        return bool(place) and place.strip(",.;") in said

    def _date_at_hand(self) -> Finding | None:
        """Return a date in the title or lead that lies shortly ahead."""
        found = self._of(Sort.UPCOMING)
        if self.is_opinion:
            found = [each for each in found if each.sentence.number == 0]
        return _best(found) if found else None

    def _uptake(self) -> Finding | None:
        found = [each for each in self._of(Sort.UPTAKE) if not each.guards and each.named]
        if self.is_opinion:
            found = [each for each in found if each.sentence.number == 0]
        return _best(found) if found else None

    def _event(self) -> Finding | None:
        """Return a date of these days beside the name: something happened, whatever it was."""
        if self.is_opinion or not self.reading.is_named:
            return None
        found = [each for each in self._of(Sort.EVENT) if not each.guards]
        return _best(found) if found else None

    def _said_again(self) -> Finding | None:
        """Return words that count: the pledge repeated later, in a high forum, by who may do so."""
        if self.is_opinion or not self._is_later_than_the_pledge():
            return None
        said = [each for each in (*self._of(Sort.OFFER), *self._of(Sort.WORDS)) if not each.guards]
        if not self.reading.is_named:
            said = [each for each in said if self.reading.is_in_title and each.sentence.number < 2]
        said = [each for each in said if self._counts(each)]
        return _best(said) if said else None

    def _counts(self, finding: Finding) -> bool:
        """Tell whether words are said by somebody, and somewhere, that makes them news."""
        reading, sentence = self.reading, finding.sentence
        if finding.sort is Sort.OFFER:
            return True
        by = reading.says(guards.SPEAKER, guards.SPEAKER_ZH, f"{reading.head}\n{sentence.folded}")
        if sentence.number == 0:
            title = sentence.folded
            names = [each.lower() for each in reading.commitment.promisor]
            promisor = any(title.startswith(name) for name in names)
            if promisor or reading.says(guards.SPEAKER, guards.SPEAKER_ZH, title):
                return True
        return by and reading.says(guards.FORUM, guards.FORUM_ZH)

    def _is_later_than_the_pledge(self) -> bool:
        """Tell whether the words were said on another day than the pledge's first."""
        reading = self.reading
        if reading.pledged is None or reading.published is not None:
            return True
        told = told_days(reading)
        if told:
            return max(told) > reading.pledged + ITS_OWN_DAYS
        return is_elsewhere(reading)

    # --- stage -------------------------------------------------------------------------

    def _stage(self, finding: Finding) -> Stage | None:
        """Return the stage that a finding reports."""
        kind = self.reading.commitment.kind
        if finding.sort is Sort.EVENT:
            return self._stage_so_far(finding)  # at least: events do not turn back
        if finding.milestone is None:
            return None
        if finding.sort in {Sort.WORDS, Sort.OFFER} or finding.milestone is Milestone.PARTY_JOINED:
            return self._stage_so_far(finding)
        reached = stage_of(finding.milestone, kind)
        if finding.milestone is Milestone.PLACE_DECIDED:
            return reached  # a place that the pledge did not name is the fact itself
        if finding.sort is Sort.STEP and not finding.strong and not self._is_supported(finding):
            return Stage.COMMITTED if reached and reached.level > 1 else reached
        if finding.milestone is Milestone.IN_FORCE and not _is_in_force(finding):
            return stage_of(Milestone.SIGNED, kind)
        return self._stage_of_count(finding, reached)

    def _stage_of_count(self, finding: Finding, reached: Stage | None) -> Stage | None:
        """Return what "k of n" comes to: all of them is delivered, some of them is at work."""
        done, target = count_in(finding.sentence, self.reading.commitment)
        if done is None or target is None or reached is None:
            return reached
        if finding.milestone in {Milestone.DELIVERED, Milestone.OPERATING}:
            return Stage.DELIVERED if done >= target else Stage.OPERATING
        return reached

    def _stage_so_far(self, finding: Finding) -> Stage | None:
        """Return where the pledge stood: words do not move it."""
        kind = self.reading.commitment.kind
        stages = [
            stage_of(each.milestone, kind)
            for each in self.ledger
            if each.milestone and self._surely_happened(each)
        ]
        said = stage_of(finding.milestone, kind) if finding.milestone else None
        known = [each for each in (*stages, said) if each is not None]
        return max(known, key=lambda each: each.level, default=None)

    def _surely_happened(self, entry: LedgerEntry) -> bool:
        """Tell whether a step lay behind the writer; of an undated article nobody knows."""
        reading = self.reading
        if reading.published is not None or reading.pledged is None or entry.date is None:
            return True
        told = told_days(self.reading)
        return first_day(entry.date) <= max(told, default=reading.pledged)

    def _is_supported(self, finding: Finding) -> bool:
        """Tell whether a weak sign has a strong one, or its date and place, beside it."""
        others = [
            each
            for each in self._of(Sort.STEP)
            if each is not finding and each.strong and not each.guards
        ]
        return bool(others) or finding.when is not None


def _is_in_force(finding: Finding) -> bool:
    """Tell whether an agreement binds, and not only one more party ratified it."""
    sentence = finding.sentence
    binds = guards.IN_FORCE_ZH if sentence.chinese else guards.IN_FORCE
    return binds.search(sentence.folded) is not None


def _is_told_as_news(finding: Finding) -> bool:
    """Tell whether a comment tells a step itself: in its title, or first with a date or number."""
    number = finding.sentence.number
    if number != 1:
        return number == 0
    clause = finding.sentence.clause_at(finding.start)
    has_number = any(map(str.isdigit, finding.sentence.folded[clause.start : clause.end]))
    return finding.when is not None or has_number


def _weight(finding: Finding) -> float:
    """Return how much a finding counts: title over lead over body, strong over weak."""
    number = finding.sentence.number
    place = 3.0 if number == 0 else 2.0 if number <= LEAD else 1.0
    return place + 1.0 * finding.strong + 0.5 * finding.named


def _best(findings: Sequence[Finding]) -> Finding:
    return max(findings, key=_weight)
