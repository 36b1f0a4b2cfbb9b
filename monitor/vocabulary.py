"""The words that tell a step, a setback, and a step that was not taken. Pure data.

English patterns are matched on case-folded text at word boundaries, Chinese ones on simplified text.
Strength: S may suggest its milestone, W is capped at `committed` unless something supports it
(milestones and strengths: the signal vocabulary in docs/quality.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from model.records import Milestone, Setback


@dataclass(frozen=True, slots=True)
class Signal:
    """One way to say that a step was taken."""

    milestone: Milestone
    pattern: re.Pattern[str]
    strong: bool


def _english(words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{words})\b")


def _chinese(words: str) -> re.Pattern[str]:
    return re.compile(words)


M = Milestone
_DOCUMENT = r"(?:charter|convention|agreement|accord|treaty|pact|protocol|contract|statute|deal)"
_DOCUMENT_ZH = "(?:公约|章程|协定|协议|条约|合同|议定书)"

SIGNALS: tuple[Signal, ...] = tuple(
    Signal(milestone, pattern, strong)
    for milestone, strong, pattern in (
        # delivered
        (M.DELIVERED, True, _english(r"(?:was|were|been|is|are) (?:fully )?(?:completed|fulfilled|delivered)|completed all|delivered (?:all|on)")),
        (M.DELIVERED, True, _chinese("全部建成|全面建成|已?建成|竣工|验收|全部落实|全部完成")),
        # operating
        (M.OPERATING, True, _english(r"(?:commenced?|began|begins?|started|starts) operations?|(?:became?|becomes|is now|went|now) operational|open(?:s|ed) (?:its|their) (?:\w+ ){0,2}(?:doors?|offices?|laborator(?:y|ies)|campus|site)|(?:is|are|was|were|has been|officially) open(?:ed)?|went live|goes live|put into (?:use|operation|service)|enter(?:s|ed) service|in operation|up and running")),
        (M.OPERATING, True, _english(r"(?:held|holds|hosts?|hosted|convenes?|convened|conven\w+) (?:its |the |their |an? )?(?:\w+[- ]){0,4}(?:session|workshop|training|course|dialogue)|first (?:\w+ )?(?:session|batch|course|class|trainees|case|projects?|students|workshop|train|flight|payout|grant|loan)s?(?: \w+){0,5} (?:met|meets|opened|arrived?|began|begins|held|graduat\w+|started)|first session|opens? (?:in|at|on|with|to)|opened (?:in|at|on|with|to)|trained \d+")),
        (M.OPERATING, True, _english(r"published (?:its|the|a) (?:\w+ ){0,3}(?:report|assessment|findings)|presented (?:its|the|a) (?:\w+ ){0,3}(?:report|assessment)|gain(?:s|ed)? ground|spread(?:s|ing)?(?: \w+){0,3} (?:in|across|through|among)|(?:share|adoption) (?:of|in|rises|rose|grows|grew)|lift(?:s|ed)? adoption|are rising|build on|market share")),
        (M.OPERATING, True, _chinese("启用|投入运营|投入使用|投用|开业|开馆|正式运行|投入运行|入驻|首批|首期|首例|首次对话|开班|开课|开幕|举办.{0,14}(?:研讨班|培训班|研讨会|对话)|首届.{0,16}(?:对话|会议).{0,8}(?:举行|举办|召开|开幕)|通车|发布.{0,10}(?:评估|报告)")),
        # established
        (M.ESTABLISHED, True, _english(r"(?:was|were|has been|is) (?:formally|officially) (?:established|founded|set up|constituted)|(?:formally|officially) (?:established|launched|constituted|came into being)|first general (?:meeting|assembly)|inaugural (?:meeting|session|summit)|first meeting|elect(?:s|ed) (?:its|a) council|appoint(?:s|ed)? (?:\d+|its|the|\w+) (?:members|experts|first secretary|secretary-general|scientists)|appointment of (?:the )?(?:\d+ )?members|newly appointed|founding members")),
        (M.ESTABLISHED, True, _chinese("正式成立|宣告成立|成立大会|首次会议|首任秘书长|理事会选举|任命.{0,8}(?:名|位)?(?:成员|专家|委员)|推进会")),
        (M.ESTABLISHED, False, _english(r"established|founded|created|set up|came into being")),
        (M.ESTABLISHED, False, _chinese("成立|设立|组建|建立|应运而生")),
        # unveiled
        (M.UNVEILED, True, _english(r"inaugurat(?:ed|es|ion ceremony)|plaque (?:was )?unveiled|unveil(?:s|ed) (?:a|the|its) plaque|launching the|opening ceremony")),
        (M.UNVEILED, True, _chinese("揭牌|挂牌|揭幕")),
        (M.UNVEILED, False, _english(r"launch(?:es|ed)?|unveil(?:s|ed)?|debut(?:s|ed)?")),
        (M.UNVEILED, False, _chinese("启动|亮相|上线")),
        # in force
        (M.IN_FORCE, True, _english(r"ratif(?:y|ies|ied)|deposit(?:s|ed) (?:its|the|their)? ?instruments?|(?:enter(?:s|ed)?|came|comes) into force|took effect|takes effect")),
        (M.IN_FORCE, True, _chinese("生效|批准.{0,12}" + _DOCUMENT_ZH + "|核准|交存")),
        # signed
        (M.SIGNED, True, _english(rf"(?:sign(?:s|ed)?|inks?|inked|initial(?:s|ed|led)|conclud(?:e|es|ed)|adopt(?:s|ed)?|approv(?:e|es|ed)|pass(?:es|ed)?|endors(?:e|es|ed))(?: \S+){{0,6}}? (?:{_DOCUMENT}|declaration|statement|resolution|roadmap|plan|programme|program)|contracts? (?:was|were) signed|signed by|signatories|{_DOCUMENT}(?: (?:of|on|for|to|establishing)(?: \S+){{1,8}}?)? (?:was |were |is |gets )?(?:signed|adopted)")),
        (M.SIGNED, True, _chinese("签署|签订|签约|缔结|草签|(?:通过|发表).{0,14}(?:决议|宣言|声明|规划|路线图|" + _DOCUMENT_ZH + ")|签字")),
        # preparing
        (M.PREPARING, True, _english(r"preparatory (?:office|committee|secretariat|group|meeting)|appoint(?:s|ed)|nominat(?:e|es|ed)|select(?:s|ed) the site|site (?:was |has been )?(?:chosen|selected)|allocat(?:es|ed)|tender(?:s|ed)?|br(?:oke|eaks?) ground|ground[- ]?breaking|sign(?:s|ed) an? (?:mou|memorandum)|memorandum of understanding|construction (?:began|begins|started)|co-chaired by")),
        (M.PREPARING, True, _chinese("筹建|筹备组|筹备办公室|筹委会|筹备会|立项|招标|奠基|开工|动工|谅解备忘录|意向书|提名.{0,8}(?:名|位)?(?:专家|成员|委员)")),
        # party joins
        (M.PARTY_JOINED, True, _english(r"join(?:s|ed)|acced(?:es|ed)|becom(?:es|ing)|became an? (?:founding )?member|signed up|contribut(?:e|es|ed) to it")),
        (M.PARTY_JOINED, True, _chinese("加入|申请加入|创始成员国")),
        # place
        (M.PLACE_DECIDED, True, _english(r"headquarters agreement|host[- ]country agreement|will be headquartered|is headquartered")),
        (M.PLACE_DECIDED, True, _chinese("总部协定|东道国协定|总部设在|总部设于|落户")),
        # plan
        (M.PLAN_PUBLISHED, True, _english(r"(?:releas(?:e|es|ed)|publish(?:es|ed)?|issu(?:e|es|ed)|unveil(?:s|ed)?)(?: \S+){0,5}? (?:plan|roadmap|blueprint|proposal|guidelines)")),
        (M.PLAN_PUBLISHED, True, _chinese("(?:发布|出台|印发).{0,24}(?:方案|规划|路线图|行动计划)")),
        # consulting
        (M.CONSULTING, False, _english(r"(?:hold|holds|held) (?:talks|consultations)|consult(?:s|ed)?|negotiat(?:e|es|ed|ions)")),
        (M.CONSULTING, False, _chinese("磋商|商讨|谈判|商定")),
        # words only
        (M.COMMITTED, False, _english(r"announc(?:e|es|ed)|pledg(?:e|es|ed)|vow(?:s|ed)?|promis(?:e|es|ed)|commit(?:s|ted)?|agree(?:s|d)? to|will establish|is ready to|ready to|readiness to|offer(?:s|ed|ing)")),
        (M.COMMITTED, False, _chinese("宣布|承诺|表示将|将成立|愿同|愿与|决定设立|共建")),
        (M.PROPOSED, False, _english(r"propos(?:e|es|ed|al|als|ing)|float(?:s|ed)?|call(?:s|ed)? for|suggest(?:s|ed)?|mull(?:s|ed)?|ey(?:e|es|ed)|envision(?:s|ed)?|push(?:es|ed)? for|promot(?:e|es|ed)|argu(?:e|es|ed) for|ask(?:s|ed) for|urg(?:e|es|ed)|invit(?:e|es|ed)|plans? for")),
        (M.PROPOSED, False, _chinese("提出|倡议|提议|建议|呼吁|设想|初步考虑|邀请")),
    )
)  # fmt: skip

SETBACKS: tuple[tuple[Setback, re.Pattern[str]], ...] = (
    (Setback.POSTPONED, _english(r"postpon(?:e|es|ed|ement)|delay(?:s|ed)?|push(?:es|ed)? back|defer(?:s|red)?|reschedul(?:e|es|ed)")),
    (Setback.POSTPONED, _chinese("推迟|延期|延后|顺延|改期|暂缓|择期")),
    (Setback.SUSPENDED, _english(r"suspend(?:s|ed)?|paus(?:e|es|ed)|fr(?:eezes?|oze|ozen)|put on hold|on hold|on ice|stall(?:s|ed)?")),
    (Setback.SUSPENDED, _chinese("暂停|中止|搁置|停摆|冻结|叫停")),
    (Setback.CANCELLED, _english(r"cancel(?:s|led|ed)?|scrap(?:s|ped)|shelv(?:e|es|ed)|abandon(?:s|ed)?|withdr(?:aws?|ew|awn)(?: \w+)? (?:from|support)|call(?:s|ed) off")),
    (Setback.CANCELLED, _chinese("取消|终止|撤销|撤回|退出|流产|不了了之")),
    (Setback.DENIED, _english(r"den(?:y|ies|ied)|refut(?:e|es|ed)|rul(?:e|es|ed) out")),
    (Setback.DENIED, _chinese("否认|驳斥|辟谣|不实")),
    (Setback.REPLACED, _english(r"(?:was|is|been|be) (?:replaced|superseded|renamed)|merge(?:s|d)? (?:in)?to|supersed(?:es|ed)")),
    (Setback.REPLACED, _chinese("并入|合并|更名|取代")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Guard:
    """A reason why a trigger tells no step; `before` looks only in front of it."""

    name: str
    english: re.Pattern[str]
    chinese: re.Pattern[str]


GUARDS: tuple[Guard, ...] = (
    Guard("future", _english(r"will|would|shall|is to|are to|was to|plans? to|planned|planning|set to|expected|scheduled|due to (?:open|be|begin|start|sign|launch)|aims? to|intends? to|upcoming|to be|by 20\d\d|next (?:year|month|week|spring|summer|autumn|winter)|yet to come"),
          _chinese("将(?!军|领)|即将|拟(?!人)(?<!模拟)(?<!虚拟)|计划(?=于|在|明年|建|成立|开|设|启|签)|预计|有望|未来|年内|力争|争取|明年|下月|(?<!接)待(?=.{0,6}后)")),
    Guard("possibility", _english(r"may|might|could|can|potential(?:ly)?|possibl[ey]|likely|prospective|tentative(?:ly)?|reportedly|considering"),
          _chinese("可能|或将|或于|或许|考虑|初步|有意|据传|据称|疑似")),
    Guard("wish", _english(r"hopes?|hoped|seeks?|wants?|wanted|urg(?:es|ed)|invit(?:es|ed)|encourag(?:es|ed)|call(?:s|ed)? (?:on|for)|should"),
          _chinese("希望|期待|愿(?!景)|欢迎|呼吁|推动|加快|鼓励")),
    Guard("condition", _english(r"if|once|unless|subject to|pending|provided that"),
          _chinese("如果|若(?!干)|一旦|须经|视.{0,8}而定|尚待|有待")),
    Guard("negation", _english(r"not|no|never|yet to|fail(?:s|ed)? to|without|neither|far from|nor|n't"),
          _chinese("尚未|未能|没有|并未|并非|(?<!全球)无(?!人|线|锡)|不会|无法|从未|未(?!来)")),
    Guard("question", _english(r"whether|will it|can it"), _chinese("能否|是否|会不会|网传|吗")),
)  # fmt: skip

# A trigger of a step whose object is only a plan for it.
PLAN_OBJECT = _english(
    r"(?:unveil\w*|launch\w*|sign\w* off on|releas\w+|publish\w*|present\w*)(?: (?:a|the|its|an|his|new))*(?: \w+){0,2} "
    r"(?:proposals?|plans?|visions?|blueprints?|bids?|initiatives?)"
)
PLAN_OBJECT_ZH = _chinese("(?:发布|启动|公布|亮相).{0,20}(?:方案|规划|倡议|筹备工作|申报|设想)")
# "the launch is expected", X的成立具有: the trigger is a noun.
NOUN_USE = _english(
    r"(?:the |its )?(?:launch|establishment|creation|founding|signing|opening|inauguration) of|"
    r"establishing|creating|setting up|founding"
)
NOUN_USE_ZH = _chinese(
    "的(?:成立|设立|建立|启动|揭牌)|(?:成立|设立|建立).{0,12}(?:意义|正当时|旨在|倡议)|(?:倡议|提议|建议|呼吁|提出|关于)(?:\\S{0,6})?(?:成立|设立|建立|组建)"
)
BACKGROUND = _english(
    r"since its (?:establishment|founding|creation)|founded in (?:19|20)\d\d|established in (?:19|20)\d\d|"
    r"(?:last|previous) (?:year|month)|years? ago|in (?:19\d\d|200\d|201\d)"
)
BACKGROUND_ZH = _chinese("自.{0,16}以来|于(?:19|20)\\d\\d年成立|曾|去年|此前|前年|当年")
DOUBLE_REVERSAL = _english(r"(?:den\w+|refut\w+|dismiss\w+|not|no plans? to|never|n't)")
DOUBLE_REVERSAL_ZH = _chinese("否认|驳斥|并未|没有|不会|辟谣|并非|不存在")

OPINION = _english(
    r"opinion|analysis|commentary|column(?:ist)?|op-ed|perspective|essay|paper|scholars?|researchers? (?:argue|say)|argu(?:es|ing)|"
    r"explain(?:s|ed|er)|what (?:it|the) .{0,40} means|threat assessment|blog|review of|reading of|takeaways?|viewpoint|explainers?|feature|digest"
)
OPINION_ZH = _chinese("评论|解读|观点|文章|论文|学者|专家认为|社评|专访|述评|笔记|全文|双语|对照")
FORUM = _english(
    r"summit|apec|general assembly|forum|g20|conference|congress|meeting of|ministers|leaders|council|united nations"
)
FORUM_ZH = _chinese("峰会|亚太经合组织|联大|论坛|会议|会晤|大会|理事会")
SPEAKER = _english(
    r"president|premier|prime minister|xi(?: jinping)?|li qiang|minister|secretary-general|chancellor|king|tokayev|putin|leaders?"
)
SPEAKER_ZH = _chinese("主席|总理|总统|首相|部长|外长|秘书长|国王|领导人")


def first_of(patterns: Iterable[re.Pattern[str]], text: str) -> re.Match[str] | None:
    """Return the first pattern's match that there is."""
    return next((found for pattern in patterns if (found := pattern.search(text))), None)
