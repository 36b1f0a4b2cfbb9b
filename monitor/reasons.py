"""A suggestion, with one sentence that says why, in English and Chinese. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from model.records import (
    ArticlePart,
    Milestone,
    Relation,
    Stage,
    Suggestion,
    Trigger,
)
from monitor.findings import Finding, Sort

RULES = "rules-3"

GUARDS_ZH = {
    "future": "将来时",
    "possibility": "可能",
    "wish": "意愿或呼吁",
    "condition": "有条件",
    "negation": "否定",
    "question": "疑问",
    "plan": "对象只是方案",
    "noun": "作名词用",
    "background": "背景",
    "reversal": "否认挫折",
}
NOVELTY_ZH = {
    "date": "日期",
    "place": "地点",
    "number": "数目",
    "party": "参与方",
    "document": "文件",
}
_PLACE = re.compile(r"\b(?:in|at) ((?:[A-Z][\w'-]+)(?: [A-Z][\w'-]+){0,2})")
_SEAT_ZH = re.compile(r"(?:设在|设于|拟设|将设|落户|选在|定于)在?([\u4e00-\u9fff]{2,4})")
_PLACE_ZH = re.compile(
    r"在([\u4e00-\u9fff]{2,8}?)(?:正式|顺利)?(?:举行|召开|签署|成立|揭牌|启用|开幕|奠基|开工|举办|挂牌|启动|设立)"
)


def follow_up(
    finding: Finding,
    *,
    stage: Stage | None = None,
    done: int | None = None,
    target: int | None = None,
    risk: bool = False,
) -> Suggestion:
    """Return the suggestion of a step, a setback or a risk."""
    place = _place(finding)
    new = {
        "date": finding.when,
        "place": place,
        "number": done,
        "party": finding.milestone is Milestone.PARTY_JOINED,
        "document": finding.milestone in {Milestone.SIGNED, Milestone.PLAN_PUBLISHED},
    }
    novelty = tuple(name for name, there in new.items() if there)
    english, chinese = _why(finding, novelty, risk=risk)
    return Suggestion(
        relation=Relation.FOLLOW_UP,
        milestone=None if risk else finding.milestone,
        setback=None if risk else finding.setback,
        stage=None if risk else stage,
        confidence=_confidence(finding, risk=risk),
        triggers=(_trigger(finding),),
        guards=finding.guards,
        novelty=novelty,
        event_date=finding.when,
        place=place,
        done=done,
        target=target,
        why=english,
        why_zh=chinese,
        rules=RULES,
    )


def quiet(relation: Relation, guarded: Sequence[Finding]) -> Suggestion:
    """Return the suggestion of an article that brings nothing new."""
    fired = tuple(dict.fromkeys(name for each in guarded for name in each.guards))
    hedged = max(guarded, key=lambda each: -each.sentence.number, default=None)
    about = relation is Relation.RESTATEMENT
    english = "repeats or explains the pledge" if about else "names the pledge in passing"
    chinese = "重述或解释该承诺" if about else "顺带提及该承诺"
    if hedged is not None:
        names = ", ".join(hedged.guards)
        names_zh = "、".join(GUARDS_ZH.get(each, each) for each in hedged.guards)
        english += f"; “{hedged.quote}” is no step ({names})"
        chinese += f"；“{hedged.quote}”不构成进展（{names_zh}）"
    else:
        english += "; no sign of a new fact"
        chinese += "；未见新事实"
    return Suggestion(
        relation=relation,
        confidence=0.6,
        triggers=(_trigger(hedged),) if hedged else (),
        guards=fired,
        place=_place(hedged) if hedged and hedged.milestone is Milestone.PLACE_DECIDED else None,
        why=english,
        why_zh=chinese,
        rules=RULES,
    )


def _confidence(finding: Finding, *, risk: bool) -> float:
    """Return how sure a suggestion is: a strong sign in the title most, words said again least."""
    base = {Sort.STEP: 0.45, Sort.SETBACK: 0.55, Sort.UPCOMING: 0.4, Sort.UPTAKE: 0.4}
    sure = 0.35 if risk else base.get(finding.sort, 0.3)
    number = finding.sentence.number
    sure += 0.25 if number == 0 else 0.15 if number < 3 else 0.0
    sure += 0.15 * finding.strong + 0.1 * finding.named
    return round(min(sure, 0.95), 2)


def _trigger(finding: Finding) -> Trigger:
    start = finding.sentence.start + finding.start
    return Trigger(
        quote=finding.sentence.original[finding.start : finding.end],
        part=finding.sentence.part,
        start=start,
        end=start + finding.end - finding.start,
    )


def _place(finding: Finding) -> str | None:
    """Return where it happened, as the sentence puts it."""
    if finding.sentence.chinese:
        seat = _SEAT_ZH.search(finding.sentence.folded)
        is_seat = finding.milestone is Milestone.PLACE_DECIDED and seat is not None
        found = seat if is_seat else _PLACE_ZH.search(finding.sentence.folded)
        return finding.sentence.original[slice(*found.span(1))] if found else None
    found = _PLACE.search(finding.sentence.original, finding.start)
    return found[1] if found else None


def _why(finding: Finding, novelty: Sequence[str], *, risk: bool) -> tuple[str, str]:
    in_title = finding.sentence.part is ArticlePart.TITLE
    where = "in the title" if in_title else "in the text"
    where_zh = "标题" if in_title else "正文"
    new = f"; new: {', '.join(novelty)}" if novelty else ""
    new_zh = f"；新内容：{'、'.join(NOVELTY_ZH[each] for each in novelty)}" if novelty else ""
    words = finding.quote
    if risk:
        hedges = ", ".join(finding.guards)
        hedges_zh = "、".join(GUARDS_ZH.get(each, each) for each in finding.guards)
        return (
            f"risk: “{words}” {where} of the pledge, hedged ({hedges})",
            f"风险：{where_zh}中就该承诺出现“{words}”，带保留语气（{hedges_zh}）",
        )
    english, chinese = {
        Sort.UPCOMING: ("is a date shortly ahead", "为临近日期"),
        Sort.UPTAKE: ("tells of use by those it was meant for", "表明受益方已在使用"),
        Sort.EVENT: (
            "dates something about the pledge to these days; what it is, a reader must say",
            "表明近日发生与该承诺有关的事，具体须人工判断",
        ),
        Sort.OFFER: ("offers to take part in the pledge", "表示愿意参与该承诺"),
        Sort.WORDS: ("says the pledge again in a high forum", "在高级别场合重申该承诺"),
        Sort.SETBACK: ("tells of a setback, not hedged", "表明受挫，未见保留语气"),
    }.get(
        finding.sort,
        ("stands in a clause about the pledge, not hedged", "与该承诺同处一句，未见保留语气"),
    )
    return f"“{words}” {where} {english}{new}", f"{where_zh}中“{words}”{chinese}{new_zh}"
