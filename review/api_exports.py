"""Files: the record as CSV, JSON, linked data and Atom, by the filters of the pages."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from starlette.responses import Response

from model.drawing import as_png, as_svg
from model.errors import MissingRecordError
from model.records import CommitmentId
from review import api_models as models
from review import columns, exports
from review.api_calling import Call
from review.api_reading import days_of, looked_until, one, read, search_of, tools_of
from review.columns import Sheet
from review.feeds_atom import Channel, atom
from review.linked_data import linked_data
from review.tabular import Row, as_csv, as_json, data_package, file_name
from review.timelines import timeline_of, words_of
from storage.unit_of_work import reading

CSV, JSON = "text/csv", "application/json"
ATOM, LINKED = "application/atom+xml", "application/ld+json"
SVG, PNG = "image/svg+xml", "image/png"


def _extracted(call: Call, sheet: Sheet) -> tuple[Sequence[Row], date]:
    """Return the rows of a sheet that comes out of the decisions, and as of when they are."""
    asked = call.ask(models.FileFilters)
    search = search_of(call, asked)
    with reading(call.desk.database) as work:
        every = sheet is columns.FOLLOWUPS
        ids = work.history.development_ids(search) if every else None
        found = read(call, work, asked.as_of, ids)
    wanted = {search.commitment_id} if search.commitment_id else search.commitment_ids
    if wanted is not None:
        rows = tuple(row for row in found.rows if row.commitment.id in wanted)
        found = replace(found, rows=rows)
    return list(exports.FROM_EXTRACT[sheet.name](found)), found.as_of


def _covered(call: Call, sheet: Sheet) -> tuple[Sequence[Row], date]:
    asked = call.ask(models.DayFiles)
    rows = list(exports.coverage(days_of(call, asked)))
    return rows, min(asked.until or call.now.date(), call.now.date())


def _judged(call: Call, sheet: Sheet) -> tuple[Sequence[Row], date]:
    return list(exports.rules(tools_of(call).precision())), call.now.date()


def _rows(call: Call, sheet: Sheet) -> tuple[Sequence[Row], date]:
    special = {"coverage": _covered, "rules": _judged}
    return special.get(sheet.name, _extracted)(call, sheet)


def csv_file(sheet: Sheet) -> Callable[[Call], Response]:
    """Return what answers with a sheet as CSV."""

    def answer(call: Call) -> Response:
        rows, as_of = _rows(call, sheet)
        bom = bool(getattr(call.given, "bom", False))
        return _file(as_csv(sheet, rows, bom=bom), CSV, file_name(sheet, as_of, "csv"))

    return answer


def json_file(sheet: Sheet) -> Callable[[Call], Response]:
    """Return what answers with a sheet as JSON."""

    def answer(call: Call) -> Response:
        rows, as_of = _rows(call, sheet)
        return _file(as_json(sheet, rows, as_of), JSON, file_name(sheet, as_of, "json"))

    return answer


def package(call: Call) -> Response:
    """Return the description of all files."""
    text = data_package(columns.SHEETS, call.now.date(), call.watchlist.version)
    return Response(text, media_type=JSON)


def linked(call: Call) -> Response:
    """Return one pledge as linked data."""
    with reading(call.desk.database) as work:
        found = one(call, work, call.ask(models.AsOf).as_of)
    row = found.rows[0]
    document = linked_data(row.commitment, row.standing, found.told, call.site)
    return Response(json.dumps(document, ensure_ascii=False, indent=1), media_type=LINKED)


def timeline_file(ending: str) -> Callable[[Call], Response]:
    """Return what answers with one pledge's timeline as SVG or PNG."""

    def answer(call: Call) -> Response:
        asked = call.ask(models.TimelineOptions)
        with reading(call.desk.database) as work:
            found = one(call, work, asked.as_of)
            looked = looked_until(call, work, found.as_of)
        row = found.rows[0]
        drawn = timeline_of(found, row, looked, asked.lang)
        words = words_of(row.commitment, asked.lang)
        if ending == "svg":
            return Response(as_svg(drawn, words), media_type=SVG)
        return Response(as_png(drawn, words), media_type=PNG)

    return answer


# --- Atom -----------------------------------------------------------------------------------


def feed_of_all(call: Call) -> Response:
    """Return the follow-ups of every pledge."""
    return _feed(call, "all", "Pledgewatch: confirmed follow-ups", None)


def feed_of_commitment(call: Call) -> Response:
    """Return the follow-ups of one pledge."""
    chosen = call.watchlist.commitment(CommitmentId(call.path["commitment"]))
    if chosen is None:
        raise MissingRecordError(f"There is no commitment {call.path['commitment']}.")
    return _feed(call, f"commitment/{chosen.id}", f"Pledgewatch: {chosen.title}", {chosen.id})


def feed_of_tag(call: Call) -> Response:
    """Return the follow-ups of the pledges with a tag."""
    tag = call.path["tag"]
    ids = {each.id for each in call.watchlist.commitments if tag in each.tags}
    if not ids:
        raise MissingRecordError(f"There is no tag {tag[:80]}.")
    return _feed(call, f"tag/{tag}", f"Pledgewatch: {tag}", ids)


def _feed(call: Call, name: str, title: str, wanted: set[CommitmentId] | None) -> Response:
    with reading(call.desk.database) as work:
        found = read(call, work)
    told = [
        each for each in found.told if wanted is None or each.development.commitment_id in wanted
    ]
    channel = Channel(name=name, title=title, site=call.site)
    commitments = {each.id: each for each in call.watchlist.commitments}
    return Response(atom(channel, told, commitments, call.now), media_type=ATOM)


def _file(text: str, media_type: str, name: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Link": '</exports/datapackage.json>; rel="describedby"',
    }
    return Response(text, media_type=media_type, headers=headers)
