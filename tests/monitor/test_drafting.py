"""From documents to proposed pledges, in three scripts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from benchmarks import drafting as measured
from model.records import CommitmentKind
from model.watchlist import read_watchlist
from monitor.deadlines import deadline_in
from monitor.documents import DocumentError, read_document
from monitor.draft_yaml import as_facts, as_yaml
from monitor.drafting import draft
from monitor.matching import check_query, compile_watchlist
from tests.builders import an_article

HERE = Path(__file__).parents[1] / "data" / "drafting"
DAY = date(2026, 3, 14)

needs_real = pytest.mark.skipif(
    not measured.REAL.is_dir(),
    reason="skipped: set PLEDGEWATCH_TEST_DATA to the real documents",
)


def only(text, **told):
    (proposal,) = draft(text, written=DAY, **told)
    return proposal


# --- the bounds --------------------------------------------------------------------------


@pytest.mark.parametrize("result", tuple(measured.our_own()), ids=lambda each: each.document)
def test_every_pledge_of_our_documents_is_proposed_with_its_actor_and_sentence(result):
    assert result.missed == []
    assert result.useless * 3 <= result.proposed


@pytest.mark.parametrize(
    "result", tuple(measured.our_own(*measured.FRESH)), ids=lambda each: each.document
)
def test_documents_written_after_the_rules_lose_no_more_than_one_pledge(result):
    assert len(result.missed) <= 1
    assert result.useless * 3 <= result.proposed


@needs_real
def test_real_documents_give_their_pledges_and_little_else():
    results = list(measured.real())
    assert len(set().union(*(each.found for each in results))) >= 9
    assert sum(each.useless for each in results) * 3 <= sum(each.proposed for each in results)


@needs_real
def test_the_comment_without_a_testable_pledge_gives_none_marked_sure():
    (result,) = [each for each in measured.real() if each.document == "003"]
    assert result.sure == 0


@pytest.mark.parametrize("name", ["climate.txt", "rail.txt", "health.txt"])
def test_a_draft_is_a_watchlist_without_a_problem(name, tmp_path):
    proposals = draft((HERE / name).read_text(encoding="utf-8"))
    path = tmp_path / "draft.yaml"
    path.write_text(as_yaml(proposals, "https://news.example.org/1"), encoding="utf-8")
    loaded = read_watchlist(path, check_query=check_query)
    assert [str(each) for each in loaded.problems] == []
    assert [each.id for each in loaded.watchlist.commitments] == [each.id for each in proposals]


@pytest.mark.parametrize("name", ["climate.txt", "rail.txt", "health.txt"])
def test_what_was_drafted_finds_the_document_it_came_from(name, tmp_path):
    text = (HERE / name).read_text(encoding="utf-8")
    path = tmp_path / "draft.yaml"
    path.write_text(as_yaml(draft(text)), encoding="utf-8")
    watchlist = read_watchlist(path, check_query=check_query).watchlist
    found = compile_watchlist(watchlist).find(an_article(title="", text=text))
    assert {each.commitment.id for each in found} == {each.id for each in watchlist.commitments}


# --- who, what, when ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "who", "what", "due"),
    [
        ("Norvik will build a Grain Bank by 2029.", ("Norvik",), "Grain Bank", "2029"),
        ("诺维克将在2029年前建立区域粮食银行。", ("诺维克",), "区域粮食银行", "2029"),
        ("諾維克將於二〇二九年前設立區域糧食銀行。", ("諾維克",), "區域糧食銀行", "2029"),
    ],
)  # fmt: skip
def test_a_promise_says_who_what_and_when(text, who, what, due):
    proposal = only(text)
    assert proposal.promisor == who
    assert proposal.title == what
    assert proposal.due == due
    assert proposal.kind is CommitmentKind.PROGRAMME
    assert proposal.sentence == text
    assert proposal.is_sure


@pytest.mark.parametrize(
    ("text", "target", "nurses"),
    [
        ("Norvik pledged to train 300 nurses within two years.", 300, "nurses"),
        ("诺维克承诺两年内培训300名护士。", 300, "护士"),
        ("諾維克承諾兩年內培訓三百名護士。", 300, "護士"),
    ],
)
def test_a_number_that_is_promised_makes_a_count(text, target, nurses):
    proposal = only(text)
    assert proposal.kind is CommitmentKind.COUNT
    assert proposal.target == target
    assert proposal.due == "2028"
    assert not proposal.due_is_stated
    ((who, what),) = proposal.groups
    assert who[0] == proposal.promisor[0]
    assert what == (nurses,)


@pytest.mark.parametrize(
    "text",
    [
        "Norvik proposed a Regional Grain Bank.",
        "诺维克提议设立区域粮食银行。",
        "諾維克倡議設立區域糧食銀行。",
    ],
)
def test_what_is_only_proposed_is_marked(text):
    assert "only proposed" in only(text).unsure


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("A Grain Bank will be established by Norvik next year.", "Grain Bank"),
        ("The Sorrel Tunnel will open in 2029.", "Sorrel Tunnel"),
        ("索雷尔隧道将于2029年通车。", "索雷尔隧道"),
        ("索雷爾隧道將於2029年通車。", "索雷爾隧道"),
    ],
)
def test_a_thing_that_is_to_come_is_a_promise(text, title):
    assert only(text).title == title


def test_he_who_promises_is_the_one_who_spoke_last():
    text = "部長蘇明遠二十日表示，預算已經足夠。\n他承諾，花川新站將於2029年啟用。"
    assert only(text).promisor == ("蘇明遠",)


def test_an_offer_that_others_welcome_is_of_who_made_it():
    text = "We welcome the offer of Arden to contribute 75 million crowns."
    assert only(text).promisor == ("Arden",)


@pytest.mark.parametrize(
    "text",
    [
        "Ministers recalled the Delta Statement and thanked their hosts.",
        "Will Norvik build a Coastal Data Centre?",
        "The meeting will take place in Veer.",
        "Climate change remains a challenge.",
        "与会者回顾了往年的成果，感谢东道主。",
        "诺维克是否将建设沿海数据中心？",
        "與會者感謝東道主的款待。",
        "會議在椰城舉行。",
        "",
    ],
)
def test_what_promises_nothing_gives_nothing(text):
    assert draft(text, written=DAY) == ()


def test_two_promises_of_one_thing_are_one_proposal_with_both_names():
    text = (
        "Norvik suggested a Coastal Data Centre. Later Norvik agreed to build a Norvik Coastal "
        "Data Centre in Veer."
    )
    proposal = only(text)
    assert proposal.is_sure
    assert {each.text for each in proposal.aliases} == {
        "Norvik Coastal Data Centre",
        "Coastal Data Centre",
    }


def test_a_name_that_is_weak_asks_for_the_actor_beside_it():
    proposal = only("Norvik and Veer will close their last two coal mines by 2030.")
    assert [each.weak for each in proposal.aliases] == [True]
    assert "Norvik" in proposal.context[0]


def test_a_translation_in_brackets_becomes_a_name_too():
    text = "Norvik will set up a Coastal Data Centre (沿海数据中心) next year."
    assert "沿海数据中心" in {each.text for each in only(text).aliases}


def test_who_we_are_is_taken_from_the_document():
    text = "我們，三河組織的交通部長，在椰城開會。\n我們決定設立三河橋樑基金。"
    assert only(text).promisor == ("三河組織的交通部長",)


@pytest.mark.parametrize(
    ("text", "when", "stated"),
    [
        ("by the end of 2027", "2027", True),
        ("before June 2028", "2028-06", True),
        ("no later than 30 June 2028", "2028-06-30", True),
        ("within five years", "2031", False),
        ("2031年底前通车", "2031", True),
        ("于二〇二七年底前投入運作", "2027", True),
        ("三年内完成", "2029", False),
        ("将于年内成立", "2026", True),
    ],
)
def test_deadlines_are_read(text, when, stated):
    found = deadline_in(text, DAY)
    assert (found.when, found.stated) == (when, stated)


@pytest.mark.parametrize(
    "text", ["in May 2025", "founded in 1999", "earlier this year", "2012年曾"]
)
def test_what_lies_behind_is_no_deadline(text):
    assert deadline_in(text, DAY) is None


# --- hostile and odd documents ------------------------------------------------------------


def test_whatever_a_document_holds_stays_inside_the_quotes(tmp_path):
    text = (
        'Norvik will build a Coastal "Data: {x} # Centre\u2028evil: yes\n'
        "feeds: [oops] will establish a Harbour & *Anchor Fund by 2029.\n"
        "!!python/object:os.system Norvik pledged to fund 300 schools\x07\ud800 by 2030."
    )
    path = tmp_path / "draft.yaml"
    proposals = draft(text, written=DAY)
    path.write_text(as_yaml(proposals), encoding="utf-8")
    loaded = read_watchlist(path, check_query=check_query)
    assert not [each for each in loaded.problems if not each.warning]
    assert proposals
    assert len(loaded.watchlist.commitments) == len(proposals)
    assert loaded.watchlist.feeds == ()


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text",
    [
        "Norvik will build a Grain Bank.\n" * 3000,
        "Norvik will " * 6000,
        "诺维克承诺设立" * 6000,
        "“《" * 20_000 + "诺维克将设立区域粮食银行",
        "abc def ghi\n" * 40_000,
    ],
    ids=["the same again", "no end", "no end in Chinese", "open quotes", "short lines"],
)
def test_a_document_made_to_be_slow_is_not(text):
    assert len(draft(read_document(text.encode()).text, written=DAY)) <= 1


def test_a_draft_of_nothing_is_still_a_watchlist(tmp_path):
    path = tmp_path / "draft.yaml"
    path.write_text(as_yaml(()), encoding="utf-8")
    assert not [each for each in read_watchlist(path).problems if not each.warning]


def test_facts_say_what_is_sure():
    facts = as_facts(only("Norvik will build a Coastal Data Centre by 2029."))
    assert facts["sure"] is True
    assert facts["due_basis"] == "stated"
    assert facts["promisor"] == ["Norvik"]


# --- documents as bytes -------------------------------------------------------------------

HTML = """<html><head><title>Summit</title><meta name="date" content="2026-03-14"></head><body>
<nav><a href="/">Home</a></nav><article><h1>Summit ends</h1>
<p>{}</p><p>The hosts were thanked by all who had come a long way to be there that day.</p>
<p>The weather was fair, and the band played until the small hours of the night.</p>
</article></body></html>"""


@pytest.mark.parametrize(
    ("sentence", "charset"),
    [
        ("Norvik will build a Coastal Data Centre by 2029.", "utf-8"),
        ("诺维克将在2029年前建设沿海数据中心。", "gb18030"),
        ("諾維克將於2029年前興建沿海數據中心。", "big5"),
    ],
)
def test_a_page_is_read_in_its_charset(sentence, charset):
    body = HTML.format(sentence).encode(charset)
    document = read_document(body, f"text/html; charset={charset}")
    (proposal,) = draft(document.text, written=document.written)
    assert proposal.sentence == sentence
    assert document.written == DAY


def a_pdf(lines):
    """Return a PDF with these lines."""
    shown = "".join(f"({line}) Tj 0 -14 Td " for line in lines)
    stream = f"BT /F1 12 Tf 40 700 Td {shown}ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        "/Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body, places = "%PDF-1.4\n", []
    for number, each in enumerate(objects, start=1):
        places.append(len(body))
        body += f"{number} 0 obj\n{each}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    start = len(body)
    body += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    body += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    return body.encode("latin-1")


def test_lines_of_a_pdf_are_sentences_again():
    document = read_document(
        a_pdf(["Norvik will build a Coastal Data Centre in Veer, which", "is a harbour, by 2029."])
    )  # fmt: skip
    (proposal,) = draft(document.text, written=DAY)
    assert proposal.due == "2029"


@pytest.mark.parametrize(
    "lines",
    [
        "诺维克将在二〇二九年前在维尔港的老码头旁边建设沿海\n数据中心，并向公众开放。",
        "諾維克將於二〇二九年前在維爾港的舊碼頭旁邊興建沿海\n數據中心，並向公眾開放。",
    ],
)
def test_lines_of_chinese_text_are_sentences_again(lines):
    (proposal,) = draft(read_document(lines.encode()).text, written=DAY)
    assert proposal.sentence == lines.replace("\n", "")


@pytest.mark.parametrize("body", [b"", b"   \n", b"%PDF-1.4 broken", b"<html></html>"])
def test_a_document_without_text_says_so(body):
    with pytest.raises(DocumentError):
        read_document(body)
