"""The desk in a real browser: what analysts and admins do in a day."""

from __future__ import annotations

import re

import pytest

from model.records import CommitmentId, FeedId, Language, Outcome, Role
from storage.unit_of_work import begin, reading
from tests.review.serving import add_development, fill, index


def sign_in(page, served, name="Ada", role=Role.ANALYST):
    page.goto(served.link(name, role))
    page.click("main button")
    page.wait_for_url(served.address + "/")
    return page


def decided(served):
    with reading(served.database) as work:
        return work.decisions.all()


def show(page, address):
    """Go to a page that is there."""
    status = page.goto(address).status
    assert status == (404 if "nowhere" in address else 200), address


def press(page, key):
    """Press a key and wait until the answer is there and its script runs."""
    with page.expect_navigation():
        page.keyboard.press(key)
    page.wait_for_selector("html.js")


def test_signing_in_by_the_link_that_was_printed(served, open_page):
    page = sign_in(open_page(), served)
    assert page.locator(".tools").get_by_text("Ada").is_visible()
    page.goto(served.address + "/queue")
    assert page.locator("h1").inner_text() == "Review queue"


def test_twenty_developments_are_decided_with_keys_alone(served, open_page):
    fill(served.database, 22)
    page = sign_in(open_page(), served)
    page.goto(served.address + "/queue")
    for number in range(20):
        if number % 5 == 4:
            page.keyboard.press("x")
            page.wait_for_selector("#reject[open]")
            press(page, "1")
        else:
            press(page, "ys"[number % 2])
    found = decided(served)
    assert len(found) == 20
    assert len({each.development_id for each in found}) == 20
    outcomes = [each.outcome for each in found]
    assert outcomes.count(Outcome.REJECTED) == 4
    assert outcomes.count(Outcome.CONFIRMED) == 8
    assert outcomes.count(Outcome.RESTATEMENT) == 8
    assert "2 left today" in page.locator(".progress").inner_text()
    assert page.evaluate("document.activeElement.id") == "card-h"  # where the next one is read
    assert "Stored as" in page.locator("#live").inner_text()


def test_space_enter_and_backspace_never_decide_and_fields_take_letters(served, open_page):
    fill(served.database, 3)
    page = sign_in(open_page(), served)
    page.goto(served.address + "/queue")
    for key in (" ", "Enter", "Backspace", "1", "Control+y", "Alt+s", "Meta+y"):
        page.keyboard.press(key)
    page.fill("#q-f", "y")
    page.keyboard.type("ysx")
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    page.wait_for_selector("#changes[open]")
    page.locator("#mp").press("Enter")  # the default button of the form decides nothing
    page.wait_for_timeout(200)
    assert decided(served) == ()


def test_keys_can_be_given_to_others_and_switched_off(served, open_page):
    fill(served.database, 3)
    page = sign_in(open_page(), served)
    page.goto(served.address + "/queue")
    page.keyboard.press("?")
    page.locator("[data-remap=s]").press("w")
    page.click("#keys button.primary")
    page.keyboard.press("s")
    press(page, "w")
    assert [each.outcome for each in decided(served)] == [Outcome.RESTATEMENT]
    page.keyboard.press("?")
    page.uncheck("#keys-on")
    page.click("#keys button.primary")
    page.keyboard.press("y")
    page.wait_for_timeout(200)
    assert len(decided(served)) == 1


def test_undo_survives_a_reload_and_takes_back_one_after_the_other(served, open_page):
    fill(served.database, 3)
    page = sign_in(open_page(), served)
    page.goto(served.address + "/queue")
    press(page, "s")
    press(page, "y")
    page.reload()
    press(page, "u")
    press(page, "Control+z")
    outcomes = [each.outcome for each in decided(served)]
    assert outcomes[2:] == [Outcome.UNDONE, Outcome.UNDONE]
    assert "3 left today" in page.locator(".progress").inner_text()
    assert page.locator(".toast").count() == 0


def test_bulk_shows_a_preview_and_one_undo_takes_it_all_back(served, open_page):
    fill(served.database, 12)
    page = sign_in(open_page(), served)
    page.goto(served.address + "/queue")
    assert page.locator(".bulkbar").is_hidden()
    page.keyboard.press("v")
    boxes = page.locator(".qitem input[type=checkbox]")
    for number in range(1, 8):
        boxes.nth(number).check()
    assert page.locator("[data-count]").inner_text() == "8"
    page.click(".bulkbar button.primary")
    assert page.locator("h1").inner_text() == "8 developments"
    assert page.locator(".result").count() == 5
    assert decided(served) == ()
    page.click("button[value=restatement]")
    page.wait_for_selector(".toast")
    assert [each.outcome for each in decided(served)] == [Outcome.RESTATEMENT] * 8
    press(page, "u")
    assert [each.outcome for each in decided(served)][8:] == [Outcome.UNDONE] * 8
    assert "12 left today" in page.locator(".progress").inner_text()


def test_a_snoozed_card_comes_back_on_its_day(served, open_page):
    fill(served.database, 2)
    page = sign_in(open_page(), served)
    page.goto(served.address + "/queue")
    page.keyboard.press("z")
    page.wait_for_selector("#snooze[open]")
    with page.expect_navigation():
        page.click("#snooze button[value=snooze]")
    assert "1 left today" in page.locator(".progress").inner_text()
    page.goto(served.address + "/queue?asleep=1")
    assert page.locator(".qitem a").count() == 1
    served.clock.advance(days=8)
    page = sign_in(page, served)
    page.goto(served.address + "/queue")
    assert page.locator(".qitem[data-item] a").count() == 2


def test_two_analysts_at_one_card_lose_no_decision_and_the_second_is_told(served, open_page):
    fill(served.database, 2)
    one = sign_in(open_page(), served, "Ada")
    two = sign_in(open_page(), served, "Bo")
    one.goto(served.address + "/queue")
    two.goto(served.address + "/queue")
    assert "Also open: Ada" in two.locator("#card").inner_text()
    press(one, "s")
    press(two, "y")
    assert two.locator("h1").inner_text() == "Ada decided this first"
    cells = two.locator("tbody tr").nth(1).inner_text()
    assert "Nothing new" in cells
    assert "Confirm" in cells
    assert [each.outcome for each in decided(served)] == [Outcome.RESTATEMENT]
    with two.expect_navigation():
        two.click("a.btn.primary")
    press(two, "y")
    assert [each.actor for each in decided(served)] == ["local:Ada", "local:Bo"]


def test_what_stands_against_a_decision_is_told_at_the_card_and_typing_is_kept(served, open_page):
    fill(served.database, 1)
    page = sign_in(open_page(), served)
    page.goto(served.address + "/queue")
    page.keyboard.press("e")
    page.wait_for_selector("#changes[open]")
    page.fill("#md", "2031-01-01")
    page.fill("#mn", "as the ministry says")
    page.click("#changes button.primary")
    page.wait_for_selector("#problems")
    assert "in the future" in page.locator("#problems").inner_text()
    assert page.locator("#changes").get_attribute("open") is not None
    assert page.input_value("#mn") == "as the ministry says"
    page.fill("#md", "2026-11")
    with page.expect_navigation():
        page.click("#changes button.primary")
    assert [each.milestone_date for each in decided(served)] == ["2026-11"]


def test_the_watchlist_is_mended_compared_replayed_accepted_and_rolled_back(served, open_page):
    fill(served.database, 6)
    with begin(served.database) as work:
        work.watchlists.accept(
            version=served.desk.watchlist().version,
            text=served.watchlist.read_text(encoding="utf-8"),
            author="file",
            now=served.clock.now(),
        )
        work.commit()
    page = sign_in(open_page(), served, role=Role.ADMIN)
    page.goto(served.address + "/watchlist")
    text = page.input_value("#yaml")
    broken = text.replace("aliases: [River School]", "alias: [River School]").replace(
        "aliases: [Harbour Resilience Fund, 港湾韧性基金]", "aliases: [Harbour Fund of Nowhere]"
    )
    page.fill("#yaml", broken)
    page.click("text=Check draft")
    problem = page.locator(".problem").first
    assert "did you mean" in problem.inner_text()
    assert "^^^^^" in problem.inner_text()
    assert page.locator("text=Accept is off").count() == 0  # not even compared yet
    page.click("[name=fix]")
    page.wait_for_selector(".diff")
    assert "Harbour Fund of Nowhere" in page.locator(".diff").inner_text()
    assert page.locator("[aria-disabled=true]").count() == 1
    page.click("form[action='/watchlist/backtest'] button")
    page.wait_for_selector("text=articles replayed", timeout=60_000)
    assert "Lost, 6" in page.locator("main").inner_text()
    page.click("form[action='/watchlist/accept'] button")
    page.wait_for_selector("text=is accepted")
    assert "Harbour Fund of Nowhere" in served.watchlist.read_text(encoding="utf-8")
    assert "# Every pledge here is invented." in served.watchlist.read_text(encoding="utf-8")
    with reading(served.database) as work:
        newest = work.watchlists.current().number
    page.goto(f"{served.address}/watchlist/versions/{newest - 1}")
    assert "港湾韧性基金" in page.locator("main").inner_text()
    page.click("button.danger")
    page.wait_for_selector("text=is accepted")
    assert "港湾韧性基金" in served.watchlist.read_text(encoding="utf-8")
    with reading(served.database) as work:
        assert work.watchlists.current().number == newest + 1  # nothing is erased


def test_searching_in_either_script_and_for_a_phrase(served, open_page):
    with begin(served.database) as work:
        add_development(
            work,
            1,
            title="上海合作組織成員國談人工智慧",
            text="各方在上海談人工智慧合作。",
            feed_id=FeedId("shili"),
            language=Language.CHINESE_TRADITIONAL,
        )
        add_development(
            work, 2, title="AI for ports", text="A cooperation organization for AI is planned."
        )
        add_development(
            work, 3, title="Cooperation in ports", text="An organization of ports met. Aid came."
        )
        index(work)
        work.commit()
    page = sign_in(open_page(), served)

    def found(words):
        page.goto(served.address + "/history")
        page.fill("#q", words)
        page.keyboard.press("Enter")
        page.wait_for_selector("text=Read as")
        return page.locator(".result h3").all_inner_texts()

    assert found("上海") == ["上海合作組織成員國談人工智慧"]
    assert page.locator(".result mark.find").first.inner_text() == "上海"
    assert sorted(found("AI")) == ["AI for ports", "上海合作組織成員國談人工智慧"]
    assert found('"cooperation organization"') == ["AI for ports"]
    assert page.locator(".snip mark.find").inner_text() == "cooperation organization"


def test_the_language_is_a_link_and_is_remembered(served, open_page):
    page = sign_in(open_page(), served)
    page.goto(served.address + "/queue")
    page.click("[hreflang=zh-Hans]")
    page.wait_for_selector("html[lang=zh-Hans]")
    assert page.locator("h1").inner_text() == "待审队列"
    page.goto(served.address + "/")
    assert page.locator("h1").inner_text() == "进展总览"
    assert "港湾基金" in page.locator(".row").first.inner_text()
    page.click("[hreflang=zh-Hant]")
    page.wait_for_selector("html[lang=zh-Hant]")
    assert "港灣基金" in page.locator(".row").first.inner_text()


def test_without_javascript_everything_works_but_keys(served, open_page):
    fill(served.database, 4)
    page = sign_in(open_page(java_script_enabled=False), served, role=Role.ADMIN)
    page.goto(served.address + "/queue")
    page.click(".decide button[value=restatement]")
    page.click("#reject summary")
    page.click("#reject button[value=reject-1]")
    page.click(".toast button")
    assert [each.outcome for each in decided(served)] == [
        Outcome.RESTATEMENT,
        Outcome.REJECTED,
        Outcome.UNDONE,
    ]
    page.locator(".qitem input[type=checkbox]").first.check()
    page.click(".bulkbar button.primary")
    page.click("button[value=restatement]")
    assert len(decided(served)) == 4
    page.goto(served.address + "/watchlist")
    page.fill("#yaml", page.input_value("#yaml").replace("River School]", "River College]"))
    page.click("text=Check draft")
    assert "River College" in page.locator(".diff").inner_text()
    page.click("form[action='/watchlist/backtest'] button")
    page.wait_for_selector("text=articles replayed", timeout=60_000)
    for path in ("/", "/history?q=fund", "/feeds", "/quality", "/subscribers", "/audit"):
        show(page, served.address + path)
        assert page.locator("h1").is_visible()


HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><b>bold</b>\u202e{{7*7}}" + "W" * 90
)


def test_hostile_words_are_inert_on_every_page(served, open_page):
    text = served.watchlist.read_text(encoding="utf-8")
    escaped = HOSTILE.replace('"', '\\"').replace("\u202e", "")  # the file takes no such sign
    text = text.replace("title: River school", f'title: "{escaped}"')
    text = text.replace("{text: Harbour Resilience Fund Run, why: a race}", f'"{escaped}"')
    served.watchlist.write_text(text, encoding="utf-8")
    with begin(served.database) as work:
        add_development(work, 1, title=HOSTILE, text=HOSTILE, url="javascript:alert(3)")
        add_development(
            work, 2, title=HOSTILE, text=HOSTILE, commitment_id=CommitmentId("river-school")
        )
        work.commit()
    client = served.client("Ada")
    client.post("/queue/decide", key="F2", decision="restatement", revision="1", note=HOSTILE)
    client.post("/history/views", name=HOSTILE[:60], query="q=<script>alert(4)</script>")
    page = open_page(viewport={"width": 360, "height": 800})
    dialogs, errors = [], []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.on(
        "console",
        lambda message: errors.append(message.text) if "Content Security" in message.text else None,
    )
    sign_in(page, served, role=Role.ADMIN)
    for path in (*ALL_PAGES, "/queue?q=<script>alert(5)</script>", "/history?q=<b>&tag=<i>"):
        show(page, served.address + path)
        assert page.locator("main script, main img, main b:text-is('bold')").count() == 0, path
        assert page.locator("a[href^='javascript:']").count() == 0, path
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
    assert dialogs == []
    assert errors == []


ALL_PAGES = (
    "/",
    "/queue",
    "/queue?at=F2",
    "/queue?asleep=1",
    "/pledges/harbour-fund",
    "/pledges/river-school",
    "/history",
    "/articles/1",
    "/watchlist",
    "/watchlist/draft",
    "/watchlist/try",
    "/feeds",
    "/quality",
    "/subscribers",
    "/audit",
    "/account",
    "/nowhere",
)
PUBLIC_PAGES = ("/", "/pledges/harbour-fund", "/login", "/login?token=x")

MEASURE = """() => [...document.querySelectorAll('a, button, input, select, summary, textarea')]
  .filter((one) => {
    const box = one.getBoundingClientRect(), style = getComputedStyle(one);
    const seen = box.width > 1 && box.height > 1 && style.visibility !== 'hidden';
    const hidden = one.closest('.vh, .skip, [hidden]') || one.type === 'hidden';
    const boxed = one.closest('label') && ['checkbox', 'radio'].includes(one.type);
    const inText = style.display === 'inline' && one.closest('p, cite, dd, td, li, caption');
    return seen && !hidden && !boxed && !inText;
  })
  .map((one) => [one.outerHTML.slice(0, 90), one.getBoundingClientRect()])
  .filter(([, box]) => Math.min(box.width, box.height) < 23.5)
  .map(([html, box]) => `${html} ${box.width}x${box.height}`)"""


def test_on_a_phone_nothing_scrolls_sideways_and_targets_are_large(served, open_page):
    fill(served.database, 5)
    page = open_page(viewport={"width": 360, "height": 740})
    sign_in(page, served, role=Role.ADMIN)
    wide, small = [], []
    for path in ALL_PAGES:
        for language in ("en", "zh-Hans"):
            show(page, f"{served.address}{path}{'&' if '?' in path else '?'}lang={language}")
            if page.evaluate("document.documentElement.scrollWidth") > 360:
                wide.append((path, language))
            small += [(path, each) for each in page.evaluate(MEASURE)]
    assert wide == []
    assert "\n".join(f"{path} {each}" for path, each in sorted(set(small))) == ""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(served, open_page, theme):
    from axe_playwright_python.sync_playwright import Axe

    fill(served.database, 5)
    served.client("Ada").post("/queue/decide", key="F3", decision="confirm", revision="1")
    axe = Axe()
    # axe's script is put into the page from outside: the policy would not let it in
    page = open_page(color_scheme=theme, bypass_csp=True, viewport={"width": 1280, "height": 900})
    found = []
    for path in PUBLIC_PAGES:
        show(page, served.address + path)
        found += violations(axe.run(page), path)
    sign_in(page, served, role=Role.ADMIN)
    for path in ALL_PAGES:
        show(page, served.address + path)
        found += violations(axe.run(page), path)
    assert found == []


def violations(results, path):
    return [
        (path, each["id"], node["html"][:120])
        for each in results.response["violations"]
        for node in each["nodes"][:3]
    ]


def test_every_page_has_one_heading_and_says_its_language(served, open_page):
    fill(served.database, 3)
    client = served.client("Ada", Role.ADMIN)
    for path in ALL_PAGES:
        html = client.get(path + ("&" if "?" in path else "?") + "lang=zh-Hant").text
        assert '<html lang="zh-Hant">' in html, path
        assert len(re.findall("<h1", html)) == 1, path
        assert " style=" not in html, path
        assert not re.search(r"<script(?! src=\"/static/)", html), path
        assert not re.search(r"(?:src|href)=\"https?://(?!news\.)", html), path


def test_a_correction_strikes_a_milestone_through_and_keeps_the_reason(served, open_page):
    fill(served.database, 1)
    client = served.client("Ada")
    client.post("/queue/decide", key="F1", decision="confirm", revision="1")
    page = sign_in(open_page(), served)
    page.goto(served.address + "/pledges/harbour-fund")
    assert "5 Operating" in page.locator(".pagehead").inner_text()
    page.click("text=Correct…")
    page.click("button[value=correct]")
    page.wait_for_selector("#problems")  # a reason is needed
    page.click("text=Correct…")
    page.fill(".ev [name=note]", "the ministry withdrew it")
    page.click("button[value=correct]")
    page.wait_for_selector(".ev.struck")
    assert "the ministry withdrew it" in page.locator(".ev.struck").inner_text()
    assert "5 Operating" not in page.locator(".pagehead").inner_text()
    assert [each.outcome for each in decided(served)][1:] == [Outcome.CORRECTED]


def test_an_unsure_analyst_hands_the_card_to_the_second(served, open_page):
    fill(served.database, 1)
    one = sign_in(open_page(), served, "Ada")
    two = sign_in(open_page(), served, "Bo")
    one.goto(served.address + "/queue")
    press(one, "q")
    assert one.locator(".empty").count() == 1
    two.goto(served.address + "/queue")
    assert "second opinion" in two.locator(".qitem").first.inner_text()
    press(two, "s")
    assert [each.outcome for each in decided(served)] == [Outcome.UNSURE, Outcome.RESTATEMENT]


def test_a_text_is_tried_without_being_stored(served, open_page):
    page = sign_in(open_page(), served)
    page.goto(served.address + "/watchlist/try")
    page.fill("#tx", "Harbour Resilience Fund opens\nThe Harbour Resilience Fund opened in Dakar.")
    page.click("main button")
    assert "1 pledge named" in page.locator("main").inner_text()
    with reading(served.database) as work:
        assert work.hits.count() == 0
