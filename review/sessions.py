"""Sessions as the database has them: who a cookie stands for, signing in and out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request

from model.records import Role
from review.auth import SESSION, SESSION_LASTS, VISITOR, Visitor, cookie_name, new_secret, weaker
from review.desk import Desk
from storage.logins import SEEN_EVERY, Session
from storage.unit_of_work import begin, reading


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A session that was just opened."""

    token: str
    actor: str
    role: Role


def visitor_of(desk: Desk, request: Request, now: datetime) -> Visitor:
    """Return who is asking; a session that is unknown, ended or long unused is nobody's."""
    secret = request.cookies.get(cookie_name(request, VISITOR), "")
    form_secret = secret or new_secret()
    found = _session(desk, request.cookies.get(cookie_name(request, SESSION)), now)
    if found is None:
        return Visitor(form_secret=form_secret, is_new=not secret)
    return Visitor(
        actor=found.actor,
        role=weaker(found.role, desk.role_now(found.actor, found.role)),
        form_secret=form_secret,
        is_new=not secret,
    )


def _session(desk: Desk, token: str | None, now: datetime) -> Session | None:
    if not token:
        return None
    with reading(desk.database) as work:
        found = work.sessions.get(token)
    if found is None or now - found.seen_at > SESSION_LASTS:
        return None
    if now - found.seen_at >= SEEN_EVERY:
        with begin(desk.database) as work:
            work.sessions.see(token, now)
            work.commit()
    return found


def sign_in(desk: Desk, token: str, now: datetime) -> SignedIn | None:
    """Use a one-time link up and open a session; None: the link is unknown, used or too old."""
    with begin(desk.database) as work:
        found = work.logins.use(token, now)
        if found is None:
            return None
        actor, role = found
        session = work.sessions.new(actor, role, now)
        work.audit.add(actor, role, "session.opened", actor, None, None, now)
        work.commit()
    return SignedIn(token=session, actor=actor, role=role)


def sign_out(desk: Desk, token: str, visitor: Visitor, now: datetime) -> None:
    """End one session."""
    with begin(desk.database) as work:
        work.sessions.end(token, now)
        work.audit.add(visitor.actor, visitor.role, "session.ended", visitor.actor, None, None, now)
        work.commit()


def sign_out_everywhere(desk: Desk, visitor: Visitor, now: datetime) -> int:
    """End all of somebody's sessions, waiting links included; return how many there were."""
    with begin(desk.database) as work:
        ended = work.sessions.end_all(visitor.actor, now)
        work.audit.add(
            visitor.actor, visitor.role, "session.all_ended", visitor.actor, None, str(ended), now
        )
        work.commit()
    return ended


def sessions_of(desk: Desk, visitor: Visitor) -> tuple[Session, ...]:
    """Return somebody's open sessions, newest first."""
    with reading(desk.database) as work:
        return work.sessions.of_actor(visitor.actor)
