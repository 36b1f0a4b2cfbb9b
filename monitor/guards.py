"""Why a sign of a step may tell none: guards, in the order in which they are tried. Pure data."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.notation import Pattern, chinese, english


@dataclass(frozen=True, slots=True)
class Guard:
    """Words in the sign's clause that take the step back."""

    name: str
    before: Pattern  # in front of the sign
    after: Pattern | None = None  # behind it


ENGLISH: tuple[Guard, ...] = (
    Guard(
        "future",
        english("""
            will/would/shall; is/are/was/were to; plan/plans/planned/planning to/for; set/sets out to; set/poised/due/ready/expected/scheduled/slated to
            is/are/was/were expected/scheduled/slated/planned; aims/aim/aimed to/at; intend* to; upcoming; to be; yet to come
            in_the/in_its run-up to; ahead of; days/weeks/months before; prepare* to/for; preparing to/for; would-be; forthcoming; pave/paves/paving the way
        """),
        english("""
            is/are/was expected/planned/scheduled/slated/set/due/possible/likely/probable; next year/month/week/spring/summer/autumn/winter
            later this year/month; by the end of; by next; in the coming
        """),
    ),
    Guard(
        "possibility",
        english("""
            may/might/could/can; potential; potentially; possible/possibly; likely; prospective; tentative; tentatively; reportedly
            consider/considers/considered/considering; weigh/weighs/weighing; explore/explores/exploring; mull*; rumoured/rumored; hypothetical
        """),
    ),
    Guard(
        "wish",
        english("""
            hope*; seek/seeks/sought/seeking to; want*; wants; wanted; urge*; invite*; encourage*; call/calls/called/calling on/for; should; must; need/needs to
            ask/asks/asked/asking for/to; propose*; proposing; push/pushes/pushed/pushing for/to
            proposal/proposals to/for; bid/effort/efforts/aim/initiative/call/calls/idea/plan/plans to; advocate*; in favour/favor of
        """),
    ),
    Guard("condition", english("if; once; unless; subject to; pending; provided that; in case; until; as long as")),
    Guard("negation", english("not; no; never; yet to; fail/fails/failed to; without; neither; far from; nor; n't; cannot; refuse* to; unable to; lack/lacks/lacked")),
    Guard("question", english("whether; will it; can it; can the; how to")),
)  # fmt: skip

CHINESE: tuple[Guard, ...] = (
    Guard(
        "future",
        chinese("""
            将!军/领/士/近/相关/其/于上月/于去年; 即将; 拟!人/态/定了/真; 计划 于/在/明年/建/成立/开/设/启/签/今年; 预计; 有望; 未来; 年内; 力争; 争取; 明年; 下月; 下周
            待 …后; 准备; 打算; 明天; 明日; 届时; 日后; 今后
        """),
        chinese("将于; 将在; 即将; 有望; 预计; 在望; 指日可待; 倒计时; 进入倒计时"),
    ),
    Guard("possibility", chinese("可能; 或将; 或于; 或许; 考虑; 初步; 有意; 据传; 据称; 疑似; 传闻; 能够; 可望; 设想; 潜在")),
    Guard(
        "wish",
        chinese("""
            希望; 期待; 盼; 愿!景; 欢迎; 呼吁; 推动; 推进!会; 加快; 鼓励; 倡议; 提议; 建议; 提出; 主张; 倡导; 承诺!的; 关于; 商讨; 讨论; 支持; 邀请; 应当; 应该; 需要; 旨在; 致力于; 争取
            华倡; 筹划; 谋划
        """),
    ),
    Guard("condition", chinese("如果; 若!干; 一旦; 须经; 视 …而定; 尚待; 有待; 只有; 前提"), chinese("的 前提; 需 …条件")),
    Guard("negation", chinese("尚未; 未能; 没有; 并未; 并非; 不会; 无法; 从未; 未曾; 仍未; 迟迟; 还未; 未获; 不再; 难以; 拒绝; 拒不; 不能; 不得; 不应"), chinese("尚无; 未果; 无期; 未定; 落空")),
    Guard("question", chinese("能否; 是否; 会不会; 网传; 何时")),
)  # fmt: skip

# An agreement binds, and not only one more party.
IN_FORCE = english("enter*/enters/came/comes/come into force/effect; take/takes/took effect")
IN_FORCE_ZH = chinese("生效; 施行; 起正式实施")
# A condition at the beginning of a clause holds for those behind it.
IF = english("if; once; unless; provided; as soon as; should")
IF_ZH = chinese("如果; 一旦; 倘若; 假如; 若!干; 只有; 只要; 除非")

# The object is only a plan for it: "unveils proposal for".
PLAN_OBJECT = english("""
    unveil*/launch*/release*/publish*/present*/debut* … proposal/proposals/plan/plans/vision/blueprint/bid/bids/idea/ideas/concept/campaign/campaigns/contest/petition
    sign/signs/signed off on
""")  # fmt: skip
PLAN_OBJECT_ZH = chinese(
    "发布/启动/公布/亮相/揭幕/上线 …方案/规划/倡议/筹备工作/申报/设想/蓝图/计划书/宣传/征集/活动"
)
# The sign is a noun: "the launch of X would", X的成立具有.
NOUN_USE = english("""
    the/its/a/formal/official/planned/successful/of launch/launches/establishment/creation/founding/signing/opening/inauguration/debut
    establishing; creating; setting up; founding
""")  # fmt: skip
NOUN_USE_ZH = chinese("""
    的 成立/设立/建立/启动/揭牌/亮相; 成立/设立/建立 …意义/正当时/正当其时/恰逢其时/势在必行/旨在/倡议/提议/建议/的设想/的意向
    倡议/提议/建议/呼吁/提出/关于/推动/宣布将/拟/筹备/商讨/主张 …成立/设立/建立/组建/启动; 成立/建立/设立 后/以来/之初/多年/至今
""")  # fmt: skip
NOUN_MEANING_ZH = chinese(
    "的 成立/设立/签署/签订/生效/启用/揭牌/批准/通过/建成 …将/意义/旨在/有助于"
)
# Told as something that lies back.
BACKGROUND = english("""
    since its/the establishment/founding/creation/launch; founded/established/created/launched in; years/months ago; last/previous year
    earlier this year; already; had/has long; had been; had; previously; formerly; in the past; recall/recalls/recalled/recalling; first proposed/announced
""")  # fmt: skip
BACKGROUND_ZH = chinese(
    "自 …以来; 于 19/20; 曾; 去年; 此前; 前年; 当年; 早在; 前一天; 前一日; 回顾; 年前; 早前; 先前; 成立/设立/建立/签署/启动/开通 一/两/三/四/五/六/七/八/九/十 年/周年; 已于; 之前; 历年; 多年来; 周年; 从 …到 …成立/倡议/提出/签署/设立/建设"
)
# Something denied or undone: what follows did not happen.
REVERSAL = english(
    "not; no; never; n't; untrue; false; without; avoid*; avert*; despite; rather than; no plans/plan to"
)
DENIAL = english(
    "deny*; denial; denying; refute*; refuting; dismiss*; dismissing; reject/rejects/rejected reports/claims/rumours/rumors"
)
REVERSAL_ZH = chinese(
    "否认; 驳斥; 并未; 没有; 不会; 辟谣; 并非; 不存在; 从未; 未被; 未曾; 避免; 绝非; 澄清; 不再"
)
REVERSAL_AFTER_ZH = chinese("不实; 系谣言; 为谣言; 是谣言; 不属实; 子虚乌有; 被否认")
# The pledge is only where or when something else happens.
SETTING = english(
    "on the sidelines/margins of a/an/the conference/forum/meeting/workshop/seminar/summit/talks on/about/of/for; on the sidelines/margins of the; on the sidelines/margins of; during the; during; in the context of the; alongside the; within the framework of the; under the auspices of the"
)
SETTING_ZH_BEFORE = chinese("在; 借; 于; 值; 出席; 参加")
SETTING_ZH_AFTER = chinese("期间; 框架下; 框架内; 之际; 背景下; 的背景; 机制下; 间隙; 活动期间")

OPINION = english("""
    opinion; analysis; analysts; commentary; commentator; column; columnist; op-ed; perspective; essay; paper; scholar; scholars
    explained; explainer; explains; what … means; threat assessment; blog; review; reading of; takeaways; takeaway; viewpoint; feature; interview; q&a
    preview of what; lessons; think-tank; think tank; opinions; newsletter; podcast; editorial; letter to the editor; why; mapping; academic; significance
""")  # fmt: skip
ARGUED = english(
    "argues; arguing; argued; warns; urges; contends"
)  # opinion, unless a leader does it
ARGUED_ZH = chinese("认为; 主张; 撰文")
OPINION_ZH = chinese("""
    评论; 解读; 观点; 文章; 论文; 学者; 专家认为; 专家:; 社评; 专访; 述评; 笔记; 双语; 对照; 时评; 锐评; 快评; 投书; 社论; 综述; 深度; 热议; 热烈反响; 引发 …反响; 共鸣; 分析; 观察; 访谈; 何以
""")  # fmt: skip
# Where heads and ministers speak.
FORUM = english("""
    summit; apec; general assembly; unga; forum; g20; g7; assembly; conference; congress; meeting of; ministers; ministerial; leaders; council; united nations; security council
    summits; talks in; parliament; press conference; speech; address; brics; sco; asean; un; declaration; communique; joint statement; spokesman; spokesperson
""")  # fmt: skip
FORUM_ZH = chinese(
    "峰会; 亚太经合组织; 联大; 论坛; 会议; 会晤; 大会; 理事会; 联合国; 金砖; 上合组织; 会谈; 演讲; 讲话; 致辞; 议会; 记者会; 公报; 宣言; 声明"
)
SPEAKER = english("""
    president; premier; prime minister; xi; li qiang; minister; ministers; secretary-general; chancellor; king; leaders; leader; heads of; chairman; government; governor; member states; members; states
    putin; tokayev; modi; lula; macron; trump; guterres; ramaphosa; foreign ministry; state council; parliament
""")  # fmt: skip
SPEAKER_ZH = chinese(
    "主席; 总理; 总统; 首相; 部长; 外长; 秘书长; 国王; 领导人; 团长; 元首; 政府; 外交部; 发改委; 国务院; 议长; 首脑; 代表团; 成员国; 各国; 各方"
)
# Who else could be the subject: an organisation's name that is not the pledge's.
OTHER_BODY = english(
    "center/centre/bank/forum/summit/conference/organization/organisation/panel/council/fund/committee/institute/group/university/ministry/company/assembly/alliance/association/office/agency"
)
OTHER_BODY_ZH = chinese(
    "中心!的; 组织; 论坛; 峰会; 大会; 小组; 银行; 平台; 公司; 委员会; 大学; 联盟; 协会; 研究院; 基金!会的; 学院; 集团; 企业; 博览会; 机构"
)
# Another subject, set against the pledge.
CONTRAST = english("while; whereas; although; though; unlike; instead of")
CONTRAST_ZH = chinese("却!不; 倒; 反而; 反倒")
# What somebody says, wants or promises stands in the next clause.
SAYS_ZH = chinese("宣布; 提议; 倡议; 建议; 呼吁; 承诺; 重申; 主张; 许诺")
# It goes on about the pledge without its name.
IT = english(
    "it; its; the/this/that body/organization/organisation/center/centre/panel/dialogue/fund/link/plan/agreement/treaty/line/bank/program/programme/project/charter/group/forum/initiative/scheme/railway/road/pact/alliance/agency"
)
IT_ZH = chinese(
    "该; 其!他/它/中/余/实/次; 会议就组织; 双方; 这一; 此次; 本次; 中心将; 组织将; 项目将; 总部; 它"
)
UPCOMING = english(
    "ahead of; days before; the eve of; preview; countdown; opens/open/begins/begin/starts/start on; to be held; takes place; will be held"
)
# Occasions by their names: an undated article that names one was written for it.
OCCASION = english("apec; g20; g7; brics; sco; asean; unga; general assembly; davos")
OCCASION_ZH = chinese("亚太经合组织; 二十国集团; 金砖; 上合; 联大; 东盟")
# What is told belongs to the pledge: one of its projects, a part of it.
PART_OF = english("one of; part of; under; in line with")
PART_OF_ZH = chinese("之一; 属于; 系; 纳入; 列入; 依托; 作为")
