"""What sentences do for a pledge: the guards, in three scripts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from model.records import Milestone, Relation, Setback, Stage
from model.watchlist import load_watchlist
from monitor.matching import compile_watchlist
from monitor.stages import LedgerEntry, suggest
from tests.builders import an_article

ROOT = Path(__file__).parents[2]
LATER = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def matcher():
    return compile_watchlist(load_watchlist(ROOT / "watchlist.yaml"))


def read(matcher, commitment, title, text="", published=LATER, ledger=()):
    article = an_article(title=title, text=text, published_at=published)
    found = {each.commitment.id: each for each in matcher.find(article)}
    if commitment not in found:
        return None
    return suggest(article, found[commitment], ledger)


def test_china_launches_it_is_a_weak_sign(matcher):
    found = read(matcher, "waico", "China launches World AI Cooperation Organization")
    assert found.stage is Stage.COMMITTED
    second = "Its first general meeting elected a council of the World AI Cooperation Organization."
    found = read(matcher, "waico", "China launches World AI Cooperation Organization", second)
    assert found.stage is Stage.ESTABLISHED


def test_a_proposal_that_is_unveiled_is_only_floated(matcher):
    title = "Premier unveils proposal for a global AI cooperation organization"
    found = read(matcher, "waico", title)
    assert found.stage is Stage.FLOATED
    assert found.milestone is Milestone.PROPOSED


def test_a_founding_agreement_has_date_and_place(matcher):
    title = (
        "Twelve states signed the founding agreement of the World AI Cooperation Organization "
        "in Shanghai on Monday"
    )
    found = read(matcher, "waico", title)
    assert found.stage is Stage.AGREED
    assert found.place == "Shanghai"
    assert found.event_date == "2026-02-23"  # the Monday before


def test_what_is_yet_to_come_is_no_milestone(matcher):
    title = "The World AI Cooperation Organization has yet to name a host"
    found = read(matcher, "waico", title)
    assert (found.milestone, found.stage, found.setback) == (None, None, None)


@pytest.mark.parametrize(
    ("sentence", "commitment", "stage", "place"),
    [
        ("世界人工智能合作组织成立大会今日在上海举行", "waico", Stage.ESTABLISHED, "上海"),
        (
            "中国—上合组织国家人工智能应用合作中心在天津揭牌",
            "sco-ai-center",
            Stage.ESTABLISHED,
            "天津",
        ),
        ("中國—上合組織人工智能應用合作中心正式啟用", "sco-ai-center", Stage.OPERATING, None),
    ],
)
def test_a_step_in_a_chinese_title_has_its_stage_and_place(
    matcher, sentence, commitment, stage, place
):
    found = read(matcher, commitment, sentence)
    assert found.stage is stage
    assert found.place == place


def test_a_seat_that_is_only_planned_is_a_place_and_no_step(matcher):
    found = read(matcher, "waico", "世界人工智慧合作組織總部擬設上海")
    assert found.stage in {None, Stage.FLOATED, Stage.COMMITTED}
    assert found.place == "上海"
    assert "future" in found.guards


def test_a_setback_that_is_denied_is_a_restatement(matcher):
    found = read(matcher, "waico", "外交部否认世界人工智能合作组织筹备工作已搁置")
    assert found.relation is Relation.RESTATEMENT
    assert (found.setback, found.stage) == (None, None)


@pytest.mark.parametrize(
    ("sentence", "commitment"),
    [
        ("SCO leaders meeting in Shanghai discuss AI cooperation", "waico"),
        ("SCO leaders meeting in Shanghai discuss AI cooperation", "sco-ai-center"),
        ("China and Brazil sign pact for AI application cooperation centre", "sco-ai-center"),
        ("中国—上海合作组织数字经济合作平台在天津揭牌成立", "sco-ai-center"),
        ("Shanghai Cooperation Organization signs charter", "waico"),
        ("上海合作组织在天津签署宣言", "waico"),
    ],
)
def test_look_alikes_are_no_pledge(matcher, sentence, commitment):
    assert read(matcher, commitment, sentence) is None


def test_a_setback_in_the_next_sentence_beats_the_milestone(matcher):
    found = read(
        matcher,
        "sco-ai-center",
        "中国—上合组织国家人工智能应用合作中心",
        "中国—上合组织国家人工智能应用合作中心备受关注。该中心揭牌仪式推迟至明年举行。",
    )
    assert found.setback is Setback.POSTPONED
    assert found.milestone is None
    assert found.relation is Relation.FOLLOW_UP


def test_a_count_is_read_and_some_are_not_all(matcher):
    sentence = "中非数字技术合作中心已建成8个示范项目"
    found = read(matcher, "africa-20-digital-projects", sentence)
    assert (found.done, found.target) == (8, 20)
    assert found.stage is Stage.OPERATING
    assert read(matcher, "africa-digital-center", sentence).milestone is Milestone.OPERATING


@pytest.mark.parametrize(
    "template",
    [
        "If funds are found, {en} starts operations",
        "一旦资金到位，{zh-Hans}即投入运营",
        "只要資金到位，{zh-Hant}就投入運營",
    ],
)
def test_a_condition_in_the_clause_before_holds_for_this_one(matcher, template):
    found = read(matcher, "waico", template.format(**NAMES))
    assert found.milestone is None
    assert "condition" in found.guards


@pytest.mark.parametrize(
    "template",
    [
        "While the {en} waits for members, nine ports signed a towing agreement",
        "{zh-Hans}悬而未决，渔业协定却已签署",
        "{zh-Hant}懸而未決，漁業協定卻已簽署",
    ],
)
def test_a_step_of_something_set_against_the_pledge_is_not_its_own(matcher, template):
    found = read(matcher, "waico", template.format(**NAMES))
    assert found.milestone is None


NAMES = {
    "en": "World AI Cooperation Organization",
    "zh-Hans": "世界人工智能合作组织",
    "zh-Hant": "世界人工智慧合作組織",
}


@pytest.mark.parametrize(
    ("template", "milestone"),
    [
        ("29 states signed the charter of the {en}", Milestone.SIGNED),
        ("The charter of the {en} entered into force on Friday", Milestone.IN_FORCE),
        ("The {en} was formally established on Monday", Milestone.ESTABLISHED),
        ("Plaque unveiled: {en} inaugurated in Shanghai", Milestone.UNVEILED),
        ("The {en} commenced operations this week", Milestone.OPERATING),
        ("{zh-Hans}章程签署", Milestone.SIGNED),
        ("{zh-Hans}协定正式生效", Milestone.IN_FORCE),
        ("{zh-Hans}正式成立", Milestone.ESTABLISHED),
        ("{zh-Hans}总部揭牌", Milestone.UNVEILED),
        ("{zh-Hans}秘书处投入运营", Milestone.OPERATING),
        ("{zh-Hant}章程簽署", Milestone.SIGNED),
        ("{zh-Hant}協定正式生效", Milestone.IN_FORCE),
        ("{zh-Hant}正式成立", Milestone.ESTABLISHED),
        ("{zh-Hant}總部揭牌", Milestone.UNVEILED),
        ("{zh-Hant}秘書處投入運營", Milestone.OPERATING),
    ],
)
def test_a_step_that_was_taken_is_a_follow_up(matcher, template, milestone):
    found = read(matcher, "waico", template.format(**NAMES))
    assert found.relation is Relation.FOLLOW_UP
    assert found.milestone is milestone


@pytest.mark.parametrize(
    "template",
    [
        "Ministers will sign the charter of the {en} next year",
        "The {en} may be inaugurated in spring, sources say",
        "Partners hope the {en} was worth signing the charter for",
        "If signed, the charter of the {en} would bind all",
        "The charter of the {en} has not been signed",
        "Will the {en} be formally established?",
        "{zh-Hans}章程将于明年签署",
        "{zh-Hans}或将正式成立",
        "各方希望{zh-Hans}正式成立",
        "如果签署{zh-Hans}章程，各方受益",
        "{zh-Hans}章程尚未签署",
        "{zh-Hans}能否正式成立？",
        "{zh-Hant}章程將於明年簽署",
        "{zh-Hant}或將正式成立",
        "各方希望{zh-Hant}正式成立",
        "如果簽署{zh-Hant}章程，各方受益",
        "{zh-Hant}章程尚未簽署",
        "{zh-Hant}能否正式成立？",
    ],
)
def test_a_hedged_step_is_none(matcher, template):
    found = read(matcher, "waico", template.format(**NAMES))
    assert found.milestone in {None, Milestone.PROPOSED, Milestone.COMMITTED}
    assert found.stage in {None, Stage.FLOATED, Stage.COMMITTED}


@pytest.mark.parametrize(
    ("template", "setback"),
    [
        ("Launch of the {en} postponed until spring", Setback.POSTPONED),
        ("{en} plan suspended", Setback.SUSPENDED),
        ("{en} scrapped after dispute", Setback.CANCELLED),
        ("{zh-Hans}成立大会推迟", Setback.POSTPONED),
        ("{zh-Hans}筹备工作暂停", Setback.SUSPENDED),
        ("{zh-Hans}计划取消", Setback.CANCELLED),
        ("{zh-Hant}成立大會推遲", Setback.POSTPONED),
        ("{zh-Hant}籌備工作暫停", Setback.SUSPENDED),
        ("{zh-Hant}計畫取消", Setback.CANCELLED),
    ],
)
def test_a_setback_is_told(matcher, template, setback):
    found = read(matcher, "waico", template.format(**NAMES))
    assert found.setback is setback
    assert found.milestone is None


@pytest.mark.parametrize(
    "template",
    [
        "Officials deny that the {en} was postponed",
        "官员否认{zh-Hans}成立大会推迟",
        "{zh-Hans}并未取消",
        "官員否認{zh-Hant}成立大會推遲",
    ],
)
def test_a_setback_that_is_denied_is_none(matcher, template):
    found = read(matcher, "waico", template.format(**NAMES))
    assert found.setback is None
    assert found.relation is Relation.RESTATEMENT


@pytest.mark.parametrize(
    "template",
    [
        "Signing of the {en} charter may be postponed",
        "{zh-Hans}成立大会可能推迟",
        "{zh-Hant}成立大會可能推遲",
    ],
)
def test_a_possible_setback_is_a_risk_without_a_stage(matcher, template):
    found = read(matcher, "waico", template.format(**NAMES))
    assert found.relation is Relation.FOLLOW_UP
    assert found.setback is None
    assert found.milestone is None
    assert "risk" in found.why


def test_an_article_older_than_the_pledge_is_no_hit(matcher):
    early = datetime(2025, 5, 1, tzinfo=UTC)
    assert read(matcher, "waico", "World AI Cooperation Organization", published=early) is None


def test_the_same_step_again_is_a_restatement(matcher):
    ledger = (LedgerEntry(date="2026-02-01", milestone=Milestone.SIGNED),)
    title = "Charter of the World AI Cooperation Organization signed, a look back"
    assert read(matcher, "waico", title, ledger=ledger).relation is Relation.RESTATEMENT
    assert read(matcher, "waico", title).relation is Relation.FOLLOW_UP


def test_the_announcement_on_its_own_day_is_a_restatement(matcher):
    day = datetime(2025, 7, 26, 12, tzinfo=UTC)
    for title in (
        "China proposes World AI Cooperation Organization",
        "中国倡议成立世界人工智能合作组织",
        "中國倡議成立世界人工智慧合作組織",
    ):
        assert read(matcher, "waico", title, published=day).relation is Relation.RESTATEMENT


def test_every_suggestion_says_why_in_both_languages(matcher):
    found = read(
        matcher, "waico", "29 states signed the charter of the World AI Cooperation Organization"
    )
    assert "signed" in found.why
    assert "signed" in found.why_zh
    (trigger,) = found.triggers
    assert trigger.quote == "signed the charter"[: len(trigger.quote)]
    found = read(matcher, "waico", "29國在上海簽署世界人工智慧合作組織章程")
    assert found.why.endswith("; new: place, document")
    assert found.why_zh.endswith("；新内容：地点、文件")


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_text_that_names_it_thousands_of_times_is_read_at_once(matcher, name):
    text = f"{name} will sign. " * 4000
    assert read(matcher, "waico", name, text).relation is Relation.RESTATEMENT
