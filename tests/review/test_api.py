"""The JSON API: who may ask what, what comes back, and that its document tells the truth."""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import quote

import httpx
import pytest

from model.records import Role
from review.api import ENDPOINTS
from review.app import Desk, create_app
from review.openapi import document
from storage.unit_of_work import begin, reading
from tests.review.desk_story import FUND, HOSTILE, WATCHLIST, on
from tests.review.loopback import serve

NOW = on(100)
NOBODY, READER, ANALYST, ADMIN = None, Role.SUBSCRIBER, Role.ANALYST, Role.ADMIN


@pytest.fixture
def site(database, story):
    desk = Desk(
        database=database,
        watchlist=lambda: WATCHLIST,
        now=lambda: NOW,
        telegram=lambda: "off",
        public_url="https://pledges.example.org",
    )
    with serve(create_app(desk)) as address:
        yield address


@pytest.fixture
def client_of(site, database):
    """Return a client who is signed in with a role, or nobody."""
    clients = []

    def client(role, name="ann"):
        made = httpx.Client(base_url=site, timeout=30)
        clients.append(made)
        if role is not None:
            with begin(database) as work:
                token = work.sessions.new(f"local:{name}", role, NOW)
                work.commit()
            made.cookies.set("desk", token)
        me = made.get("/api/v1/me")
        made.headers["X-Form-Token"] = me.json()["form_token"]
        for cookie, value in me.cookies.items():
            made.cookies.set(cookie, value)
        return made

    yield client
    for each in clients:
        each.close()


@pytest.fixture
def analyst(client_of):
    return client_of(ANALYST)


def address(endpoint, story):
    """Return an address that an endpoint answers."""
    found = endpoint.path.replace("{commitment}", FUND).replace("{article}", "1")
    found = found.replace("{development}", f"F{story['signed']}").replace("{tag}", "coast")
    return found.replace("{key:any}", quote(f"F{story['waiting']}"))


SAYS = {
    "/api/v1/decisions": {"outcome": "unsure"},
    "snooze": {"until": "next_hit"},
}


def call(client, endpoint, story):
    where = address(endpoint, story)
    if endpoint.method == "GET":
        return client.get(where)
    body = SAYS.get(where, SAYS.get(where.rsplit("/", 1)[1], {}))
    if where == "/api/v1/decisions":
        body = body | {"development_id": f"F{story['waiting']}"}
    return client.post(where, json=body)


def allowed(endpoint, role):
    return endpoint.needs is Role.SUBSCRIBER or role in {ANALYST, ADMIN}


ROLES = pytest.mark.parametrize("role", [NOBODY, READER, ANALYST, ADMIN])
READING = [each for each in ENDPOINTS if each.method == "GET"]
SENDING = [each for each in ENDPOINTS if each.method == "POST"]


def check(client, endpoint, role, story):
    answer = call(client, endpoint, story)
    if allowed(endpoint, role):
        expected = 503 if endpoint.path in NEEDS_A_MATCHER else endpoint.status
        assert answer.status_code == expected, (endpoint.path, answer.text)
        return
    expected = 403 if role is READER else 401
    assert answer.status_code == expected, endpoint.path
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert ("Cookie" in answer.headers.get("WWW-Authenticate", "")) is (role is NOBODY)


@ROLES
def test_every_address_that_reads_answers_whom_it_should(client_of, story, role):
    client = client_of(role)
    for endpoint in READING:
        check(client, endpoint, role, story)


@ROLES
@pytest.mark.parametrize("endpoint", SENDING, ids=lambda each: each.path)
def test_every_address_that_acts_answers_whom_it_should(client_of, story, endpoint, role):
    check(client_of(role), endpoint, role, story)


NEEDS_A_MATCHER = {"/api/v1/quality", "/exports/rules.csv", "/exports/rules.json"}


def test_a_session_that_was_ended_is_nobodys(client_of, database, story):
    client = client_of(ADMIN)
    with begin(database) as work:
        work.sessions.end_all("local:ann", NOW)
        work.commit()
    for endpoint in ENDPOINTS:
        if endpoint.needs is not Role.SUBSCRIBER:
            assert call(client, endpoint, story).status_code == 401, endpoint.path


def test_nothing_is_done_for_another_site(client_of, database, story):
    plain, other = client_of(ANALYST), client_of(ANALYST, "bob")
    other.headers["Sec-Fetch-Site"] = "cross-site"
    for token in (None, b"0" * 64, b"\xfc"):
        plain.headers.pop("X-Form-Token", None)
        if token is not None:
            plain.headers = httpx.Headers([*plain.headers.raw, (b"X-Form-Token", token)])
        for endpoint in SENDING:
            assert call(plain, endpoint, story).status_code == 403
    for endpoint in SENDING:
        assert call(other, endpoint, story).status_code == 403
    with reading(database) as work:
        assert work.queue.cards() == {}


def test_whoever_was_made_less_of_may_less_at_once(database, story):
    roles = {1001: Role.ANALYST}
    desk = Desk(
        database=database,
        watchlist=lambda: WATCHLIST,
        now=lambda: NOW,
        telegram=lambda: "off",
        role_of=lambda user: roles.get(user, Role.SUBSCRIBER),
    )
    with begin(database) as work:
        token = work.sessions.new("telegram:1001", Role.ADMIN, NOW)
        work.commit()
    with serve(create_app(desk)) as address:
        with httpx.Client(base_url=address, cookies={"desk": token}) as client:
            assert client.get("/api/v1/queue").status_code == 200
            roles.clear()
            assert client.get("/api/v1/queue").status_code == 403


# --- what comes back ---------------------------------------------------------------------


def test_pledges_as_of_a_day(client_of, story):
    client = client_of(NOBODY)
    today = client.get("/api/v1/commitments").json()
    assert today["items"][0]["stage"] == "agreed"
    then = client.get("/api/v1/commitments", params={"as_of": "2026-03-20"}).json()
    assert (then["as_of"], then["items"][0]["stage"]) == ("2026-03-20", "operating")


def test_a_pledge_whole(client_of, story):
    found = client_of(NOBODY).get(f"/api/v1/commitments/{FUND}").json()
    assert [step["milestone"] for step in found["steps"]] == ["signed"]
    assert [step["milestone"] for step in found["struck_steps"]]
    assert [clause["id"] for clause in found["clauses"]] == ["office", "grants"]
    assert {each["decided_by"] for each in found["followups"]} == {"Reviewer 1", None}


def test_a_development_is_quoted_and_not_given_whole(client_of, story):
    found = client_of(NOBODY).get(f"/api/v1/developments/F{story['opened']}").json()
    assert len(found["reports"]) == 3
    assert "opened its first office in Dakar" not in json.dumps(found)
    assert {each["actor"] for each in found["decisions"]} == {"Reviewer 2", "Reviewer 1"}


def test_developments_come_page_by_page(client_of, story):
    client, seen, after = client_of(NOBODY), [], None
    while True:
        more = {} if after is None else {"after": after}
        page = client.get("/api/v1/developments", params={"limit": 2, **more}).json()
        seen += [each["followup_id"] for each in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert seen == sorted(seen, key=lambda each: -int(each[1:]))
    assert len(seen) == len(set(seen)) == 5


def test_the_full_text_is_for_those_who_are_signed_in(client_of, analyst, story):
    whole = analyst.get("/api/v1/articles/1").json()
    assert "opened its first office in Dakar" in whole["text"]
    assert client_of(NOBODY).get("/api/v1/articles/1").status_code == 401


def test_the_history_has_the_filters_of_its_page(analyst, story):
    found = analyst.get("/api/v1/history", params={"q": "minister", "decision": "restatement"})
    assert [each["title"] for each in found.json()["items"]] == ["Minister repeats"]
    assert found.json()["facets"]["hits"] == 1
    first = analyst.get("/api/v1/history", params={"limit": 3}).json()
    rest = analyst.get("/api/v1/history", params={"limit": 500, "after": first["next"]}).json()
    assert len(first["items"]) + len(rest["items"]) == 8
    tagged = analyst.get("/api/v1/history", params={"tag": "river"}).json()
    assert tagged["items"] == []


def test_a_decision_is_taken_and_taken_back(analyst, client_of, story):
    card = analyst.get("/api/v1/queue").json()["items"][0]
    assert card["development_id"] == f"F{story['waiting']}"
    body = {
        "development_id": card["development_id"],
        "outcome": "confirmed",
        "milestone": "operating",
        "milestone_date": "2026-04",
        "seen_revision": card["revision"],
    }
    taken = analyst.post("/api/v1/decisions", json=body)
    assert (taken.status_code, taken.json()["stage_after"]) == (201, "operating")
    late = client_of(ADMIN, "bob").post("/api/v1/decisions", json=body)
    assert late.status_code == 409
    assert late.json()["other"]["decision_id"] == taken.json()["decision_id"]
    assert analyst.get("/api/v1/queue").json()["left"] == 0
    undone = analyst.post("/api/v1/decisions/undo", json={})
    assert undone.json()["undoes"] == taken.json()["decision_id"]
    newest = analyst.get("/api/v1/decisions", params={"limit": 1}).json()["items"]
    assert [each["outcome"] for each in newest] == ["undone"]


def test_what_stands_against_a_decision_is_named(analyst, story):
    body = {"development_id": f"F{story['waiting']}", "outcome": "rejected", "reason": 4}
    refused = analyst.post("/api/v1/decisions", json=body)
    assert (refused.status_code, refused.json()["refusals"]) == (422, ["no_reason"])


def test_a_machine_cannot_say_who_decides(analyst, story):
    body = {"commitment_id": FUND, "outcome": "unsure", "actor": "local:eve"}
    answer = analyst.post("/api/v1/decisions", json=body)
    assert answer.status_code == 422
    assert "actor" in answer.json()["detail"]


def test_cards_sleep_wake_and_change_hands(analyst, client_of, story):
    card = f"/api/v1/queue/F{story['waiting']}"
    assert analyst.post(f"{card}/snooze", json={"until": "date"}).status_code == 422
    slept = analyst.post(f"{card}/snooze", json={"until": "date", "date": "2026-12-01"})
    assert slept.json()["until"] == "2026-12-01T00:00:00Z"
    assert analyst.get("/api/v1/queue").json()["left"] == 0
    assert analyst.get("/api/v1/queue", params={"asleep": True}).json()["left"] == 1
    assert analyst.post(f"{card}/wake", json={}).status_code == 200
    analyst.post(f"{card}/assign", json={"assignee": "local:bob"})
    analyst.post(f"{card}/second", json={})
    assert analyst.get("/api/v1/queue").json()["left"] == 0
    bob = client_of(ANALYST, "bob")
    bob.post(f"{card}/open", json={})
    (mine,) = bob.get("/api/v1/queue", params={"mine": True}).json()["items"]
    assert (mine["second_asked_by"], mine["opened_by"]) == ("local:ann", ["local:bob"])


def test_addresses_and_faults_of_feeds_are_for_analysts(client_of, analyst, story):
    public = client_of(NOBODY).get("/api/v1/feeds").json()["items"][0]
    assert (public["url"], public["answer"], public["advice"]) == ("", "", None)
    assert analyst.get("/api/v1/feeds").json()["items"][0]["url"].startswith("http")


def test_coverage_is_told_by_day(client_of, story):
    params = {"since": "2026-03-01", "until": "2026-03-06"}
    days = client_of(NOBODY).get("/api/v1/coverage", params=params).json()["items"]
    assert [day["polls"] for day in days] == [1, 0, 0, 0, 0, 1]
    assert days[1]["hours_unobserved"] == 24


# --- files and feeds -----------------------------------------------------------------------


def test_a_file_says_as_of_when_it_is(client_of, story):
    client = client_of(NOBODY)
    answer = client.get("/exports/commitments.csv", params={"as_of": "2026-03-20", "bom": True})
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    name = 'filename="commitments_2026-03-20_rubric-1.csv"'
    assert name in answer.headers["Content-Disposition"]
    assert answer.content.startswith(b"\xef\xbb\xbfid,title_en")
    assert b",operating," in answer.content


def test_a_file_is_narrowed_like_the_page(client_of, story):
    client = client_of(NOBODY)
    rows = client.get("/exports/followups.json", params={"decision": "confirmed"}).json()["rows"]
    assert [row["followup_id"] for row in rows] == [f"F{story['signed']}"]
    only = client.get("/exports/commitments.json", params={"tag": "river"}).json()["rows"]
    assert [row["id"] for row in only] == ["river-school"]


def test_hostile_words_are_inert_in_files(client_of, story):
    text = client_of(NOBODY).get("/exports/followups.csv").text
    assert f"\"'{HOSTILE[:5]}" in text


def test_feeds_are_told_apart(client_of, story):
    client = client_of(NOBODY)
    found = client.get(f"/feeds/commitment/{FUND}.atom")
    assert found.headers["Content-Type"] == "application/atom+xml"
    assert "tag:pledges.example.org,2026:F1" in found.text
    assert "<entry>" not in client.get("/feeds/tag/river.atom").text
    assert client.get("/feeds/tag/none.atom").status_code == 404


def test_linked_data_is_json_ld(client_of, story):
    answer = client_of(NOBODY).get(f"/exports/commitments/{FUND}.jsonld")
    assert answer.headers["Content-Type"] == "application/ld+json"
    assert answer.json()["actionStatus"] == "https://schema.org/PotentialActionStatus"


# --- what is wrong ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "status"),
    [
        ("/api/v1/nothing", 404),
        ("/api/v1/commitments/none-such", 404),
        ("/api/v1/commitments/UPPER%00", 404),
        ("/api/v1/developments/F0", 404),
        ("/api/v1/developments/F999999999999999", 404),
        ("/api/v1/developments/F9999999999999999999", 404),
        ("/api/v1/articles/1.5", 404),
        ("/api/v1/commitments?as_of=yesterday", 422),
        ("/api/v1/commitments?as_of=2026-03-01&as_of=2026-03-02", 422),
        ("/api/v1/commitments?asof=2026-03-01", 422),
        ("/api/v1/me?x=1", 422),
        ("/api/v1/history?q=%00", 422),
        ("/api/v1/history?decision=maybe", 422),
        ("/api/v1/history?after=999999", 404),
        ("/api/v1/history?until=9999-12-31", 422),
        ("/exports/nothing.csv", 404),
        ("/exports/a%0Ab", 404),
        ("/api/v1/a%0Ab", 404),
        ("/api/v1/developments/F%0A1", 404),
    ],
)
def test_what_is_wrong_is_told_as_a_problem(analyst, story, where, status):
    answer = analyst.get(where)
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == status


@pytest.mark.parametrize(
    ("method", "where", "allowed"),
    [
        ("DELETE", "/api/v1/me", "GET"),
        ("PUT", "/api/v1/decisions", "GET, POST"),
        ("POST", "/feeds/all.atom", "GET"),
        ("QUERY", "/exports/followups.csv", "GET"),
    ],
)
def test_a_wrong_method_names_the_right_one(analyst, method, where, allowed):
    answer = analyst.request(method, where)
    assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)


def test_pages_beside_the_feeds_are_still_there(analyst):
    assert analyst.get("/feeds").headers["Content-Type"].startswith("text/html")
    assert analyst.head("/exports/followups.csv").status_code == 200


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 422),
        (b'{"note": "\\ud800", "outcome": "unsure"}', "application/json", 422),
        (b"outcome=unsure", "application/x-www-form-urlencoded", 415),
        (b"x" * 200_000, "application/json", 413),
    ],
)
def test_bodies_that_are_none_are_refused(analyst, story, body, kind, status):
    answer = analyst.post("/api/v1/decisions", content=body, headers={"Content-Type": kind})
    assert answer.status_code == status


def test_our_own_mistakes_are_logged_and_not_shown(database, caplog):
    def broken():
        raise RuntimeError("secret detail")

    desk = Desk(database=database, watchlist=broken, now=lambda: NOW, telegram=lambda: "off")
    with serve(create_app(desk)) as address:
        answer = httpx.get(f"{address}/api/v1/commitments")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.json()["reference"] in [getattr(each, "ref", "") for each in caplog.records]


# --- the document -------------------------------------------------------------------------


def test_the_document_names_every_address(site):
    served = httpx.get(f"{site}/api/v1/openapi.json").json()
    assert served == json.loads(json.dumps(document(ENDPOINTS)))
    named = {
        (method.upper(), path) for path, methods in served["paths"].items() for method in methods
    }
    assert named == {(each.method, each.path.replace(":any", "")) for each in ENDPOINTS}


def test_every_reference_of_the_document_leads_somewhere():
    found = document(ENDPOINTS)
    text = json.dumps(found)
    for part in text.split('"#/components/schemas/')[1:]:
        assert part.split('"')[0] in found["components"]["schemas"]


def test_addresses_of_the_public_site_are_its_own(client_of, story):
    text = client_of(NOBODY).get("/feeds/all.atom").text
    assert "https://pledges.example.org/pledges/harbour-fund" in text
    assert "127.0.0.1" not in text


def test_a_long_unused_session_is_nobodys(site, database, story):
    with begin(database) as work:
        long_ago = NOW - timedelta(days=2)
        token = work.sessions.new("local:ann", Role.ADMIN, long_ago)
        work.commit()
    assert httpx.get(f"{site}/api/v1/queue", cookies={"desk": token}).status_code == 401


def test_a_timeline_is_drawn_as_it_stood(client_of, story):
    client = client_of(NOBODY)
    address = f"/exports/timelines/{FUND}"
    svg = client.get(f"{address}.svg", params={"as_of": "2026-03-20", "lang": "zh-Hans"})
    assert svg.headers["Content-Type"] == "image/svg+xml"
    assert "港口基金" in svg.text
    today = client.get(f"{address}.svg").text
    assert svg.text.count('fill="#0f766e"') > today.count('fill="#0f766e"')
    png = client.get(f"{address}.png")
    assert (png.headers["Content-Type"], png.content[:4]) == ("image/png", b"\x89PNG")
    assert client.get("/exports/timelines/none-such.svg").status_code == 404
