"""Common words of headlines, English and Chinese, one notion a line. Data, in no way complete."""

from __future__ import annotations

# One notion a line: English words (a_b is a phrase) before the bar, Chinese behind it.
# Two headlines with other acts tell of other things, however alike they are.
ACTS = """
    propose proposes proposal proposed propose_to put_forward | 倡议 提议 提出 建议 倡
    urge urges call_for calls_for call calls push pushes push_for pushes_for appeal | 呼吁 敦促 促请 推动 促
    sign signs signed signing ink inks | 签署 签订 签约 签
    adopt adopts adopted approve approves approved pass passes endorse | 通过 批准 核准
    ratify ratifies ratified | 批准加入
    agree agrees agreed | 同意 达成 商定
    join joins accede accedes | 加入
    reject rejects refuse refuses oppose opposes decline declines | 拒绝 反对 否决
    withdraw withdraws quit quits leave leaves pull_out | 退出 撤回
    postpone postpones postponed delay delays delayed | 推迟 延期 延后
    suspend suspends suspended halt halts freeze | 暂停 中止 冻结
    cancel cancels cancelled scrap scraps | 取消 撤销
    deny denies | 否认
    open opens opening inaugurate inaugurates | 开幕 启用 开放 揭牌
    close closes closing conclude concludes end ends | 闭幕 结束 关闭
    launch launches launched start starts begin begins unveil unveils kick_off | 启动 发起 推出 开始 开启
    release releases publish publishes issue issues | 发布 公布 发表
    found founds founded establish establishes create creates creation creating set_up setting_up establishment | 成立 设立 建立 创建 创立 组建
    appoint appoints appointed appointment name names | 任命 委任
    elect elects elected | 当选 选举
    visit visits inspect inspects tour tours | 访问 考察 视察
    meet meets | 会见 会谈 会晤
    attend attends | 出席
    host hosts hold holds convene convenes | 举办 举行 主办 召开
    donate donates pledge pledges | 捐赠 捐款 承诺
    deliver delivers hand_over | 交付 移交
    complete completes completed finish finishes | 完成 建成 竣工
    warn warns | 警告
    praise praises hail hails welcome welcomes | 赞扬 欢迎
    expand expands widen widens | 扩大 扩展
    strengthen strengthens boost boosts deepen deepens enhance enhances | 加强 深化 增强
"""
THINGS = """
    world global international worldwide | 世界 全球 国际
    country countries nation nations state states | 国家 各国 国
    government governments authorities | 政府
    president presidents | 总统 国家主席 主席
    premier prime_minister | 总理 首相
    minister ministers | 部长
    ministry ministries | 部委
    leader leaders | 领导人
    chief head | 首脑 负责人
    foreign_minister | 外长 外交部长
    secretary-general secretary_general | 秘书长
    spokesman spokesperson spokeswoman | 发言人
    envoy ambassador | 大使 特使
    parliament congress | 议会 国会
    court tribunal | 法院 法庭
    bank | 银行
    fund | 基金 基金会
    company companies firm firms | 公司 企业
    organization organizations organisation | 组织
    body agency | 机构
    council | 理事会 委员会
    committee commission | 委员会
    center | 中心
    institute | 研究院 研究所
    university | 大学
    headquarters | 总部
    alliance coalition | 联盟
    union | 联盟
    partnership cooperation collaboration cooperate collaborate cooperative | 合作 协作
    dialog dialogs | 对话
    forum | 论坛
    summit | 峰会 首脑会议
    conference | 大会 会议
    meeting session talks | 会议
    exhibition expo fair | 博览会 展览会
    treaty convention | 条约 公约
    charter statute | 章程 宪章
    agreement accord pact deal | 协定 协议
    declaration | 宣言
    communique statement | 公报 声明
    resolution | 决议
    initiative | 倡议
    plan program scheme | 计划 规划 方案
    roadmap | 路线图
    project projects | 项目
    action | 行动
    policy policies | 政策
    law act bill | 法案 法律
    rule rules regulation regulations regulatory | 规则 法规 监管
    standard standards | 标准
    governance govern governing | 治理
    security | 安全
    peace | 和平
    war | 战争
    aid assistance | 援助
    loan loans | 贷款
    investment invest investments | 投资
    trade | 贸易
    tariff tariffs | 关税
    economy economic | 经济
    finance financial | 金融
    market markets | 市场
    development | 发展
    research | 研究
    science scientific | 科学
    technology technologies tech technological | 技术 科技
    innovation | 创新
    digital | 数字 数字化
    data | 数据
    ai artificial_intelligence | 人工智能
    open-source open_source | 开源
    model models | 模型
    chip chips semiconductor semiconductors | 芯片 半导体
    software | 软件
    network networks | 网络
    internet | 互联网
    capacity-building capacity_building | 能力建设
    training | 培训
    talent | 人才
    student students | 学生
    education | 教育
    culture cultural | 文化
    health | 卫生 健康
    medicine medical | 医疗
    hospital hospitals | 医院
    vaccine vaccines | 疫苗
    energy | 能源
    power electricity | 电力
    oil | 石油
    gas | 天然气
    nuclear | 核
    climate | 气候
    emission emissions carbon | 排放 碳
    environment environmental | 环境
    coastal coast | 沿海
    ocean sea | 海洋 海
    water | 水
    forest forests | 森林
    food | 粮食 食品
    agriculture farming | 农业
    rail railway train | 铁路 火车
    road highway | 公路
    bridge | 大桥 桥梁
    port harbor | 港口 港
    airport | 机场
    ship ships vessel | 船舶 船
    space | 航天 太空
    satellite | 卫星
    cable | 电缆
    member members | 成员 成员国
    people | 人民
    public | 公共 公众
    poor developing | 发展中
    south | 南方
    north | 北方
    east eastern | 东部
    west western | 西部
    first | 首个 首次 首届 第一
    new newly | 新
    million | 百万
    billion | 十亿
    percent | 百分之
    year years | 年
    united_nations un | 联合国
    general_assembly | 联大 联合国大会
    security_council | 安理会
    european_union eu | 欧盟
    african_union au | 非盟
    asean | 东盟
    nato | 北约
    brics | 金砖 金砖国家
    g20 | 二十国集团
    g7 | 七国集团
    apec | 亚太经合组织 亚太经合组
    sco shanghai_cooperation_organization | 上合组织 上海合作组织 上合
    wto | 世贸组织 世界贸易组织
    imf | 国际货币基金组织
    world_bank | 世界银行 世行
    china chinese | 中国 中方 我国 华 中
    usa us u.s american america washington united_states | 美国 美方 美
    russia russian moscow | 俄罗斯 俄方 俄 莫斯科
    britain uk british london | 英国 英
    france french | 法国 法
    germany german | 德国 德
    japan japanese | 日本 日
    korea korean | 韩国 韩
    india indian | 印度
    brazil brazilian | 巴西
    taiwan taiwanese | 台湾 台
    hong_kong | 香港
    africa african | 非洲 非
    europe european | 欧洲 欧
    asia asian | 亚洲
    arab | 阿拉伯
    iran iranian | 伊朗
    israel israeli | 以色列
    ukraine ukrainian | 乌克兰
    kazakhstan kazakh | 哈萨克斯坦
    pakistan pakistani | 巴基斯坦
    indonesia indonesian | 印尼 印度尼西亚
    vietnam vietnamese | 越南
    thailand thai | 泰国
    malaysia malaysian | 马来西亚
    singapore | 新加坡
    australia australian | 澳大利亚 澳洲
    canada canadian | 加拿大
    mexico mexican | 墨西哥
    argentina | 阿根廷
    egypt egyptian | 埃及
    nigeria nigerian | 尼日利亚
    kenya kenyan | 肯尼亚
    ethiopia ethiopian | 埃塞俄比亚
    turkey turkish | 土耳其
    italy italian | 意大利
    spain spanish | 西班牙
    xi xi_jinping | 习近平
    li_qiang | 李强
    wang_yi | 王毅
    trump | 特朗普
    putin | 普京
    modi | 莫迪
    macron | 马克龙
    lula | 卢拉
    guterres | 古特雷斯
"""
CITIES = """
    beijing | 北京
    shanghai | 上海
    tianjin | 天津
    shenzhen | 深圳
    geneva | 日内瓦
    new_york | 纽约
    paris | 巴黎
    brussels | 布鲁塞尔
    vienna | 维也纳
    rio | 里约
    new_delhi delhi | 新德里
    nairobi | 内罗毕
    addis_ababa | 亚的斯亚贝巴
    lagos | 拉各斯
    abuja | 阿布贾
    accra | 阿克拉
    dakar | 达喀尔
    kigali | 基加利
    pretoria | 比勒陀利亚
    johannesburg | 约翰内斯堡
    cape_town | 开普敦
    cairo | 开罗
    riyadh | 利雅得
    dubai | 迪拜
    doha | 多哈
    ankara | 安卡拉
    istanbul | 伊斯坦布尔
    baku | 巴库
    astana | 阿斯塔纳
    tashkent | 塔什干
    bishkek | 比什凯克
    dushanbe | 杜尚别
    islamabad | 伊斯兰堡
    dhaka | 达卡
    hanoi | 河内
    jakarta | 雅加达
    manila | 马尼拉
    bangkok | 曼谷
    kuala_lumpur | 吉隆坡
    tokyo | 东京
    seoul | 首尔
    gyeongju | 庆州
    taipei | 台北
    guangzhou | 广州
    hangzhou | 杭州
    chengdu | 成都
    berlin | 柏林
    madrid | 马德里
    rome | 罗马
    lisbon | 里斯本
    the_hague hague | 海牙
    copenhagen | 哥本哈根
    stockholm | 斯德哥尔摩
    oslo | 奥斯陆
    warsaw | 华沙
    kyiv kiev | 基辅
    minsk | 明斯克
    belgrade | 贝尔格莱德
    budapest | 布达佩斯
    athens | 雅典
    ottawa | 渥太华
    mexico_city | 墨西哥城
    brasilia | 巴西利亚
    belem | 贝伦
    buenos_aires | 布宜诺斯艾利斯
    lima | 利马
    santiago | 圣地亚哥
    havana | 哈瓦那
    sydney | 悉尼
    canberra | 堪培拉
"""
