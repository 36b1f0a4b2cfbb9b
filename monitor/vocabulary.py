"""The words that tell a step, a setback, or only words about a pledge. Data, in monitor/notation.py.

Strong signs suggest their milestone; weak ones are capped at `committed` unless something supports
them. A sign may need the pledge's name in front of it (`subject`: "the fund opened") or behind it
(`object`: "signed the treaty"). The table follows docs/quality.md; nothing here knows any one pledge.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from model.records import Milestone, Setback
from monitor.notation import Pattern, chinese, english


class Link(StrEnum):
    """Where the pledge's name must stand for a sign to be about it."""

    CLAUSE = "clause"  # anywhere in the clause
    SUBJECT = "subject"  # a few words in front
    OBJECT = "object"  # a few words behind


@dataclass(frozen=True, slots=True)
class Signal:
    """One way to say that a step was taken."""

    milestone: Milestone
    pattern: Pattern
    strong: bool = True
    link: Link = Link.CLAUSE


M = Milestone
DOCUMENT = (
    "agreement/agreements/treaty/charter/convention/accord/pact/protocol/contract/contracts/statute/"
    "deal/deals/declaration/resolution/roadmap/law/laws/framework/act/bill/ordinance/regulation/"
    "regulations/rules/statutes/bylaws/budget/directive"
)
DOCUMENT_ZH = (
    "公约/章程/宪章/条例/协定/协议/条约/合同/议定书/决议/宣言/声明/规划/路线图/法案/计划/方案/纲要/"
    "法律/法规/规则/规约/细则/预算"
)

# The highest gates first: of two signs at one place the first counts.
ENGLISH: tuple[Signal, ...] = (
    Signal(M.PARTY_JOINED, english("""
        N more/other/further states/countries/nations/members/parties … sign*/join/joins/joined/accede*/ratify*
        join/joins/joined the/it/its/as; accede*; become/became/becomes a/an/the/its/founding … member/members/signatory/party
        sign* up to; applied/applies to join; admit*; bringing/brings the/its total/number/membership to; contribute* N
        will/would contribute to it/the; contribute* to the/it; pledge*/put/puts/contribute*/commit*/give/gives/gave/donate* … N million/billion
        will put N million/billion; will contribute N million/billion
    """)),
    Signal(M.CONSULTING, english("round/rounds of talks/negotiations/consultations; negotiators/drafters meet/met/gather*")),
    Signal(M.PREPARING, english("nominations/applications/registration close*/closing; construction … began/begins/started/starts/is_under_way/has_begun; begin/begins/began/start*/starting building/construction/work; ground was/is broken")),
    Signal(M.PREPARING, english("nominations/applications/registration/bids/tenders/recruitment is/are/were now/officially open/opened; nominations/applications/registration open/opened")),
    Signal(M.PREPARING, english("""
        sign*/ink* … mou/mous/memorandum/memoranda/letter_of_intent; draft … published/released/circulated/tabled/leaked/seen/obtained; publish*/release*/circulate* … draft
        site/venue/host_city/location … chosen/selected/picked/named/confirmed; public consultation
        drafting group/committee/team/session; drafting/write/wrote/writing/draft the/its statute/text/rules/bylaws
        survey ship/team/vessel/work; survey*/chart*/map* the/its/a route/site/ground/seabed/line; route/site/seabed/ground survey
        permit/permits/licence/license/planning_permission/building_permission … granted/issued/obtained/given/won
        design/designs/blueprints … approved/completed/chosen/presented/shown; architect/architects/consultants … hired/appointed/chosen/picked
        foundation_stone/cornerstone/first_stone/keel … laid; lay/lays/laid the/its foundation/foundation_stone/cornerstone/first_stone/keel
        shore end; track-laying; cable-laying; topping out; topped out; tunnel … breakthrough/broken_through
        work/works/construction/laying/drilling/digging/tunnelling/dredging … under_way/underway/continues/progresses/advances/resumed
        work/works/construction/laying/drilling/digging/tunnelling/dredging … began/begins/started/starts/reached/reaches
        steering_committee/task_force/working_group/taskforce/committee_of_experts … set_up/formed/met/meets/created/named
        interim/acting/transitional/provisional secretariat/director/board/team/office/council
        land/plot/site/building … bought/acquired/purchased/donated/handed_over/cleared; buy/buys/bought/acquire*/donate* … land/plot/site
        offer/offers/offered/provide/provides/provided/donate* … land/plot/site/building for
        cabinet/government … approve*/adopt*/clear*/pass/passes/passed … bill/draft
        bill … tabled/introduced/submitted; table*/introduce*/submit* … bill; shortlist*; bidders
        hire*/recruit*/advertise* … staff/posts/jobs/engineers/workers; posts/jobs/vacancies … advertised; begun/began/started hiring/recruiting
        secure*/raise/raised/raises … million/billion/funding/financing/money; funding/financing/budget/money … secured/approved/agreed/raised
        tenders/bids/applications … were/was/are/have_been opened/invited/received/submitted/called
    """)),
    Signal(M.DELIVERED, english("""
        was/were/been/is/are fully completed/delivered/fulfilled/implemented/met
        was/were/been/is/are completed; complete* all; complete* construction
        deliver* all; deliver* on its/the/their promise/pledge/commitment
        met/fulfilled/kept its/the/their/this promise/pledge/commitment/target/goal
        target/goal/promise … reached/met/achieved/fulfilled/kept; reach*/achieve*/met/hit its/the/their target/goal
        last/final … was/were delivered/opened/completed
    """)),
    Signal(M.OPERATING, english("""
        begin/began/begins/commence*/start* operations/operating/service/services/work/lending/trading/disbursing
        begin/began/begins/commence*/start* commercial/full/regular/passenger/trial operations/operation/service/services
        become/became/becomes/is/are/now/fully/declared operational; up and running; in/into operation; in/into full operation
        go/went/goes/gone live; put/puts into use/operation/service; enter* service; in active use; now/already in use
        open* its/their … doors/door/office/offices/headquarters/campus/branch/laboratory/building/centre/center
        open* to the/its/paying/first public/traffic/passengers/students/business/trainees/visitors/users
        was/were/been/is/are officially/formally/now opened/open; was/were/has_been/have_been opened
        hold/held/holds its/their/the/a/an … session/workshop/workshops/course/courses/class/classes/training/round/side-event
        host* its/their/the/a/an … session/workshop/workshops/course/courses/seminar/training/side-event; hosted by
        session/workshop/course/training/seminar/meeting/round … was/were held/opened/convened
        first/second/third/inaugural session/round met/meets/opens/opened/convenes/convened/began/begins/takes/took
        convene* the/its/a/first; convene* in; kick* off in/at/on/with
        first/second batch/cohort/class/group/intake of … trainees/students/officials/participants/loans/projects
        first N … trainees/students/pupils/officials/patients/loans/projects; begin/begins/began/start/starts/started … studies/classes/lessons/training/hiring
        first batch/cohort/trainees/students/passengers/patients/loan/loans/grant/grants/tranche/train/trains/shipment/payout/users
        train* N; trained more_than/over/nearly/about/almost N; graduate* from; graduated; disburse*; lent N
        publish*/present*/release*/submit*/issue* its/the/a … report/assessment/findings
        progress report; implementation report; report on its/the/their implementation/progress
        test/trial train/trains/run/runs/flight … ran/runs/completed/reached/left/began/started
        first … train/trains/flight/ferry/ship/bus/passengers … left/departed/ran/arrived/pulled/rolled
        hear/hears/heard/decide*/settle*/try/tries/tried/handle*/treat*/serve*/ship*/issue*/pay/pays/paid/grant*/carry/carries/carried/win/won/answer*/process* its/their/the first
        first case/ruling/verdict/judgment/judgement/decision/hearing/mission/patient/client/customer/delivery/power/electricity/water/data/harvest/cargo/catch
        switch*/turned on; switched_on; goes/went/is/are/came/come online; connected to/for; plugged in/into; fires/fired up; fine/fines/fined; ruled/rules that/against/for
        begin/began/begins/start*/starts raising/planting/treating/teaching/lending/paying/producing/production/trading/broadcasting/shipping/selling/issuing/admitting/enrolling/serving/carrying
        start*/starts up; at work; have/has been planted/built/restored/connected/installed/vaccinated/treated/paid/equipped/reached
        N … planted/restored/connected/installed/vaccinated/treated/equipped/electrified/housed/resettled
        accept*/receive* its first; take/took/takes its/in first/the_first
    """)),
    Signal(M.OPERATING, english("opens; opened"), link=Link.SUBJECT),
    Signal(M.OPERATING, english("adopt*/launch*/start*/begin/begins/began/agree*/approve*/hold/holds/held/present*/publish*/fund* … under/implementing the/its/this"), link=Link.OBJECT),
    Signal(M.OPERATING, english("meets/met/convenes/convened/gathers/gathered in/at/on/for"), link=Link.SUBJECT),
    Signal(M.ESTABLISHED, english("""
        formally/officially/finally established/founded/set_up/constituted/created/formed/launched
        established/founded/set_up/launched/created formally/officially
        came/comes/come/coming into being/existence; is/was/were born
        first/inaugural/founding/constituent general/council/board/plenary meeting/assembly/conference
        first/inaugural/founding meeting/assembly/conference/plenary of; hold/held/holds its/their first/inaugural/founding
        elect* its/a/the/their … council/board/president/chair/chairman/chairperson/director
        appoint*/name*/elect* … members/experts/scientists/secretary-general/director-general/director/president/head/board
        appoint*/elect* all/the N; appointment of … members/experts/scientists/board/director; newly appointed; appointed to the; takes/took office as/at
    """)),
    Signal(M.UNVEILED, english("""
        inaugurate*; inauguration ceremony; plaque was/is unveiled; unveil* … plaque; cut/cuts the ribbon
        opening/launch/launching ceremony; officially/formally launched; launching the
    """)),
    Signal(M.IN_FORCE, english("""
        ratify*; deposit* … instrument/instruments; enter*/came/comes/come into force/effect; take/takes/took effect
    """)),
    Signal(M.SIGNED, english(f"""
        adopt*/approve*/endorse*/pass/passes/passed … plan/plans/programme/program/strategy/statement/communique/guidelines
        sign*/ink*/initial*/initialled/conclude*/adopt*/approve*/endorse*/pass/passes/passed/seal* … {DOCUMENT}
        {DOCUMENT} … signed/adopted/concluded/approved/initialled/inked/sealed
        award*/win/wins/won/land/lands/landed … contract/contracts/tender; contract/contracts/tender … awarded/won/goes_to/went_to
        open*/opened for signature; final investment decision; put/puts their/its names/name to
        signed by; signatories; signatory; signing ceremony was/took
        vote*/voted to create/establish/set_up/launch; resolution establishing/creating/launching
        decide*/agree* by consensus
    """)),
    Signal(M.SIGNED, english("sign*; adopt*; approve*; endorse*; initial*; ink*"), link=Link.OBJECT),
    Signal(M.ESTABLISHED, english("establish*; founded; set/sets up; create*; formed"), strong=False),
    Signal(M.UNVEILED, english("launch*; unveil*; debut*"), strong=False),
    Signal(M.PREPARING, english("""
        preparatory office/committee/secretariat/group/meeting/team/commission; nominate*; nominees
        select*/choose/chooses/chose/picks/picked … site/host/city/location/venue; site/venue/host_city was/has_been selected/chosen/named/picked
        allocate*/earmark*/set_aside … million/billion/funds/funding/budget/land; tender*; call/calls for tenders/bids/nominations/applications
        break/breaks/broke ground; ground-breaking; groundbreaking; construction began/begins/started/starts/has_begun/is_under_way
        memorandum of understanding; sign* an/the/a mou/memorandum; letter of intent; feasibility study; co-chaired by
        open* nominations/applications/registration; appoint*/name* … co-chairs/co-facilitators/coordinator/coordinators/envoy
        set/sets aside; set_aside
    """)),
    Signal(M.PLACE_DECIDED, english("chosen/selected/named/picked/designated … as the/its/their/a seat/host/home/headquarters/base")),
    Signal(M.PLACE_DECIDED, english("pick*/choose*/chose/select*/name*/designate* … as the/its/host/home/seat")),
    Signal(M.PLACE_DECIDED, english("headquarters agreement; host-country agreement; seat agreement")),
    Signal(M.PLACE_DECIDED, english("""
        to/will be headquartered in; is/are headquartered in; headquarters in; be based in
    """), strong=False),
    Signal(M.PLAN_PUBLISHED, english("""
        release*/publish*/issue*/unveil*/present* … plan/roadmap/blueprint/guidelines/strategy/proposal/white_paper
        plan/roadmap/blueprint was/were released/published/issued/unveiled
    """)),
    Signal(M.CONSULTING, english("""
        hold/holds/held talks/consultations/negotiations; consult/consults/consulted on/with; negotiate*
        talks/negotiations/consultations began/begin/start/started/opened/continue
    """), strong=False),
)  # fmt: skip

CHINESE: tuple[Signal, ...] = (
    Signal(M.PARTY_JOINED, chinese("又有/另有/再有/新增 …国/国家 …签署/加入; 加入!到/世贸; 申请加入; 创始成员国; 成为 …成员/成员国/签署国; 增至 …国; 出资/注资/认缴/捐资 N")),
    Signal(M.PREPARING, chinese("内阁/行政院/国务院 …通过 …法案/草案; 完成/确定/启动/敲定/已完成 …选址/立项/设计/招标/可行性研究/环评/征地; 签署/签订 …谅解备忘录/意向书/备忘录; 草案 …曝光/外泄/泄露/流出/出炉; 传阅 …草案; 公布/发布/提交/形成/审议 …草案/征求意见稿; 征求意见")),
    Signal(M.PREPARING, chinese("""
        起草小组; 起草委员会; 起草工作; 工作组/工作专班/领导小组/临时秘书处 …成立/开会/会议/组建/运作; 勘测; 勘察; 踏勘; 测绘; 征地; 拆迁; 环评/用地/初步设计/施工许可/许可证/设计方案 …获批/通过/公布/核发/批复/出炉
        封顶; 贯通; 铺轨; 架梁; 首桩; 打桩; 盾构; 进场施工; 铺设工程; 敷设; 岸端; 工程 …展开/启动/过半/推进/进度/动土; 施工 …启动/展开/过半
        公开招聘; 招聘 …人员/职位/员工; 招募; 资金/融资/经费 …到位/落实/获批; 获得/取得/募得/筹得 …资金/融资/经费; 院址/校址/会址/馆址/厂址/站址 …选定/确定/定于/敲定; 列入 …预算; 提供 …用地/土地/地块
    """)),
    Signal(M.DELIVERED, chinese("""
        全部/全面 建成/落实/完成/交付; 已建成; 建成!后/以来/的; 竣工; 通过验收; 如期/圆满/提前 完成; 已全部 …
        已完成!选址/立项/设计/招标/准备/筹备/签署/签约/谈判; 兑现 …承诺
    """)),
    Signal(M.OPERATING, chinese("""
        开庭; 审理; 首案; 接通; 联网; 并网; 通水; 通电; 通航; 开航; 首飞; 首发 …列车/航班/班列; 接诊; 收治; 招生; 开学; 授课; 供水; 供电; 发电; 交付使用; 判决; 裁决; 罚款; 兑付; 正式办公
        已 种植/栽种/安装/修复/改造/惠及/覆盖/发放/资助/接种; 种植/栽种/安装/修复/惠及/资助/接种 N; 首批/首笔 …到账/发放/拨付/交付/撥付/抵达
        启用; 投入/正式/开始/全面 运营/使用/运行/服务; 投用; 投产; 开业; 开馆; 开园; 开通; 通车!日期/时间/典礼; 首航; 开班!式; 开课; 开诊; 结业; 毕业; 试运行; 试车; 开跑
        入驻; 首批 …学员/项目/贷款/成员/专家/企业/学生/博士生/留学生/患者/人员; 入学; 首期; 首例; 首笔; 首批 …赠款/款项/资金/援助/物资/旅客/乘客/病人; 首班/首列 …列车; 首个/首批/首家/首座 …落地/启动/投用/实施/开工; 首次对话; 培训了; 已培训; 累计培训; 培训 N 名/人/个; 资助 N; 受理 N; 发放 N
        举办/举行/召开/开展 …研讨班/培训班/研讨会/对话会/对话/活动/研修班/边会
        首届/首次/首场/第一次 …对话/会议/研讨会/活动 …举行/举办/召开/开幕; 在…开幕!式; 发布/提交/公布 …报告/评估; 拨付; 放款
    """)),
    Signal(M.ESTABLISHED, chinese("""
        正式/宣告/宣布/顺利 成立!仪式; 成立大会; 成立仪式; 首次会议; 首次全体会议; 首任 …秘书长/主任/主席/总干事/行长
        当选; 选举产生; 理事会选举; 通过/公布/确定/批准 …名单; 人选 …出炉/揭晓/公布; 任命 …为; 出任 …团长/主任/秘书长/行长/总裁/首席/主席/总干事/院长; 任命 …成员/专家/委员/秘书长/主任/科学家; 推进会; 应运而生; 宣誓就职; 就职; 获批成立; 注册成立; 首届 理事会/董事会/委员会; 组成人员 …公布/确定; 落成
    """)),
    Signal(M.UNVEILED, chinese("揭牌; 挂牌!上市/交易; 揭幕; 启动仪式")),
    Signal(M.IN_FORCE, chinese(f"生效; 正式施行; 起施行; 起正式实施; 批准 …{DOCUMENT_ZH}; 核准; 交存")),
    Signal(M.SIGNED, chinese(f"""
        表决通过; 三读通过; 投票通过; 审议通过; 全票通过; 授予 …合同; 合同 …授出/授予/敲定; 中标; 得标; 决标; 开放签署
        签署; 签订; 签约; 缔结; 草签; 签字; 通过/发表/批准/审议通过/达成 …{DOCUMENT_ZH}; 决议 …设立/成立/建立
    """)),
    Signal(M.ESTABLISHED, chinese("成立!于/以来/大会/仪式; 设立; 组建; 建立!在/起; 创立"), strong=False),
    Signal(M.UNVEILED, chinese("启动; 亮相; 上线"), strong=False),
    Signal(M.PREPARING, chinese("""
        筹建; 筹备组; 筹备小组; 筹备处; 筹备办公室; 筹委会; 筹备委员会; 筹备会; 筹备工作 …启动/展开/就绪; 立项; 招标; 奠基; 开工!仪式将; 动工; 动土; 破土
        谅解备忘录; 意向书; 提名; 可行性研究; 拨款; 遴选; 选定; 选址 …确定; 确定 …选址
    """)),
    Signal(M.PLACE_DECIDED, chinese("总部协定; 东道国协定")),
    Signal(M.PLACE_DECIDED, chinese("总部/秘书处 …拟设/将设/拟落户/将落户/拟定于/选在"), strong=False),
    Signal(M.PLACE_DECIDED, chinese("总部设在; 总部设于; 总部落户; 落户; 落地"), strong=False),
    Signal(M.PLAN_PUBLISHED, chinese("发布/出台/印发/公布 …方案/规划/路线图/行动计划/蓝图/指南")),
    Signal(M.CONSULTING, chinese("磋商; 商讨; 谈判; 商定"), strong=False),
)  # fmt: skip

# Words alone: they make news only where the pledge is repeated later, in a high forum.
WORDS: tuple[Signal, ...] = (
    Signal(M.COMMITTED, english("""
        announce*; pledge*; vow*; promise*; commit/commits/committed to; agree/agrees/agreed to
        implement/implements/implemented; carry/carries/carried out; will/to establish/build/set_up/create/launch/open/fund/provide/offer/train/double/help/start/contribute/host/hold/give
        act/acts/acted on; will speed/accelerate/continue/work/deliver/join; to speed/accelerate
        is/are/stands/stand ready to; ready to; readiness to; offer*; offering
    """), strong=False),
    Signal(M.COMMITTED, chinese("""
        有效/全面/切实/抓紧 落实; 落实 …声明/计划/路线图/规划/协定/协议/宣言/承诺; 宣布; 承诺; 表示将; 将 成立/建设/设立/举办/提供/开设/支持/推进/向/为/面向; 愿同; 愿与; 愿意; 愿 …参与/参加/加入/提供/共同/合作; 决定设立; 共建
    """), strong=False),
    Signal(M.PROPOSED, english("""
        propose*; proposal/proposals for/to/of; proposing; float*; call/calls/called for; suggest*; mull*; eye*; envision*
        push/pushes/pushed/pushing for; promote*; promoting; argue/argues/argued for; ask/asks/asked for; urge*; invite*
        plans for; pitch*; tout*; champion*; advocate*; look/looks/looked forward to
    """), strong=False),
    Signal(M.PROPOSED, chinese("提出; 倡议; 提议; 建议; 呼吁; 设想; 初步考虑; 邀请; 主张; 倡导; 华倡"), strong=False),
)  # fmt: skip

# Another party wants to take part: an offer, which needs no high forum.
OFFERS: tuple[Signal, ...] = (
    Signal(M.COMMITTED, english("""
        ready/willing/prepared/keen/eager/agreed/decided/intends/plans/wants/wishes to join/participate/take_part/contribute/become/be/host
        interest/interested in joining/hosting; offer* to host/join/fund; will join/take_part/participate/contribute
    """), strong=False),
    Signal(M.COMMITTED, chinese("愿/愿意/有意/决定/表示将/希望 …参与/加入/参加/承办/出资; 愿成为; 有兴趣加入"), strong=False),
)  # fmt: skip

# Others are glad of it: no step, and no new word of those who promised.
ENDORSED: tuple[Signal, ...] = (
    Signal(M.PROPOSED, english("welcome*; support*; back/backs/backed; reaffirm*; reiterate*; underscore*; stress/stresses/stressed; hail*"), strong=False),
    Signal(M.PROPOSED, chinese("欢迎; 支持; 重申; 强调; 赞赏; 愿继续; 高度评价"), strong=False),
)  # fmt: skip

# What happened, by the verb beside a date and the name, where no sign above tells more.
EVENTS: tuple[Signal, ...] = (
    Signal(M.CONSULTING, english("committee/commission/hearing … hears/heard/questioned; public hearing; roundtable")),
    Signal(M.CONSULTING, chinese("听证会; 座谈会; 听取意见")),
    Signal(M.OPERATING, english("""
        serve*; treat*; host*; welcome*; admit*; enrol*; enroll*; take/takes/took in; write/writes/wrote off; grant*; award*; pay/pays/paid; lend*; lent; hand*/handed out; distribute*
        vaccinate*; teach/teaches/taught; train*; rule*; fine*; patrol*; fly/flies/flew; carry/carries/carried N; operate*; produce*; generate*; export*; sell/sells/sold; issue*; help*; cover*
        hear/hears/heard; judge*; monitor*; inspect*; move/moves/moved into; staffed; under the; may/can apply; apply/applied to; opens/open/opened to; house*; feed/feeds/fed; inspected; delivered
        set/sets off; drove; on the road; in the field; its first; the first time; first of its kind; at work; in use
    """)),
    Signal(M.SIGNED, english("pass/passes/passed; approve*; adopt*; agree/agrees/agreed on; ratify*; clear/clears/cleared; vote/votes/voted for; seal*; settle*; finalise*; finalize*; cleared")),
    Signal(M.PREPARING, english("""
        order*; buy/buys/bought; purchase*; ship*; load*; design*; survey*; send/sends/sent; hire*; recruit*; draft*; dig/digs/dug; drill*; pour*; erect*; assemble*; weld*; lay/lays/laid; lift*; install*
        placed an order; carrying parts/modules/equipment/materials; parts/modules/equipment/materials … left/arrived/reached/delivered/shipped/unloaded; raise/raises/raised; apply/applies/applied for
        submit*; file/files/filed; shortlist*; measure*; clear* … land/site/ground/trees; test*; rehears*; committee … heard/hears/meets/met; first/second/third reading; debate*
    """)),
    Signal(M.OPERATING, chinese("迎来首批; 接待; 服务; 发放; 免除; 减免; 获批; 受惠; 惠及; 开放申请; 接受申请; 受理; 审结; 培训; 招收; 进驻; 巡逻; 供应; 出货; 救治; 首次; 首个; 投用; 使用; 报名; 开放; 驶入; 驶出; 上路; 出发; 开出")),
    Signal(M.SIGNED, chinese("通过; 批准; 表决; 敲定; 达成; 签约; 谈妥; 定案; 拍板")),
    Signal(M.PREPARING, chinese("订购; 采购; 运抵; 运往; 启航; 构件; 提交 …审议; 设计; 测试; 安装; 吊装; 施工; 浇筑; 组装; 装船; 招聘; 勘探; 施工队; 到货; 调研; 选址; 募款; 筹款; 筹资; 申请")),
)  # fmt: skip

# Those for whom it was meant take it up: what a pledge to share or to give comes to in the end.
UPTAKE = english("""
    gain* ground; gaining ground; spread/spreads/spreading; rise/rises/rising/rose/risen in; are/is rising; on the rise
    lift*/boost*/drive/drives/drove/speed* … adoption/uptake/use; adoption/uptake/usage/downloads … rises/rose/grew/grows/jumped/soared/doubled
    build/builds/built/building on; advance*; advancing; fuel*; power*; flood*; take/takes/taking hold; share of; share in
    percent/per_cent/% … share; downloaded N; downloads; is/are used by/in; widely used/adopted; adopt*; deploy*; reach/reaches/reached N
    now/already runs/run/power/powers; run/runs/running on; is/are used; in use in/across; serve*; install*
    turn*/turning to; embrace*; embracing; account* for
""")  # fmt: skip
UPTAKE_ZH = chinese("""
    广泛使用; 广泛应用; 广受欢迎; 走进; 受益; 下载量; 落地应用; 占比; 份额; 采用; 兴起; 崛起; 流行; 使用率; 用户 …增长/突破
""")

SETBACKS: tuple[tuple[Setback, Pattern], ...] = (
    (Setback.POSTPONED, english("postpone*; postponement; delay/delays/delayed; push/pushes/pushed back; defer/defers/deferred; reschedule*; slip/slips/slipped to/into; behind schedule; put/puts off; extend* … deadline; moved to a later; slip/slips/slipped; miss/misses/missed the/its/their/a deadline/target; not be finished/ready/open/opened/completed before/until; years/months/year late; overdue")),
    (Setback.POSTPONED, chinese("推迟; 延期; 延后; 顺延; 改期; 暂缓; 择期; 延宕; 延误; 延至; 推至; 延到; 拖延; 滞后; 逾期; 缓建")),
    (Setback.SUSPENDED, english("suspend*; suspension of; pause*; freeze/freezes/froze/frozen; put/puts on hold/ice; on hold; on ice; stall*; halt*; mothball*; in limbo; stop/stops/stopped work/building/construction; ran/run/runs out of money; block/blocks/blocked by; injunction")),
    (Setback.SUSPENDED, chinese("暂停; 中止; 搁置; 停摆; 冻结; 叫停; 停滞; 停工; 搁浅; 受阻; 停建; 中断; 停付; 停发")),
    (Setback.CANCELLED, english("cancel/cancels/cancelled/canceled; cancellation of; scrap/scraps/scrapped; shelve*; abandon*; call/calls/called off; axe*; dissolve*; withdraw/withdraws/withdrew/withdrawn from; pull/pulls/pulled out of; quit/quits; ditch*; collapse*; wind/winds/wound up/down the/its/operations; shut/shuts down; close/closes/closed down; terminate*; discontinue*; walk/walks/walked away from; walk/walks/walked out of/on; back/backs/backed out; pull/pulls/pulled the plug")),
    (Setback.CANCELLED, chinese("取消; 终止; 撤销; 撤回; 退出; 流产; 不了了之; 解散; 告吹; 放弃; 夭折; 下马; 撤资; 破产")),
    (Setback.DENIED, english("deny*; denial; refute*; rule/rules/ruled out; disavow*")),
    (Setback.DENIED, chinese("否认; 驳斥; 辟谣; 不实; 澄清; 子虚乌有")),
    (Setback.DISPUTED, english("disputed; contested; boycott*; challenged in court; accused of breaking/reneging; renege*; fell/falls/falling short of; fails/failed to deliver/materialise/materialize; fails/failed to agree; vote/votes/voted down; veto/vetoes/vetoed; reject/rejects/rejected the/its/a; threw out")),
    (Setback.DISPUTED, chinese("抵制; 未兑现; 未能兑现; 落空; 食言; 违约; 否决; 谈崩; 不会/拒绝/无意 加入/批准/签署/出资; 破裂; 未能 …达成一致/达成协议; 烂尾")),
    (Setback.REPLACED, english("replaced by/with; superseded; supersede*; renamed; merged/merges/merge into/with; subsumed")),
    (Setback.REPLACED, chinese("并入; 合并!同类; 更名; 取代; 升级为; 改称")),
)  # fmt: skip
