"""The watchlist: edit, see what changes, replay it over what is stored, accept; and roll back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from starlette.responses import JSONResponse, Response

from model.desk import (
    Action,
    Edit,
    EntryChange,
    WatchlistDesk,
    WatchlistText,
)
from model.errors import ConflictError, MissingRecordError, PledgewatchError, Problem
from model.records import Role
from review.asking import Ask, RefusedError
from review.fixing import Fix, caret, fix_of, mended
from review.jobs import Job, new_job

SHOWN_HITS = 30
BACKTEST_DAYS = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One problem with its line, its carets and, where one press mends it, the fix."""

    problem: Problem
    line: str
    carets: str
    fix: Fix | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A text on its way into use."""

    text: str
    file: str | None
    based_on: str  # the revision that it was made from


def tools_of(ask: Ask) -> WatchlistDesk:
    """Return what works on the watchlist; raise RefusedError where this process has none."""
    if ask.desk.tools is None:
        raise RefusedError(503, "watchlist.no_tools")
    return ask.desk.tools


def watchlist_page(ask: Ask) -> Response:
    """Show the watchlist as it stands on the disk."""
    stands = tools_of(ask).text(ask.query("file") or None)
    return _page(ask, _as_it_stands(stands), stands, step="edit")


def _as_it_stands(stands: WatchlistText) -> Draft:
    return Draft(text=stands.text, file=stands.file, based_on=stands.revision)


def _draft(ask: Ask) -> Draft:
    """Return the text of the form, its lines ended as ours are."""
    value = ask.form.get("text", "")
    text = "\n".join((value if isinstance(value, str) else "").splitlines())
    return Draft(
        text=text + "\n" if text else "",
        file=ask.field("file") or None,
        based_on=ask.field("based_on"),
    )


def check(ask: Ask) -> Response:
    """Name every problem of a draft; where none is an error, show what it changes."""
    draft = _draft(ask)
    return _page(ask, draft, tools_of(ask).text(draft.file), step="diff")


def fix(ask: Ask) -> Response:
    """Mend one problem as its advice says, and check again."""
    draft, tools = _draft(ask), tools_of(ask)
    shown = _shown(tools.check(draft.text, draft.file), draft.text)
    number = ask.field("fix")
    if number.isdecimal() and int(number) < len(shown):
        chosen = shown[int(number)].fix
        if chosen is not None:
            text = mended(draft.text, chosen)
            draft = Draft(text=text, file=draft.file, based_on=draft.based_on)
    return _page(ask, draft, tools.text(draft.file), step="diff")


def _shown(problems: Sequence[Problem], text: str) -> list[Shown]:
    ordered = sorted(problems, key=lambda each: (each.warning, each.line, each.column))
    found = []
    for each in ordered:
        line, carets = caret(each, text)
        found.append(Shown(problem=each, line=line, carets=carets, fix=fix_of(each, text)))
    return found


def _page(
    ask: Ask,
    draft: Draft,
    stands: WatchlistText,
    *,
    step: str,
    job: Job | None = None,
    problem: str | None = None,
    status: int = 200,
) -> Response:
    tools = tools_of(ask)
    shown = _shown(tools.check(draft.text, draft.file), draft.text)
    errors = [each for each in shown if not each.problem.warning]
    changes: Sequence[EntryChange] = ()
    if not errors and draft.text != stands.text:
        changes = tools.diff(draft.text, draft.file)
    if job is None and not errors:
        job = ask.desk.jobs.tested(draft.text)
    return ask.page(
        "watchlist.html",
        status=status,
        draft=draft,
        stands=stands,
        step="edit" if errors else step,
        shown=shown,
        errors=len(errors),
        warnings=len(shown) - len(errors),
        changed=draft.text != stands.text,
        changes=changes,
        job=job,
        backtest=None if job is None else job.result,
        problem=problem,
        versions=tools.history(12),
        find=_line_of(draft.text, ask.query("find")),
        may_accept=ask.visitor.may(Role.ADMIN),
        shown_hits=SHOWN_HITS,
    )


def _line_of(text: str, name: str) -> int:
    """Return the line on which an entry's id stands; 0 where it is not asked or not there."""
    if not name:
        return 0
    lines = text.split("\n")
    return next((n for n, line in enumerate(lines, 1) if f"id: {name}" in line), 0)


# --- backtest, accept, roll back -------------------------------------------------------


def start_backtest(ask: Ask) -> Response:
    """Begin to replay the stored articles under a draft, and go to where its progress is told."""
    draft, tools = _draft(ask), tools_of(ask)
    if any(not each.warning for each in tools.check(draft.text, draft.file)):
        return _page(ask, draft, tools.text(draft.file), step="edit")
    job = new_job(draft.text, ask.visitor.actor, draft.based_on, draft.file)
    ask.desk.jobs.start(
        job,
        lambda text, progress: tools.backtest(text, progress, days=BACKTEST_DAYS, file=draft.file),
    )
    return ask.go(f"/watchlist/backtests/{job.id}")


def backtest_page(ask: Ask) -> Response:
    """Show how far a backtest is, or what came out; asked for JSON, only that."""
    job = _job(ask)
    if "application/json" in ask.request.headers.get("accept", ""):
        return JSONResponse({"done": job.ended, "text": _progress(ask, job)})
    if not job.ended:
        return ask.page("backtest.html", job=job, progress=_progress(ask, job))
    draft = Draft(text=job.text, file=job.file, based_on=job.based_on)
    problem = None if job.problem is None else ask.say("watchlist.backtest_broke", why=job.problem)
    stands = tools_of(ask).text(job.file)
    return _page(ask, draft, stands, step="backtest", job=job, problem=problem)


def _job(ask: Ask) -> Job:
    job = ask.desk.jobs.get(ask.request.path_params["job"])
    if job is None:
        raise RefusedError(404, "watchlist.no_backtest")
    return job


def _progress(ask: Ask, job: Job) -> str:
    if not job.whole:
        return ask.say("watchlist.backtest_begins")
    return ask.say("watchlist.backtest_at", done=f"{job.done:,}", whole=f"{job.whole:,}")


def accept(ask: Ask) -> Response:
    """Put a draft in use; only one without an error and with a backtest of its own."""
    draft, tools = _draft(ask), tools_of(ask)
    stands = tools.text(draft.file)
    if ask.desk.jobs.tested(draft.text) is None:
        why = ask.say("watchlist.accept_needs")
        return _page(ask, draft, stands, step="diff", problem=why, status=400)
    try:
        number = tools.accept(
            draft.text, ask.visitor.actor, based_on=draft.based_on or None, file=draft.file
        )
    except ConflictError:
        why = ask.say("watchlist.conflict")
        return _page(ask, draft, stands, step="diff", problem=why, status=409)
    return ask.go(f"/watchlist?accepted={number}")


def version_page(ask: Ask) -> Response:
    """Show what one accepted version changed, and what a return to it would change now."""
    number, tools = ask.number("version"), tools_of(ask)
    versions = tools.history(200)
    version = next((each for each in versions if each.number == number), None)
    if version is None:
        raise RefusedError(404, "error.no_record")
    current = next((each.number for each in versions if each.is_current), None)
    back = () if version.is_current or current is None else tools.changes(number, current)
    return ask.page(
        "version.html",
        version=version,
        changes=tools.changes(number),
        back=back,
        may_accept=ask.visitor.may(Role.ADMIN),
    )


def roll_back(ask: Ask) -> Response:
    """Put an old version in use again, as a new one."""
    number = tools_of(ask).rollback(ask.number("version"), ask.visitor.actor)
    return ask.go(f"/watchlist?accepted={number}")


# --- edits that a page proposes ---------------------------------------------------------


def propose(ask: Ask) -> Response:
    """Make a proposed edit in the text, as a draft: nothing is in use before it is accepted."""
    tools = tools_of(ask)
    try:
        edited = tools.edited(*_edits(ask, tools))
    except MissingRecordError:
        raise RefusedError(404, "watchlist.no_such_entry") from None
    return _page(ask, _as_it_stands(edited), tools.text(edited.file), step="diff")


def _edits(ask: Ask, tools: WatchlistDesk) -> tuple[Edit, ...]:
    """Return the edits that a form names: a drafted entry, or what a weak rule's row proposes."""
    if ask.field("yaml"):
        value = ask.form.get("yaml", "")
        return (Edit(action=Action.ADD_ENTRY, text=value if isinstance(value, str) else ""),)
    rule = ask.field("rule")
    for each in tools.precision():
        if each.rule_id == rule and each.proposed is not None:
            return each.proposed.edits
    raise RefusedError(404, "watchlist.no_such_entry")


def draft_page(ask: Ask) -> Response:
    """Show the form that takes a document, or what a document promises."""
    if ask.request.method == "GET":
        return ask.page("draft.html", document="", drafted=None, problem=None)
    document = ask.field("document")
    try:
        found = tools_of(ask).draft(document) if document else None
    except PledgewatchError as error:
        return ask.page(
            "draft.html", status=400, document=document, drafted=None, problem=str(error)
        )
    return ask.page("draft.html", document=document, drafted=found, problem=None)


def try_page(ask: Ask) -> Response:
    """Say what an address or a text would match, and why; nothing is stored or sent."""
    text, trial, problem = ask.field("text"), None, None
    if ask.request.method == "POST" and text:
        try:
            trial = tools_of(ask).try_text(text)
        except PledgewatchError as error:
            problem = str(error)
    status = 400 if problem else 200
    return ask.page("try.html", status=status, text=text, trial=trial, problem=problem)


def download(ask: Ask) -> Response:
    """Give the file as it stands."""
    stands = tools_of(ask).text(ask.query("file") or None)
    answer = Response(stands.text, media_type="text/yaml; charset=utf-8")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(stands.file)}"
    return answer
