"""Sign in by a one-time link, see one's sessions, sign out here or everywhere."""

from __future__ import annotations

from starlette.responses import Response

from review.asking import Ask, RefusedError
from review.auth import SESSION, SESSION_LASTS, cookie_name, local_path, set_cookie
from review.sessions import sessions_of, sign_in, sign_out, sign_out_everywhere

LONGEST_TOKEN = 200


def login_page(ask: Ask) -> Response:
    """Show how to sign in; with a link's token, ask first, so that a preview does not use it up."""
    token = ask.query("token")[:LONGEST_TOKEN]
    if token:
        return ask.page("confirm.html", token=token, next=local_path(ask.query("next")))
    return _ways(ask, problem=None)


def use_link(ask: Ask) -> Response:
    """Use a link up and open a session."""
    client = ask.request.client
    wait = ask.desk.attempts.wait(client.host if client else "", ask.now)
    if wait is not None:
        raise RefusedError(429, "error.too_many", wait=wait, n=int(wait.total_seconds() // 60) + 1)
    opened = sign_in(ask.desk, ask.field("token")[:LONGEST_TOKEN], ask.now)
    if opened is None:
        return _ways(ask, problem="login.link_is_old", status=400)
    answer = ask.go(local_path(ask.field("next")))
    set_cookie(ask.request, answer, SESSION, opened.token, SESSION_LASTS)
    return answer


def _ways(ask: Ask, *, problem: str | None, status: int = 200) -> Response:
    return ask.page(
        "login.html",
        status=status,
        problem=problem,
        bot=ask.desk.bot(),
        next=local_path(ask.query("next")),
    )


def account_page(ask: Ask) -> Response:
    """Show who is signed in, and where."""
    return ask.page("account.html", sessions=sessions_of(ask.desk, ask.visitor))


def leave(ask: Ask) -> Response:
    """Sign out of this browser, or of all."""
    name = cookie_name(ask.request, SESSION)
    if ask.field("where") == "everywhere":
        sign_out_everywhere(ask.desk, ask.visitor, ask.now)
    else:
        sign_out(ask.desk, ask.request.cookies.get(name, ""), ask.visitor, ask.now)
    answer = ask.go("/login")
    answer.delete_cookie(name, path="/", secure=name.startswith("__Host-"), httponly=True)
    return answer
