"""How well copies and rewrites of one dispatch are known again, on a made-up set with exact truth.

Reports in English, simplified and traditional Chinese are put together from parts of sentences. A
cluster is one report with what outlets make of it: other first words, a cut tail, sentences left
out, added, moved or put in other words, the other script. Beside it stand siblings: reports from
the same template, with two fifths of the text in common and an almost equal headline, that tell of
something else. Prints precision and recall over pairs, and documents a second, beside datasketch
and simhash where those are installed; and the goals.

    python -m benchmarks.near_duplicates
"""

from __future__ import annotations

import argparse
import importlib.util
import random
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations

import opencc

from model.records import Article, FeedId, Language
from monitor.developments import Stories
from monitor.fingerprints import signature

NOW = datetime(2026, 11, 24, tzinfo=UTC)
MIN_PRECISION, MIN_RECALL = 0.97, 0.98

ENGLISH = {
    "who": """The minister for harbours|A spokesman of the river board|Twelve coastal towns
        |The council of the islands|Engineers who surveyed the site|The head of the grain fund
        |Two members of the panel|An envoy of the northern states|The mayor of the old port
        |Teachers from nine districts|The company that won the tender|Officials at the ferry office
        |A group of fishermen|The deputy secretary of the bank|Lawyers for the farmers
        |The team in charge of the bridge|Researchers at the salt institute|The valley assembly""",
    "did": """said on {day} that|wrote in a letter seen on {day} that|told reporters that
        |has confirmed after long talks that|made known at a meeting in {place} that
        |repeated before {number} guests that|warned for the first time that
        |explained in {place} on {day} that|announced without giving details that
        |agreed in the night to {day} that|denied on {day} any doubt that|assured visitors that""",
    "what": """the new {thing} will take in {number} people a year
        |work on the {thing} begins once the ground has dried
        |{number} households are to be joined to the {thing} before winter
        |a loan of {number} million is meant for the {thing} in {place}
        |nobody will have to pay for the use of the {thing}
        |the rules for the {thing} were signed by {number} delegations
        |the {thing} at {place} is to open its doors earlier than planned
        |half of the money for the {thing} has already been spent
        |a commission will look at every bill of the {thing}
        |the first ships may reach the {thing} from {day} on
        |the {thing} has {number} staff, most of them from {place}
        |the plans for a second {thing} have not been given up""",
    "end": """., and that nothing else was decided.|. Critics find that too little.
        |, whatever the weather brings.|. A vote is due in {place} next month.
        |; the papers were laid out for {number} days.|. Neighbours had asked for years.
        |, as the statute of {place} demands.|. No other party was heard.|, it was learned.
        |. The market took it calmly.|. The rest is left to a working group.|.""",
    "name": "{name}|{name}, of {place},|and {name}|{name} {name}",
    "thing": "harbour wall|seed store|night ferry|grain exchange|school barge|tide mill|salt road"
    "|weather station|cable house|fish market|signal tower|rope works|water archive|pilot office",
    "place": "Port Laval|Nuova Sella|Harrowgate Bay|Tessin Point|Old Quay|Marrow Island|Kelby"
    "|Saint Orla|Westmere|Dunlow|Vasto|Pell Sound|Arden Ferry|Long Reach|Coll Harbour|Ibris",
    "day": "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday",
    "head": "{place} gives {thing} {number} million, {name} says"
    "|{thing} of {name} opens in {place} for {number} people"
    "|{place} and {name} sign accord on {thing}|{number} towns join {thing} of {name} in {place}"
    "|Work on {place} {thing} delayed by {number} days as {name} leaves",
}
CHINESE = {
    "who": """港务部长|河道委员会发言人|十二个沿海城镇|群岛议会|勘察现场的工程师
        |粮食基金负责人|两名评审团成员|北方各州的特使
        |老港市长|九个区的教师|中标企业|轮渡办公室官员|一批渔民|银行副行长|农户的律师
        |大桥项目组|盐业研究所学者|河谷代表大会""",
    "did": """{day}表示，|在{day}公开的信中写道，|向记者透露，|经过长时间会谈后确认，
        |在{place}举行的会议上宣布，
        |当着{number}位来宾重申，|首次警告说，|{day}在{place}解释称，|未作详细说明便宣布，
        |{day}凌晨商定，|{day}否认外界疑虑，称|向来访者保证，""",
    "what": """新的{thing}每年将接待{number}人|{thing}的施工要等地面干透后开始
        |入冬前将有{number}户家庭接入{thing}
        |一笔{number}万元的贷款将用于{place}的{thing}|任何人使用{thing}都无需付费
        |{number}个代表团签署了{thing}的章程
        |{place}的{thing}将比原计划提前开放|{thing}的经费已经用去一半
        |专门委员会将审查{thing}的每一笔账目
        |首批船只最早{day}可抵达{thing}
        |{thing}有{number}名职员，多数来自{place}
        |修建第二座{thing}的设想并未放弃""",
    "end": """，此外没有作出别的决定。|。批评者认为远远不够。|，无论天气如何变化。
        |。下月将在{place}表决。|；文件公示了{number}天。
        |。附近居民已经呼吁多年。|，这是{place}条例的要求。|。其他各方未被征询意见。
        |，消息人士说。|。市场反应平静。|。其余事项交由工作组处理。|。""",
    "name": "{name}|与{name}|{name}和{name}|（{place}）{name}",
    "thing": "防波堤|种子仓库|夜间渡轮|粮食交易所|水上学校|潮汐磨坊|盐路|气象站|电缆楼|鱼市"
    "|信号塔|缆绳工场|水利档案馆|引航站",
    "place": "拉瓦尔港|新塞拉|哈罗湾|泰辛角|旧码头|马罗岛|凯尔比|圣奥拉|西米尔|邓洛|瓦斯托"
    "|佩尔海峡|阿登渡口|长滩镇|科尔港|伊布里斯",
    "day": "周一|周二|周三|周四|周五|周六|周日",
    "head": "{name}：{place}向{thing}拨款{number}万元|{name}的{place}{thing}启用接待{number}人"
    "|{place}与{name}签署{thing}协议|{number}个城镇加入{name}领导的{place}{thing}"
    "|{name}离任，{place}{thing}工程推迟{number}天",
}
PARTS = {
    language: {
        name: [" ".join(each.split()) for each in text.split("|")] for name, text in of.items()
    }
    for language, of in (("en", ENGLISH), ("zh", CHINESE))
}


@dataclass(frozen=True, slots=True)
class Report:
    """One document, and which cluster it is of."""

    cluster: int
    language: Language
    title: str
    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        return (" " if self.language is Language.ENGLISH else "").join(self.sentences)


class Press:
    """Writes reports, and what outlets make of them."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self._fuller = opencc.OpenCC("s2t")

    def reports(self, clusters: int) -> list[Report]:
        found: list[Report] = []
        for number in range(clusters):
            language = Language.ENGLISH if number % 2 else Language.CHINESE_SIMPLIFIED
            sibling = found and self.random.random() < 0.3
            of_kind = [each for each in found if each.language is language] if sibling else []
            if of_kind:
                first = self._sibling(self.random.choice(of_kind), number)
            else:
                sentences = tuple(
                    self._sentence(language) for _ in range(self.random.randint(7, 14))
                )
                first = Report(number, language, self._filled("head", language), sentences)
            found.append(first)
            found += [self._edited(first) for _ in range(self.random.choice((0, 0, 1, 2, 3, 5)))]
        self.random.shuffle(found)
        return found

    def _sibling(self, other: Report, number: int) -> Report:
        """Return a report of the same template: two fifths of the text are the same."""
        kept = self.random.sample(range(len(other.sentences)), int(len(other.sentences) * 0.4))
        sentences = tuple(
            each if place in kept else self._sentence(other.language)
            for place, each in enumerate(other.sentences)
        )
        return Report(number, other.language, self._filled("head", other.language), sentences)

    def _edited(self, report: Report) -> Report:
        sentences = list(report.sentences)
        how = self.random.choice(("cut", "words", "words", "moved", "script", "lead"))
        if how == "cut":
            sentences = sentences[: max(4, int(len(sentences) * self.random.uniform(0.6, 0.9)))]
        elif how in {"words", "script"}:
            share = 0.15 if how == "words" else 0.0
            sentences = [
                self._sentence(report.language) if self.random.random() < share else each
                for each in sentences
            ]
        elif how == "moved":
            place = self.random.randrange(1, len(sentences))
            sentences = [*sentences[place:], *sentences[:place]]
            sentences.pop(self.random.randrange(len(sentences)))
        else:
            tags = (
                ("(Agency) ", "KELBY — ")
                if report.language is Language.ENGLISH
                else ("本报讯 ", "（综合外电）")
            )
            sentences[0] = self.random.choice(tags) + sentences[0]
            sentences.append(self._sentence(report.language))
        title = (
            report.title if self.random.random() < 0.5 else self._filled("head", report.language)
        )
        language = report.language
        if language is not Language.ENGLISH and (how == "script" or self.random.random() < 0.3):
            sentences, title = (
                list(map(self._fuller.convert, sentences)),
                self._fuller.convert(title),
            )
            language = Language.CHINESE_TRADITIONAL
        return Report(report.cluster, language, title, tuple(sentences))

    def _sentence(self, language: Language) -> str:
        between = " " if language is Language.ENGLISH else ""
        end = self._filled("end", language).removeprefix(".,").strip()
        said = between.join(self._filled(each, language) for each in ("who", "name", "did", "what"))
        return said + (f" {end}" if end[:1].isalpha() else end)

    def _filled(self, part: str, language: Language) -> str:
        english = language is Language.ENGLISH
        parts = PARTS["en" if english else "zh"]

        def value(slot: re.Match[str]) -> str:
            if slot[1] == "number":
                return str(self.random.randint(3, 980))
            if slot[1] == "name":
                return self._name(english=english)
            return self.random.choice(parts[slot[1]])

        return re.sub(r"{(\w+)}", value, self.random.choice(parts[part]))

    def _name(self, *, english: bool) -> str:
        if english:
            syllables = self.random.choices(
                "ta ren vo mik sal du ori lem han bes ko wyn".split(), k=3
            )
            return "".join(syllables).title()
        return "".join(self.random.choices("周林石沈叶明远文清海川雨宁安岚松柏", k=3))


def by_stories(reports: Sequence[Report]) -> list[str]:
    """Fold as the product does."""
    stories, found = Stories(), []
    for number, each in enumerate(reports):
        article = Article(
            feed_id=FeedId("made-up"), entry_id=str(number), url="", title=each.title,
            text=each.text, language=each.language, fetched_at=NOW,
            published_at=NOW + timedelta(hours=number % 48),
        )  # fmt: skip
        found.append(stories.add(str(number), article, signature(each.title, each.text)))
    return found


def by_datasketch(reports: Sequence[Report]) -> list[str]:
    from datasketch import MinHash, MinHashLSH

    index, found = MinHashLSH(threshold=0.5, num_perm=128), []
    for number, each in enumerate(reports):
        mark = MinHash(num_perm=128)
        mark.update_batch([each.encode() for each in _shingles(f"{each.title}\n{each.text}")])
        others = index.query(mark)
        found.append(found[min(map(int, others))] if others else str(number))
        index.insert(str(number), mark)
    return found


def by_simhash(reports: Sequence[Report]) -> list[str]:
    from simhash import Simhash, SimhashIndex

    index, found = SimhashIndex([], k=3), []
    for number, each in enumerate(reports):
        mark = Simhash(list(_shingles(f"{each.title}\n{each.text}")))
        others = index.get_near_dups(mark)
        found.append(found[min(map(int, others))] if others else str(number))
        index.add(str(number), mark)
    return found


def _shingles(text: str) -> set[str]:
    size = 16 if text.isascii() else 4
    return {text[place : place + size] for place in range(max(len(text) - size + 1, 1))}


def pairs(names: Iterable[object]) -> set[tuple[int, int]]:
    """Return the pairs of places that have one name."""
    places = defaultdict(list)
    for place, name in enumerate(names):
        places[name].append(place)
    return {pair for each in places.values() for pair in combinations(each, 2)}


def measure(
    fold: Callable[[Sequence[Report]], list[str]], reports: Sequence[Report]
) -> tuple[float, float, float]:
    """Return precision and recall over pairs, and documents a second (CPU time)."""
    started = time.process_time()
    names = fold(reports)
    taken = time.process_time() - started
    found, truth = pairs(names), pairs(each.cluster for each in reports)
    right = len(found & truth)
    return right / max(len(found), 1), right / len(truth), len(reports) / taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clusters", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    reports = Press(options.seed).reports(options.clusters)
    print(f"{len(reports):,} reports of {options.clusters:,} clusters")
    print(f"{'way':<12} {'precision':>9} {'recall':>9} {'a second':>9}")
    by_stories(reports[:50])
    results = {}
    for way, fold in (("ours", by_stories), ("datasketch", by_datasketch), ("simhash", by_simhash)):
        if way == "ours" or importlib.util.find_spec(way):
            results[way] = measure(fold, reports)
            precision, recall, speed = results[way]
            print(f"{way:<12} {precision:>9.4f} {recall:>9.4f} {speed:>9,.0f}")
    for what, bound, value in (
        ("precision", MIN_PRECISION, results["ours"][0]),
        ("recall", MIN_RECALL, results["ours"][1]),
    ):
        print(f"{what} >= {bound}: {'met' if value >= bound else 'NOT MET'}")


if __name__ == "__main__":
    main()
