"""What headlines say: one dispatch in two languages, and siblings that only look alike."""

from __future__ import annotations

import pytest

from monitor.headlines import counts, holds_headline, notions, other_place, same_headline

SAME = [
    (
        "Coastal states sign charter of world harbour fund in Nairobi",
        "沿海国家在内罗毕签署世界港口基金章程",
    ),
    (
        "Coastal nations sign the charter of a global harbour fund in Nairobi",
        "沿海國家在內羅畢簽署全球港口基金章程",
    ),
    ("沿海国家在内罗毕签署世界港口基金章程", "沿海國家在內羅畢簽署世界港口基金章程(雙語)"),
    (
        "African Union opens climate research centre in Accra",
        "非盟在阿克拉启用气候研究中心",
    ),
    ("Japan and India agree on new satellite project", "日本和印度就新卫星项目达成一致"),
    ("EU leaders reject tariff plan at Brussels summit", "歐盟領導人在布魯塞爾峰會上否決關稅方案"),
    (
        "Brazil, 14 African countries agree to deepen forest cooperation",
        "Brazil and 14 African nations agree on deeper forest collaboration",
    ),
    ("第二十四次海洋科学大会在里约开幕", "第24次海洋科學大會在里約開幕"),
]
APART = [
    ("Kenya signs railway agreement with China", "Kenya postpones railway agreement with China"),
    ("肯尼亚与中国签署铁路协议", "肯尼亚与中国推迟铁路协议"),
    ("肯亞與中國簽署鐵路協議", "肯亞與中國暫停鐵路協議"),
    ("第二十四次海洋科学大会在里约开幕", "第二十五次海洋科学大会在里约开幕"),
    ("第二十四次海洋科學大會在里約開幕", "第二十四次海洋科學大會在里約閉幕"),
    ("China to open AI research centre in Lagos", "China to open health training centre in Dakar"),
    ("14 countries join world climate fund", "15 countries join world climate fund"),
    ("俄罗斯总统出席世界粮食安全会议", "俄羅斯總統將出席世界糧食安全會議"),
    ("Global declaration on ocean energy governance", "领导人通过全球海洋能源治理宣言"),
    ("Fund opens", "基金启用"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_dispatch_is_known_in_either_language_and_script(one, other):
    assert same_headline(one, other)
    assert same_headline(other, one)


@pytest.mark.parametrize(("one", "other"), APART)
def test_another_act_number_or_time_makes_another_headline(one, other):
    assert not same_headline(one, other)
    assert not same_headline(other, one)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("The world's first (bilingual)", {"=world", "=first"}),
        ("全球首个", {"=world", "=first"}),
        ("全球首個【圖】", {"=world", "=first"}),
    ],
)
def test_remarks_in_brackets_and_empty_words_say_nothing(title, expected):
    assert notions(title) == expected


def test_a_title_of_remarks_alone_is_still_read():
    assert notions("(协议)") == notions("协议")
    assert notions("") == frozenset()


def test_a_headline_may_hold_another_in_full():
    short = "Indonesia pushes for world energy bank at ASEAN"
    longer = "Indonesia pushes for world energy bank at ASEAN summit in answer to rivals"
    assert holds_headline(short, longer)
    assert not holds_headline(short, longer.replace("energy", "food"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("26 countries, 1,000 experts, 4G, on 26 July 2026", {"26"}),
        ("2026年7月26日，26国同意培训", {"26"}),
        ("2026年7月26日，26國同意培訓", {"26"}),
        ("July 14, 3 of 20.5 in 1998", set()),
    ],
)
def test_dates_years_and_single_figures_are_no_counts(text, expected):
    assert counts(text) == expected


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("Nairobi", "拉各斯", True),
        ("Nairobi", "內羅畢", False),
        ("Nairobi", "Nairobi, Kenya", False),
        ("Nairobi", "Kenya", False),
        ("Port Laval", "Sillon", True),
        ("Port Laval", "拉瓦尔港", False),
        ("上海", "北京", True),
        ("上海", None, False),
    ],
)
def test_places_are_apart_only_where_both_are_known_to_be_others(one, other, apart):
    assert other_place(one, other) is apart
