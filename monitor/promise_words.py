"""Words that make a promise, in English and Chinese. Data, for monitor/promises.py.

Nothing here knows any one pledge or document. English is matched on case-folded text, Chinese on
simplified characters.
"""

from __future__ import annotations

import re


def _any(words: str) -> str:
    return "|".join(each.strip().replace(" ", r"\s") for each in words.split("/"))


# --- English ---------------------------------------------------------------------------------

FIRM = re.compile(
    r"\b(?:will|shall|(?:have |has )?(?:pledged|committed|vowed|promised|undertaken|agreed|decided|"
    r"resolved|announced)|pledges?|commits?|vows?|promises?|undertakes?|undertook|agrees?|decides?|"
    r"announces?|resolves?|requests?|requested|tasks?|tasked|instruct(?:s|ed)?|mandate[sd]?|(?:is|are|am) to|pledging|committing|agreeing|investing|promising|undertaking)\b"
)
SOFT = re.compile(
    r"\b(?:propos(?:es?|ed|ing)|call(?:s|ed|ing)? (?:for|on|upon)|invit(?:es?|ed|ing)\b.{0,60}?\bto(?: help)?"
    r"|suggest(?:s|ed|ing)?|offer(?:s|ed|ing)?|(?:is|are|stands?) ready|intend(?:s|ed)?|plans?\b"
    r"|planned|highlight(?:s|ed) plans|considers?|considering|float(?:s|ed)"
    r"|(?:unveil|present|announc|outlin|float|mak|made|put)(?:s|ed|es|ing|e)?(?: forward)? an?"
    r"(?: [\w-]+){0,2} (?:proposal|plan|bid))\b"
)
MAKING = _any(
    "establish/set up/create/build/launch/found/open/construct/form/institute/start/inaugurate/"
    "establishing/setting up/creating/building/launching/founding/opening/constructing/forming/"
    "starting/establishment of/creation of/construction of/launch of/founding of/setting up of/"
    "opening of/formation of/develop/developing"
)
GIVING = _any(
    "provide/providing/contribute/contributing/donate/donating/fund/funding/finance/financing/"
    "allocate/allocating/invest/investing/train/training/send/sending/supply/supplying/lend/lending/"
    "deliver/delivering/share/sharing/grant/granting/deploy/deploying/offer/offering/facilitate/"
    "facilitating/give/giving/help"
)
DOING = _any(
    "close/closing/cut/cutting/reduce/reducing/double/doubling/triple/tripling/halve/halving/"
    "phase out/phasing out/end/ending/ban/banning/raise/raising/plant/planting/restore/restoring/"
    "ratify/ratifying/adopt/adopting/sign/signing/publish/publishing/present/presenting/submit/"
    "submitting/complete/completing/finish/finishing/host/hosting/hold/holding/convene/convening/"
    "appoint/appointing/release/releasing/replace/replacing/electrify/electrifying/protect/"
    "protecting/renovate/renovating/vaccinate/vaccinating/draft/drafting/conclude/concluding/retire/retiring/recruit/recruiting/hire/hiring/introduce/introducing/abolish/abolishing/lift/lifting/"
    "scrap/scrapping/install/installing/plug/repair/repairing/pay/paying/buy/buying/receive/receiving"
)
VAGUE = _any(
    "enhance/enhancing/strengthen/strengthening/promote/promoting/deepen/deepening/expand/expanding/"
    "support/supporting/advance/advancing/cooperate on/improve/improving/increase/increasing"
)
VERB = re.compile(
    rf"\b(?:(?P<making>{MAKING})|(?P<giving>{GIVING})|(?P<doing>{DOING})|(?P<vague>{VAGUE}))\b"
)
NUMBER = re.compile(
    r"(?:(?:US)?[$£€]|\b)(?:\d[\d,.]*(?:bn|m|k)?|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|"
    r"thirty|forty|fifty|sixty|a hundred|one hundred|a thousand)\b(?!(?:st|nd|rd|th)\b)"
)
# Words between the promise and its verb that leave it one.
BETWEEN = re.compile(
    r"(?:\s|\b(?:to|that|it|they|he|she|we|would|will|shall|also|jointly|together|now|further|help"
    r"|work|members?|states?|themselves|itself|for|the|its|their|on|both|sides|each|year|new|a"
    r"|cooperate|countries|parties|country|in|at|of|be|participate)\b)*"
)
WOULD = re.compile(
    r"\b(?:said|says|told|added|announced|promised|pledged|confirmed)\b[^.;“”\"]{0,60}?\bwould\b"
)
OFFER_OF = re.compile(
    r"\b(?:offer|pledge|commitment|promise|contribution|announcement) (?:of|by|from) "
    r"(?P<actor>[^,.;]{2,50}?) (?P<link>to|of) "
)
NEW_BODY = re.compile(
    r"^\W*a new (?P<name>[^,.;]{3,60}?)(?:, [^,.;]{3,60},)? (?:will|is to|shall)\b"
)
WILL_SEE = re.compile(r"\bwill see (?=\d|(?:more than|over|up to|some|about) \d)")
COMES = re.compile(
    r"\b(?:will|shall|is to|are to|is due to|are due to|is set to|are set to) (?:also |then |now )?"
    r"(?P<verb>be (?:officially |formally |fully |jointly )?(?:established|created|set up|built|launched|opened|"
    r"completed|published|convened|provided|trained|planted|founded|constructed|installed|finished|inaugurated|"
    r"restored|closed|phased out|banned|adopted|signed|made available|allocated|invested|doubled|halved)"
    r"|open|start work|start operations|begin work|begin operations|enter service|enter into force|go live|"
    r"become operational)\b"
)
DOCUMENT_VERB = re.compile(
    r"\b(?:adopt|endors|sign|releas|publish|issu|approv|unveil|launch)(?:es|ed|s)\b"
)
BY_TEXT = re.compile(
    r"\b(?:agreement|plan|declaration|statement|communique|accord|text|treaty|roadmap) "
    r"(?:also )?(?:establish|creat|found|launch)(?:es|ed|s)\b"
)
COVERS = re.compile(
    r"\b(?:initiative|programme|program|plan|scheme|centre|center) (?:will focus|focus(?:es|ed)) on\b"
)
SEAT = re.compile(
    r"\b(?:prospective|future|proposed|permanent)? ?(?:headquarters|secretariat|seat)\b in\b"
    r"|\bas (?:a|an|the|its)? ?(?:potential|possible|proposed|future|permanent|preferred)?"
    r" ?(?:location|site|host|home|seat|venue|place)?(?: city)?(?: (?:for|of) (?:the|its|a) "
    r"[\w’']+(?:\s[\w’']+)??)?\s?(?:headquarters|secretariat|seat)\b"
)
SEAT_VERB = re.compile(r"\b(?:propos|suggest|select|choos|chose|nam|offer|pick|floa|consider)\w*\b")

ENGLISH_HEADS: dict[str, str] = {
    "body": "organization organisation council commission committee body agency authority secretariat "
    "alliance board tribunal union",
    "centre": "centre center institute headquarters laboratory laboratories hospital hospitals school "
    "schools railway railways line port airport university academy hub station stations clinic "
    "clinics link bridge tunnel observatory museum facility facilities office campus power-station track road roads motorway highway reactor plant plants dam reservoir canal pipeline cable grid stadium park reserve sanctuary route",
    "document": "treaty convention agreement declaration statement roadmap protocol protocols charter "
    "accord pact plan strategy framework rules guidelines code compact law standards text report reports survey",
    "programme": "fund programme program initiative facility scheme platform platforms network system "
    "projects project dialogue forum scholarships scholarship grants loans loan corridor mechanism "
    "mechanisms assembly exchange conference summit partnership partnerships reserve stockpile corps bank service places models "
    "technologies workshops exchange exchanges training talent crowns dollars euros",
}
EMPTY = re.compile(  # objects that only point back, or promise nothing that can be looked for
    r"^(?:(?:the|this|that|these|those|its|their|such|any|more|greater|further|proposed|a) )*"
    r"(?:proposal|proposals|organization|organisation|body|cooperation|efforts?|it|them|initiative|"
    r"programme|world|future|consensus|trust|shared|way|ways|goals?|approach|statement)\b(?! on)\W*$"
)
CAUTION = re.compile(
    r"\b(?:reportedly|allegedly|may(?! \d)|might|could|rumou?red|tentatively|considering)\b"
)
NO_PROMISE = re.compile(
    r"\b(?:recall(?:s|ed)?|would have|had (?:pledged|promised|agreed)|failed to|refused to|"
    r"not (?:agree|commit|promise|pledge)|opinion|email|newsletter|cookies|critics|fear|analysts?|experts?|economists?|observers|opposition|lawmakers?)\b"
)

# --- Chinese ---------------------------------------------------------------------------------

FIRM_ZH = re.compile(
    r"承诺|同意|到20\d\d年|今年将|决定|宣布|商定|约定|保证|表示将|郑重|一致|共识|将(?!军|领|士|近|相)|会(?=在|于|把|将)|要(?=在|于)|协议"
)
_DEEDS_ZH = "设|成立|建|组建|修|兴|创|举办|开|制定|制订|购|提供|培训|投|完成|发布|签|共|实施|联合"
SOFT_ZH = re.compile(
    rf"拟(?!人|态|定)|计划(?=[^,，。的书]{{0,10}}(?:{_DEEDS_ZH}|推))|愿(?!景|望)"
    rf"|(?<!的)(?:倡议|提议|建议|主张)(?=[^,，。的]{{0,8}}(?:{_DEEDS_ZH}))|考虑|有意|邀请|希望|力争"
)
VERB_ZH = re.compile(
    r"(?P<making>设立|成立|建立|组建|共同建设|建设|共建|修建|兴建|新建|创建|创办|开设|开办|开通|启动|筹建|设置)"
    r"|(?P<giving>提供|培训|捐赠|捐助|捐款|援助|出资|投入|拨款|发放|派遣|派出|实施|共享|资助|注资|无偿提供|采购|购置|引进|援建|承建|承办|招聘|招收|聘用|派驻|安排|划拨|筹集|发表|增设|新增|扩建|增开)"
    r"|(?P<doing>举办|主办|承办|制定|制订|发布|出台|签署|缔结|完成|关闭|减少|削减|淘汰|种植|恢复|翻修|修复|改造|开放|批准|取消|减免|免除|降低|提高|普及|接种)"
)
HEADS_ZH: dict[str, str] = {
    "body": "组织 委员会 理事会 联盟 机构 秘书处 管理局 法庭 协会",
    "centre": "中心 总部 铁路 公路 港口 机场 学院 大学 研究院 实验室 医院 诊所 学校 检查站 车站 大楼 基地 园区 办公室 工坊 大桥 "
    "隧道 电站 线路 博物馆 仓库 口岸 厂 文化馆 体育馆 剧院 码头 新站 号线 单位 住房 房屋 公屋 水库 电网 用地 管道 大坝 机组",
    "document": "协定 协议 公约 条约 章程 宪章 宣言 声明 路线图 行动计划 规划 方案 议定书 规则 标准 草案 指南 文本 战略 报告 白皮书 法案 条例",
    "programme": "基金 计划 项目 工程 机制 网络 平台 贷款 赠款 奖学金 名额 经费 资金 小组 论坛 对话 "
    "数据库 卫星 系统 银行 储备 走廊 司机 医生 教师 学员 人员 技术人员 人才 疫苗 信号员 援助 课程 关税 列车 电联车 飞机 船只 补贴 津贴 免签 签证 航线 航班 专用道 充电桩 岗位 树",
}
NUMBER_ZH = re.compile(
    r"(?:\d[\d,.]*|[一二两三四五六七八九十百千〇]+)\s*(?:余|多)?\s*[万亿千百]?\s*"
    r"(?P<unit>所|座|个|名|家|项|条|人|支|台|辆|公里|公顷|吨|[\\u4e00-\\u9fff]元|元|列|户|亩|间|位|班|份|套|批|艘|架|张|%)"
)
NO_PROMISE_ZH = re.compile(
    r"曾|未能|没有落实|拒绝|专家认为|学者认为|回顾|如果|是否|评论|意见认为|尚未"
)
CAUTION_ZH = re.compile(r"可能|或将|据称|据传|初步|考虑|有望|传闻")
TEXTS_ZH = re.compile(
    r"(?:发布|公布|出台|印发|通过|发表|签署|批准)了?(?P<name>《[^》]{4,50}》|[\u4e00-\u9fffA-Za-z0-9·—]{3,30}?"
    r"(?:行动方案|行动计划|路线图|规划|宣言|公约|协定|宪章|条约|战略|白皮书))(?=[^\u4e00-\u9fff]|$|[,，。（(])"
)
COMES_ZH = re.compile(
    r"(?P<name>[\u4e00-\u9fffA-Za-z0-9·“”]{3,24}?)(?:将|会|预计|可望|计划|拟|力争|争取|定)(?:于|在)?(?P<gap>[^,，。；]{0,16}?)"
    r"(?P<verb>启用|通车|建成|完工|投入使用|投入运营|成立|揭牌|开业|开馆|开通|落成|竣工|投产|动工|开工|生效)"
)
CHANGE_ZH = re.compile(
    r"(?:把|将)?(?P<name>[\u4e00-\u9fff]{2,16}?)(?P<verb>缩短|减少|降低|提高|增加|扩大|提升|压缩|削减|减)(?:至|到)"
    r"(?P<rest>[^,，。；]{1,14})"
)
SPEAKS_ZH = re.compile(r"(?:表示|指出|强调|提出|明确|说|称|透露|宣布|承诺|介绍|告诉记者|补充)$")
NUMBERED_ZH = re.compile(
    r"^\s*(?:[一二三四五六七八九十]{1,3}[、.]|[（(][一二三四五六七八九十\d]{1,3}[)）]|\d{1,2}[.、])\s*|^【[^】]*】\s*"
)
ADVERBS_ZH = re.compile(
    r"(?:还|也|均|都|一致|共同|再次|正式|今天|当天|日前|近日|明年|今年|年内|已经|已|并|则|又|今后|同时|另外|此外|最后|当场|随后|分别|将|就|拟|会)+$"
)
EMPTY_ZH = re.compile(  # figures of speech, and what only points back
    r"^(?:更多|更大|新的?|重要|有力|更高水平|高质量|中国|的|了|好|[\u4e00-\u9fff]{0,6}的)*"
    r"(?:方案|平台|智慧|机制|项目|体系|力量|作用|贡献|举措|力度|环境|机构|组织|中心|基金|计划|规划)$"
)
QUOTED_ZH = re.compile(r"《[^《》]*》?|“[^“”]*”?|「[^「」]*」?|『[^『』]*』?")
NOUN_ZH = re.compile(r"^[\u4e00-\u9fffA-Za-z·]{1,24}$")

# --- both ------------------------------------------------------------------------------------

DEMONYMS = {
    "chinese": "China", "russian": "Russia", "indian": "India", "american": "United States",
    "british": "United Kingdom", "french": "France", "german": "Germany", "japanese": "Japan",
    "brazilian": "Brazil", "kazakh": "Kazakhstan", "italian": "Italy", "spanish": "Spain",
    "canadian": "Canada", "korean": "South Korea", "turkish": "Türkiye", "egyptian": "Egypt",
    "kenyan": "Kenya", "nigerian": "Nigeria", "indonesian": "Indonesia", "iranian": "Iran",
}  # fmt: skip
TAGS: dict[str, re.Pattern[str]] = {
    "ai": re.compile(r"\bai\b|artificial intelligence|人工智能|人工智慧"),
    "digital": re.compile(r"\bdigital\b|\bdata\b|\bcyber|数字|数据|网络安全"),
    "climate": re.compile(r"climate|\bflood|\bcoal\b|\bemission|peat|气候|减排|碳"),
    "health": re.compile(r"health|vaccin|disease|hospital|clinic|疫苗|卫生|医|传染病|诊所"),
    "transport": re.compile(
        r"\brail|\btrain driver|\bport\b|airport|铁路|港口|机场|公路|列车|口岸"
    ),
    "finance": re.compile(r"\bfund\b|\bloans?\b|\bbank\b|million|billion|基金|贷款|银行|经费"),
    "training": re.compile(r"\btraining\b|\btalent\b|scholarship|培训|奖学金|人才"),
    "water": re.compile(r"\bwater|\bdyke|\briver|水源|河流"),
}
