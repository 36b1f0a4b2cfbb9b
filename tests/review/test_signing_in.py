"""Sign-in, sessions, roles and form tokens over real HTTP."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from model.records import Role
from review.app import PAGES
from storage.unit_of_work import begin, reading
from tests.review.serving import fill


def test_a_preview_of_the_link_does_not_use_it_up(served):
    link = served.link()
    path = link.removeprefix(served.address)
    assert "signs you in" in served.client().get(path).text
    client = served.client()
    client.get(path)
    answer = client.post("/login", token=path.partition("token=")[2])
    assert answer.status_code == 303
    assert client.get("/queue").status_code == 200


def test_a_link_works_once(served):
    token = served.link().partition("token=")[2]
    assert served.client().post("/login", token=token).status_code == 303
    again = served.client().post("/login", token=token)
    assert again.status_code == 400
    assert "has been used" in again.text


def test_an_old_link_and_an_unknown_one_get_the_same_page(served):
    token = served.link().partition("token=")[2]
    served.clock.advance(minutes=6)
    old = served.client().post("/login", token=token)
    unknown = served.client().post("/login", token="x" * 43)
    assert (old.status_code, unknown.status_code) == (400, 400)
    strip = re.compile(r'form_token" value="[^"]+"|\d\d:\d\d')
    assert strip.sub("", old.text) == strip.sub("", unknown.text)


def test_only_hashes_of_tokens_are_stored(served):
    client = served.client("Ada")
    stored = served.database.path.read_bytes()
    wal = served.database.path.with_name(served.database.path.name + "-wal")
    stored += wal.read_bytes() if wal.exists() else b""
    assert client.session
    assert client.session.encode() not in stored


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(served):
    token = served.link().partition("token=")[2]
    answer = served.client().post("/login", token=token)
    cookie = next(e for e in answer.headers.get_list("set-cookie") if e.startswith("desk="))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie  # this is http


def test_behind_https_the_cookie_is_bound_to_it(served):
    token = served.link().partition("token=")[2]
    client = served.client()
    headers = {"x-forwarded-proto": "https"}
    secret = client.get("/", headers=headers).headers["set-cookie"]
    value = re.search(r"__Host-visitor=([^;]+)", secret)[1]
    client.http.cookies.set("__Host-visitor", value)
    from review.auth import Visitor

    form = {"form_token": Visitor(form_secret=value).form_token, "token": token}
    answer = client.http.post("/login", data=form, headers=headers)
    cookie = next(e for e in answer.headers.get_list("set-cookie") if "desk=" in e)
    assert cookie.startswith("__Host-desk=")
    assert "Secure" in cookie
    assert "strict-transport-security" in answer.headers


def test_a_form_from_elsewhere_is_refused(served):
    fill(served.database, 1)
    client = served.client("Ada")
    form = {"key": "F1", "decision": "restatement", "revision": "1"}
    assert client.http.post("/queue/decide", data=form).status_code == 403
    assert (
        client.http.post("/queue/decide", data=form | {"form_token": "0" * 64}).status_code == 403
    )
    right = form | {"form_token": client.form_token}
    foreign = {"sec-fetch-site": "cross-site"}
    assert client.http.post("/queue/decide", data=right, headers=foreign).status_code == 403
    with reading(served.database) as work:
        assert work.decisions.all() == ()
    assert client.http.post("/queue/decide", data=right).status_code == 303


def test_roles_are_checked_on_the_server(served):
    nobody, analyst = served.client(), served.client("Ada")
    for address, method, needs, _ in PAGES:
        path = re.sub(r"\{[a-z]+\}", "1", address)

        def ask(client, path=path, method=method):
            return client.get(path) if method == "GET" else client.post(path)

        if needs is not Role.SUBSCRIBER:
            answer = ask(nobody)
            assert answer.status_code == (303 if method == "GET" else 403), path
            if method == "GET":
                assert answer.headers["location"].startswith("/login?next="), path
        if needs is Role.ADMIN:
            assert ask(analyst).status_code == 403, path
        if needs is Role.ANALYST and path != "/logout":
            assert ask(analyst).status_code != 403, path


def test_signing_out_everywhere_ends_every_session_and_waiting_link(served):
    one, two = served.client("Ada"), served.client("Ada")
    other = served.client("Bo")
    waiting = served.link("Ada").partition("token=")[2]
    one.post("/logout", where="everywhere")
    assert two.get("/queue").status_code == 303
    assert other.get("/queue").status_code == 200
    assert served.client().post("/login", token=waiting).status_code == 400


def test_signing_out_here_leaves_the_other_browser_signed_in(served):
    one, two = served.client("Ada"), served.client("Ada")
    assert "Where you are signed in" in one.get("/account").text
    token = one.session
    one.post("/logout", where="here")
    one.http.cookies.set("desk", token)
    assert one.get("/queue").status_code == 303
    assert two.get("/queue").status_code == 200


def test_a_session_that_nobody_uses_ends(served):
    client = served.client("Ada")
    served.clock.advance(hours=11)
    assert client.get("/queue").status_code == 200
    served.clock.advance(hours=13)
    assert client.get("/queue").status_code == 303


def test_who_lost_a_role_in_the_settings_has_lost_it_here(served):
    roles = {7: Role.ADMIN}
    desk = replace(served.desk, role_of=lambda number: roles.get(number, Role.SUBSCRIBER))
    assert desk.role_now("telegram:7", Role.ADMIN) is Role.ADMIN
    roles[7] = Role.ANALYST
    assert desk.role_now("telegram:7", Role.ADMIN) is Role.ANALYST
    del roles[7]
    assert desk.role_now("telegram:7", Role.ADMIN) is Role.SUBSCRIBER
    assert desk.role_now("local:Ada", Role.ADMIN) is Role.ADMIN


def test_links_are_not_tried_by_the_thousand(served):
    client = served.client()
    answers = [client.post("/login", token="wrong").status_code for _ in range(25)]
    assert 429 in answers
    assert "retry-after" in client.post("/login", token="wrong").headers
    served.clock.advance(minutes=11)
    assert client.post("/login", token="wrong").status_code == 400


@pytest.mark.parametrize(
    "where", ["//evil.example", "https://evil.example", "/\\evil.example", "x"]
)
def test_nobody_is_sent_to_another_site_after_signing_in(served, where):
    token = served.link().partition("token=")[2]
    answer = served.client().post("/login", token=token, next=where)
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize(
    "path", ["/", "/queue", "/nowhere", "/static/desk.css", "/login", "/health"]
)
def test_every_answer_carries_the_policy(served, path):
    headers = served.client("Ada").get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_an_error_shows_a_reference_and_never_a_trace(served, caplog):
    client = served.client("Ada")
    with begin(served.database) as work:
        work._connection.exec_driver_sql("DROP TABLE saved_views")
        work.commit()
    answer = client.get("/history")
    assert answer.status_code in {500, 503}
    assert "Traceback" not in answer.text
    assert "saved_views" not in answer.text
    reference = re.search(r"Reference ([0-9A-F]{4}-[0-9A-F]{2})", answer.text)[1]
    with begin(served.database) as work:
        work._connection.exec_driver_sql("DROP TABLE decisions")
        work.commit()
    assert client.get("/queue").status_code in {500, 503}  # the error's page counts nothing
    assert any(getattr(record, "ref", "") == reference for record in caplog.records)


def test_what_is_not_there_is_a_page(served):
    client = served.client("Ada")
    for path in ("/nowhere", "/pledges/nowhere", "/articles/99", "/articles/x", "/queue?at=F99"):
        answer = client.get(path)
        assert answer.status_code == (200 if "at=" in path else 404)
        assert "<h1>" in answer.text
