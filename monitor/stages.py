"""What an article does for a commitment: relation, milestone, setback, stage, and the words. Pure.

Guard rules, in this order: the trigger must belong to the pledge (same sentence, or the next one
that speaks of "it"); then it must not be future, possible, wished, conditional, negated, a plan, a
noun, or a question; a setback in a clause beats a milestone. What is left is news, unless the
ledger has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from model.dates import first_day, last_day
from model.records import (
    Article,
    ArticlePart,
    Commitment,
    Milestone,
    Relation,
    Setback,
    Stage,
    Suggestion,
    TermRole,
    Trigger,
)
from monitor.matching import CommitmentMatch
from monitor.sentences import Sentence, cut
from monitor.text_dates import date_in
from monitor.vocabulary import (
    BACKGROUND,
    BACKGROUND_ZH,
    DOUBLE_REVERSAL,
    DOUBLE_REVERSAL_ZH,
    FORUM,
    FORUM_ZH,
    GUARDS,
    NOUN_USE,
    NOUN_USE_ZH,
    OPINION,
    OPINION_ZH,
    PLAN_OBJECT,
    PLAN_OBJECT_ZH,
    SETBACKS,
    SIGNALS,
    SPEAKER,
    SPEAKER_ZH,
    Signal,
)

RULES = "rules-1"
ITS_OWN_DAY = timedelta(days=4)  # the announcement is reported for so long
SAME_NEWS = timedelta(days=3)  # a step in the ledger is still news for so long
LEAD = 3  # sentences of the text that count as the lead

STAGES = {
    Milestone.PROPOSED: Stage.FLOATED,
    Milestone.COMMITTED: Stage.COMMITTED,
    Milestone.PLAN_PUBLISHED: Stage.COMMITTED,
    Milestone.CONSULTING: Stage.COMMITTED,
    Milestone.PREPARING: Stage.PREPARING,
    Milestone.PLACE_DECIDED: Stage.PREPARING,
    Milestone.SIGNED: Stage.AGREED,
    Milestone.IN_FORCE: Stage.ESTABLISHED,
    Milestone.ESTABLISHED: Stage.ESTABLISHED,
    Milestone.UNVEILED: Stage.ESTABLISHED,
    Milestone.OPERATING: Stage.OPERATING,
    Milestone.DELIVERED: Stage.DELIVERED,
}
WORDS_ONLY = {Milestone.PROPOSED, Milestone.COMMITTED, Milestone.CONSULTING}
IT = re.compile(
    r"\b(?:it|its|the (?:body|organi[sz]ation|cent(?:er|re)|panel|dialogue|fund|link|plan|"
    r"agreement|treaty|line|bank|program(?:me)?|project))\b"
)
IT_ZH = re.compile("该(?:中心|组织|机构|小组|项目|计划|基金|线|协定|机制)|其|会议就组织|双方")
COUNT = re.compile(
    r"(\d{1,6}) (?:of|out of) (?:the )?(\d{1,6})|(?:已建成|完成|建成)\s*(\d{1,4})\s*个"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """A step that had happened before: from the watchlist, or from what we saw."""

    date: str | None  # EDTF
    milestone: Milestone | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One trigger with what it would mean and what speaks against it."""

    sentence: Sentence
    start: int  # in the sentence
    end: int
    milestone: Milestone | None = None
    setback: Setback | None = None
    strong: bool = True
    guards: tuple[str, ...] = ()

    @property
    def weight(self) -> float:
        """Return how much this counts: title over lead over body, strong over weak."""
        place = 3.0 if self.sentence.number == 0 else 2.0 if self.sentence.number <= LEAD else 1.0
        return place + (1.0 if self.strong else 0.0) + (1.5 if self.setback else 0.0)


@dataclass(slots=True)
class Reading:
    """What was read in an article about one commitment."""

    article: Article
    commitment: Commitment
    sentences: tuple[Sentence, ...]
    steps: list[Finding] = field(default_factory=list)  # no guard fired
    guarded: list[Finding] = field(default_factory=list)

    @property
    def published(self) -> date | None:
        """Return the day of publication, where it is known."""
        moment = self.article.published_at
        return None if moment is None else moment.date()


def suggest(
    article: Article,
    found: CommitmentMatch,
    ledger: Sequence[LedgerEntry] = (),
    now: datetime | None = None,
) -> Suggestion | None:
    """Return what an article does for a commitment; None where it is older than the pledge."""
    commitment = found.commitment
    published = article.published_at.date() if article.published_at else None
    pledged = first_day(commitment.pledged_on) if commitment.pledged_on else None
    if published is not None and pledged is not None and published < pledged:
        return None
    reading = Reading(article, commitment, cut(article, found.matches))
    for sentence in _about(reading.sentences):
        for finding in _findings(sentence):
            (reading.guarded if finding.guards else reading.steps).append(finding)
    return _judge(reading, found, tuple(ledger) or _known(commitment), pledged, now)


def _known(commitment: Commitment) -> tuple[LedgerEntry, ...]:
    return tuple(LedgerEntry(date=each.date, milestone=each.milestone) for each in commitment.known)


def _about(sentences: Sequence[Sentence]) -> Iterator[Sentence]:
    """Return the sentences that speak of the pledge: by name, or as "it" right after."""
    previous = False
    for sentence in sentences:
        named = any(match.role is not TermRole.CONTEXT for match in sentence.matches)
        follows = previous and bool((IT_ZH if sentence.chinese else IT).search(sentence.folded))
        if named or follows:
            yield sentence
        previous = named


# --- triggers and guards -------------------------------------------------------


def _findings(sentence: Sentence) -> Iterator[Finding]:
    """Return the setbacks of a sentence, and the steps of clauses that hold no setback."""
    taken: list[tuple[int, int]] = []
    for setback, pattern in SETBACKS:
        for found in pattern.finditer(sentence.folded):
            start, end = found.span()
            taken.append(sentence.clause(start, end))
            yield Finding(
                sentence,
                start,
                end,
                setback=setback,
                guards=(
                    *_reversal(sentence, start),
                    *_guards(sentence, start, end, only_before=True),
                ),
            )
    seen: list[tuple[int, int]] = []
    for signal in SIGNALS:
        for found in signal.pattern.finditer(sentence.folded):
            start, end = found.span()
            if any(a < end and start < b for a, b in (*taken, *seen)) or _in_name(
                sentence, start, end
            ):
                continue
            seen.append((start, end))
            yield _step(sentence, signal, start, end)


def _in_name(sentence: Sentence, start: int, end: int) -> bool:
    """Tell whether a trigger stands inside the pledge's own name."""
    return any(
        match.start - sentence.start <= start and end <= match.end - sentence.start
        for match in sentence.matches
        if match.role in {TermRole.ALIAS, TermRole.WEAK_ALIAS}
    )


def _step(sentence: Sentence, signal: Signal, start: int, end: int) -> Finding:
    guards = _guards(sentence, start, end, words_only=signal.milestone in WORDS_ONLY)
    first, last = sentence.clause(start, end)
    clause = sentence.folded[first:last]
    if signal.milestone not in WORDS_ONLY:
        guards += _objects(sentence, clause, signal, start - first, end - first)
    return Finding(
        sentence, start, end, milestone=signal.milestone, strong=signal.strong, guards=guards
    )


def _objects(
    sentence: Sentence, clause: str, signal: Signal, start: int, end: int
) -> tuple[str, ...]:
    """Return the guards about what the trigger's object is, or whether it is a noun."""
    fired = []
    plan = PLAN_OBJECT_ZH if sentence.chinese else PLAN_OBJECT
    noun = NOUN_USE_ZH if sentence.chinese else NOUN_USE
    background = BACKGROUND_ZH if sentence.chinese else BACKGROUND
    if signal.milestone in {Milestone.UNVEILED, Milestone.OPERATING} and _covers(
        plan, clause, start
    ):
        fired.append("plan")
    if not signal.strong and _covers(noun, clause, start):
        fired.append("noun")
    if background.search(clause):
        fired.append("background")
    return tuple(fired)


def _covers(pattern: re.Pattern[str], text: str, place: int) -> bool:
    return any(found.start() <= place < found.end() for found in pattern.finditer(text))


def _guards(
    sentence: Sentence,
    start: int,
    end: int,
    *,
    words_only: bool = False,
    only_before: bool = False,
) -> tuple[str, ...]:
    """Return the guards that fire on a trigger, looking at the clause that holds it.

    `only_before` is for setbacks: 推迟至明年 (put off to next year) has happened.
    """
    first, last = sentence.clause(start, end)
    before = sentence.folded[first:start]
    whole = sentence.folded[first:last]
    fired = []
    for guard in GUARDS:
        if words_only and guard.name in {"wish", "possibility", "future"}:
            continue  # a proposal is a wish by nature
        pattern = guard.chinese if sentence.chinese else guard.english
        if sentence.chinese and guard.name == "future" and not only_before:
            where = whole  # 签署仪式即将举行: after the trigger too
        elif sentence.chinese:
            where = before
        else:
            where = before[-60:] + sentence.folded[start:end]  # “has not been signed” is one
        if pattern.search(where) or (guard.name == "question" and _asks(sentence)):
            fired.append(guard.name)
    return tuple(fired)


def _asks(sentence: Sentence) -> bool:
    return sentence.folded.rstrip().endswith(("?", "？"))


def _reversal(sentence: Sentence, start: int) -> tuple[str, ...]:
    """Return "reversal" where a setback is itself denied."""
    pattern = DOUBLE_REVERSAL_ZH if sentence.chinese else DOUBLE_REVERSAL
    before = sentence.folded[:start]
    if pattern.search(before[-90:]):
        return ("reversal",)
    return ()


# --- the judgement -------------------------------------------------------------


def _judge(
    reading: Reading,
    found: CommitmentMatch,
    ledger: Sequence[LedgerEntry],
    pledged: date | None,
    now: datetime | None,
) -> Suggestion:
    reversed_ones = {each.sentence.number for each in reading.guarded if "reversal" in each.guards}
    setback = _best(
        [
            each
            for each in reading.steps
            if each.setback
            and not (each.setback is Setback.DENIED and each.sentence.number in reversed_ones)
        ]
    )
    if setback is not None and not _about_opinion(reading):
        return _follow_up(reading, setback)
    risk = _best([each for each in reading.guarded if _is_risk(each)])
    if any("reversal" in each.guards for each in reading.guarded if each.setback):
        return _quiet(reading, found, "reversal")
    if risk is not None:
        return _follow_up(reading, risk, risk=True)
    step = _step_taken(reading, ledger, pledged)
    if step is not None:
        return _follow_up(reading, step)
    return _quiet(reading, found, None)


def _is_risk(finding: Finding) -> bool:
    return finding.setback is not None and set(finding.guards) <= {"future", "possibility"}


def _best(findings: Sequence[Finding]) -> Finding | None:
    return max(findings, key=lambda each: each.weight, default=None)


def _step_taken(
    reading: Reading, ledger: Sequence[LedgerEntry], pledged: date | None
) -> Finding | None:
    """Return the step that makes the article news; None for repetition and comment."""
    facts = [each for each in reading.steps if each.milestone not in WORDS_ONLY]
    facts = [each for each in facts if each.strong or each.sentence.number <= 1]
    fresh = [each for each in facts if not _is_known(each, reading, ledger, pledged)]
    if _about_opinion(reading):
        fresh = [each for each in fresh if each.strong and each.sentence.number <= 1]
    if fresh:
        level = {
            each: STAGES.get(each.milestone, Stage.FLOATED).level if each.milestone else 0
            for each in fresh
        }
        lead = [each for each in fresh if each.sentence.number <= LEAD] or fresh
        return max(lead, key=lambda each: level[each] * 0.6 + each.weight)
    if _on_its_own_day(reading, pledged) or _about_opinion(reading):
        return None
    return _said_again(reading, pledged)


def _said_again(reading: Reading, pledged: date | None) -> Finding | None:
    """Return words that count: the pledge repeated later, in a high forum, by somebody who can."""
    said = [
        each
        for each in reading.steps
        if each.milestone in WORDS_ONLY and each.sentence.number <= LEAD
    ]
    if not said:
        return None
    head = " ".join(each.folded for each in reading.sentences[: LEAD + 1])
    chinese = reading.sentences[0].chinese
    forum = (FORUM_ZH if chinese else FORUM).search(head)
    speaker = (SPEAKER_ZH if chinese else SPEAKER).search(head)
    if not forum or not speaker:
        return None
    if reading.published is None and pledged is not None:
        told = [date_in(each.original, None) for each in reading.sentences[: LEAD + 1]]
        dates = [last_day(each) for each in told if each is not None]
        if dates and max(dates) <= pledged + ITS_OWN_DAY:
            return None
        if not dates and not _elsewhere(reading):
            return None
    return _best(said)


def _elsewhere(reading: Reading) -> bool:
    """Tell whether an undated article names another place than the pledge was made at."""
    places = " ".join(each.where or "" for each in reading.commitment.said[:1]).lower()
    head = " ".join(each.folded for each in reading.sentences[: LEAD + 1])
    forums = re.findall(r"apec|g20|brics|sco|unga|亚太经合组织|金砖|上合", head)
    return any(each not in places for each in forums)


def _on_its_own_day(reading: Reading, pledged: date | None) -> bool:
    if pledged is None or reading.published is None:
        return False
    return reading.published <= pledged + ITS_OWN_DAY


def _is_known(
    finding: Finding, reading: Reading, ledger: Sequence[LedgerEntry], pledged: date | None
) -> bool:
    """Tell whether the ledger had this step before the article was written."""
    published = reading.published
    told = date_in(finding.sentence.original, published)
    if told is not None and pledged is not None and last_day(told) <= pledged:
        return True  # dated before or on the day of the pledge: background
    if (
        told is not None
        and published is not None
        and last_day(told) < published - timedelta(days=60)
    ):
        return True  # long ago when this was written
    if _on_its_own_day(reading, pledged) and finding.milestone in {
        Milestone.SIGNED,
        Milestone.PLAN_PUBLISHED,
        Milestone.PREPARING,
    }:
        return True  # the pledge itself: its plan shown, its statement adopted
    if finding.milestone is Milestone.PARTY_JOINED:
        return False
    for entry in ledger:
        if entry.milestone is not finding.milestone or entry.date is None:
            continue
        if published is None or last_day(entry.date) + SAME_NEWS < published:
            if published is None and last_day(entry.date) > (pledged or date.min):
                continue
            return True
    return False


def _about_opinion(reading: Reading) -> bool:
    """Tell whether an article explains or comments, by its title and lead."""
    head = reading.sentences[:3]
    return any((OPINION_ZH if each.chinese else OPINION).search(each.folded) for each in head)


# --- suggestions -----------------------------------------------------------------


def _follow_up(reading: Reading, step: Finding, *, risk: bool = False) -> Suggestion:
    milestone = None if risk else step.milestone
    if milestone is not None and not step.strong and milestone not in WORDS_ONLY:
        weak_stage = Stage.COMMITTED  # a weak sign alone proves no more than words
        stage: Stage | None = weak_stage if not _supported(reading, step) else STAGES[milestone]
    else:
        stage = None if milestone is None else STAGES.get(milestone)
    day = date_in(step.sentence.original, reading.published)
    done, target = _count(step.sentence)
    novelty = tuple(
        name
        for name, there in (
            ("date", day),
            ("number", done),
            ("party", milestone is Milestone.PARTY_JOINED),
        )
        if there
    )
    english, chinese = _why(step, risk=risk)
    return Suggestion(
        relation=Relation.FOLLOW_UP,
        milestone=milestone,
        setback=None if risk else step.setback,
        stage=stage,
        confidence=round(min(0.95, 0.3 + step.weight / 9), 2),
        triggers=(_trigger(step),),
        guards=step.guards,
        novelty=novelty,
        event_date=day,
        done=done,
        target=target,
        why=english,
        why_zh=chinese,
        rules=RULES,
    )


def _supported(reading: Reading, step: Finding) -> bool:
    """Tell whether a weak sign has a strong one, or a date, beside it."""
    others = [each for each in reading.steps if each is not step and each.strong and each.milestone]
    return bool(others) or date_in(step.sentence.original, None) is not None


def _count(sentence: Sentence) -> tuple[int | None, int | None]:
    found = COUNT.search(sentence.folded)
    if found is None:
        return None, None
    if found[1]:
        return int(found[1]), int(found[2])
    return int(found[3]), None


def _trigger(finding: Finding) -> Trigger:
    start = finding.sentence.start + finding.start
    return Trigger(
        quote=finding.sentence.original[finding.start : finding.end],
        part=finding.sentence.part,
        start=start,
        end=start + finding.end - finding.start,
    )


def _why(step: Finding, *, risk: bool) -> tuple[str, str]:
    words = " ".join(step.sentence.original[step.start : step.end].split())
    where = "in the title" if step.sentence.part is ArticlePart.TITLE else "in the text"
    where_zh = "标题" if step.sentence.part is ArticlePart.TITLE else "正文"
    if risk:
        return (
            f"a risk: “{words}” {where}, hedged ({', '.join(step.guards)})",
            f"风险：{where_zh}出现“{words}”，语气不确定",
        )
    return (
        f"“{words}” {where} beside the pledge's name, not hedged",
        f"{where_zh}中承诺名称旁出现“{words}”，未见保留语气",
    )


def _quiet(reading: Reading, found: CommitmentMatch, guard: str | None) -> Suggestion:
    """Return a restatement, or a mention where the pledge is not what the article is about."""
    relation = Relation.RESTATEMENT if _is_main_topic(reading, found) else Relation.MENTION
    if guard is not None:
        relation = Relation.RESTATEMENT
    fired = tuple(dict.fromkeys(name for each in reading.guarded for name in each.guards))
    hedged = reading.guarded[0] if reading.guarded else None
    if hedged is not None:
        words = " ".join(hedged.sentence.original[hedged.start : hedged.end].split())
        why = f"names the pledge; “{words}” is no step ({', '.join(hedged.guards)})"
        why_zh = f"提到该承诺；“{words}”不构成进展"
    elif relation is Relation.RESTATEMENT:
        why, why_zh = (
            "repeats or explains the pledge, with no sign of a new fact",
            "重述或解释该承诺，未见新事实",
        )
    else:
        why, why_zh = "names the pledge in passing", "顺带提及该承诺"
    return Suggestion(
        relation=relation,
        confidence=0.6,
        triggers=(_trigger(hedged),) if hedged else (),
        guards=fired,
        why=why,
        why_zh=why_zh,
        rules=RULES,
    )


def _is_main_topic(reading: Reading, found: CommitmentMatch) -> bool:
    """Tell whether an article is about the pledge: named in the title, or strongly and early."""
    if any(match.part is ArticlePart.TITLE for match in found.matches):
        return True
    strong = [match for match in found.matches if match.role is TermRole.ALIAS]
    early = [match for match in strong if match.start < max(120, len(reading.article.text) * 0.35)]
    return bool(early) or len(strong) >= 3
