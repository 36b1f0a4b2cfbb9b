"""What can be taken out: columns, safe cells, and the same answer for a day whenever one asks."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest

from model.records import Milestone, Outcome
from review import columns, exports
from review.extract import extract
from review.tabular import BOM, as_csv, as_json, data_package
from storage.history import Search
from storage.unit_of_work import reading
from tests.review.desk_story import FUND, HOSTILE, OPENS, WATCHLIST, Year, on

# As scripts rely on them.
HEADERS = {
    "commitments": "id, title_en, title_zh_hans, title_zh_hant, kind, promisor, counterparties, said_on, said_by, said_where, stage, stage_label, activity_status_code, action_status, schedule, due_date, due_basis, attention, setback, verdict, last_milestone, last_milestone_date, last_decision_at, count_done, count_target, evidence_n, independent_sources_n, recommended_for_analysis, testable, commitment_rev, rubric_version, as_of",  # noqa: E501
    "followups": "followup_id, commitment_id, clause_id, kind, milestone, event_date, event_date_precision, place, headline, in_language, publisher, author, date_published, reference_url, archive_url, retrieved, quote_exact, quote_prefix, quote_suffix, source_reliability, information_credibility, origin_id, cluster_size, cameo_root, decided_by, decided_at, reason_code",  # noqa: E501
    "transitions": "at, commitment_id, field, before, after, followup_id, actor, reason_code, undoes",  # noqa: E501
    "coverage": "day, source_id, polls, failures, articles_seen, hours_unobserved",
    "rules": "rule_id, commitment_id, text, lang, strength, hits, confirmed, restated, rejected, precision, lower_95, proposed_edit",  # noqa: E501
    "corrections": "at, commitment_id, was, now, why, alerts_reissued",
}


EVERYTHING = Search()


def taken(database, days=100, search=EVERYTHING, **wanted):
    with reading(database) as work:
        ids = work.history.development_ids(search)
        return extract(work, WATCHLIST, on(days), ids=ids, **wanted)


def rows(database, name, days=100, **wanted):
    return list(exports.FROM_EXTRACT[name](taken(database, days, **wanted)))


@pytest.mark.parametrize("sheet", columns.SHEETS, ids=lambda sheet: sheet.name)
def test_columns_and_their_order_stay(sheet):
    assert ", ".join(sheet.names) == HEADERS[sheet.name]


@pytest.mark.parametrize("name", exports.FROM_EXTRACT)
def test_rows_have_the_columns_of_their_sheet(database, story, name):
    (sheet,) = [each for each in columns.SHEETS if each.name == name]
    found = rows(database, name)
    assert found
    assert all(sorted(row) == sorted(sheet.names) for row in found)


def test_a_pledge_is_told_whole(database, story):
    fund, school = rows(database, "commitments")
    assert (fund["id"], fund["title_zh_hant"], fund["said_on"]) == (
        FUND,
        "港口基金會",
        "2026-01-10",
    )
    assert (fund["stage"], fund["stage_label"]) == ("agreed", "binding text or contract")
    assert (fund["activity_status_code"], fund["action_status"]) == (1, "PotentialActionStatus")
    assert (fund["setback"], fund["verdict"]) == ("postponed", "open")
    assert (fund["last_milestone"], fund["last_milestone_date"]) == ("signed", "2026-03-02")
    assert (fund["due_date"], fund["due_basis"]) == ("2027", "inferred")
    assert (fund["testable"], fund["recommended_for_analysis"]) == (True, True)
    assert (fund["evidence_n"], fund["count_target"]) == (2, 20)
    assert (school["stage"], school["activity_status_code"], school["testable"]) == (
        None,
        None,
        False,
    )


def test_follow_ups_say_who_decided_what_and_what_waits(database, story):
    found = {row["headline"]: row for row in rows(database, "followups")}
    signed = found["Charter signed"]
    assert (signed["followup_id"], signed["kind"]) == (f"F{story['signed']}", "milestone")
    assert (signed["milestone"], signed["event_date"], signed["event_date_precision"]) == (
        "signed",
        "2026-03-02",
        "day",
    )
    assert (signed["place"], signed["decided_by"], signed["cameo_root"]) == (
        "Dakar",
        "Reviewer 1",
        "05",
    )
    assert (signed["source_reliability"], signed["information_credibility"]) == ("B", 2)
    assert found["Grants late"]["kind"] == "setback"
    assert found["Minister repeats"]["kind"] == "restatement"
    assert found[HOSTILE]["decided_by"] is None
    assert "Harbour Fund Ltd buys ships" not in found


def test_names_of_analysts_are_for_those_who_are_signed_in(database, story):
    found = rows(database, "followups", names=True)
    assert {row["decided_by"] for row in found} >= {"local:ann"}
    public = rows(database, "transitions")
    assert {row["actor"] for row in public} == {"Reviewer 1", "Reviewer 2"}


def test_a_quote_can_be_found_again_where_it_stands(database, story):
    (row,) = [
        row for row in rows(database, "followups", as_of=on(15).date()) if row["headline"] == OPENS
    ]
    assert (row["quote_prefix"], row["quote_exact"]) == ("Harbour Resilience Fund ", "opens")
    assert row["quote_suffix"] == " its first office"


def test_every_change_has_its_decision(database, story):
    found = [(row["field"], row["before"], row["after"]) for row in rows(database, "transitions")]
    assert found == [
        ("stage", None, "agreed"),
        ("stage", "agreed", "operating"),
        ("setback", None, "postponed"),
        ("stage", "operating", "agreed"),
        ("stage", "agreed", "operating"),
        ("setback", "postponed", None),
        ("stage", "operating", "agreed"),
        ("setback", None, "postponed"),
    ]
    assert rows(database, "transitions")[-1]["undoes"] == story["d_undone"]


def test_corrections_say_what_was_and_what_is(database, story):
    undone, struck = rows(database, "corrections")
    assert (struck["was"], struck["now"]) == ("operating (operating 2026-03)", "agreed")
    assert (struck["why"], struck["alerts_reissued"]) == ("It was the signing.", 0)
    assert (undone["was"], undone["why"]) == ("operating (operating 2026-04-20)", "undone")


def test_what_the_page_said_on_a_day_is_the_same_whenever_one_asks(any_database):
    """Each evening's files are kept; after the year, the same files come out of the decisions."""
    year, evenings = Year(any_database), {}

    def evening(day):
        year.poll(day)
        found = taken(any_database, day)
        evenings[found.as_of] = [list(make(found)) for make in exports.FROM_EXTRACT.values()]

    signed = year.find(1, milestone=Milestone.SIGNED)
    evening(1)
    first = year.decide(2, signed, milestone=Milestone.SIGNED, milestone_date="2026-03-02")
    evening(2)
    opened = year.find(5, hits=2)
    second = year.decide(6, opened, milestone=Milestone.OPERATING, milestone_date="2026-03-06")
    evening(6)
    year.undo(8, second)
    evening(8)
    year.decide(9, opened, Outcome.REJECTED, reason=1)
    evening(9)
    year.decide(12, None, Outcome.CORRECTED, undoes=first, note="A rumour.")
    evening(12)
    year.find(15, title="Later")
    assert len(evenings) == 6
    assert len({json.dumps(each, default=str) for each in evenings.values()}) == 6
    for day, before in evenings.items():
        again = taken(any_database, 40, as_of=day)
        assert [list(make(again)) for make in exports.FROM_EXTRACT.values()] == before, day


def test_filters_narrow_the_follow_ups(database, story):
    confirmed = rows(database, "followups", search=Search(review="confirmed"))
    assert [row["headline"] for row in confirmed] == ["Charter signed"]
    words = rows(database, "followups", search=Search(text="minister"))
    assert [row["headline"] for row in words] == ["Minister repeats"]


def test_a_spreadsheet_runs_nothing(database, story):
    found = taken(database)
    for sheet, make in (
        (columns.COMMITMENTS, exports.commitments),
        (columns.FOLLOWUPS, exports.followups),
    ):
        text = as_csv(sheet, list(make(found)))
        cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert "'=HYPERLINK" in text
    assert "'-2+3" in text


@pytest.mark.parametrize("bad", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
def test_cells_that_begin_like_a_formula_are_made_text(bad):
    row = dict.fromkeys(columns.CORRECTIONS.names) | {"why": bad}
    text = as_csv(columns.CORRECTIONS, [row])
    assert list(csv.reader(io.StringIO(text, newline="")))[1][4] == f"'{bad}"


def test_csv_is_rfc_4180_with_a_mark_for_spreadsheets_on_request():
    text = as_csv(columns.CORRECTIONS, [dict.fromkeys(columns.CORRECTIONS.names, 'a"b\nc')])
    assert text.splitlines()[0] == "at,commitment_id,was,now,why,alerts_reissued"
    assert text.endswith('"a""b\nc"\r\n')
    assert as_csv(columns.CORRECTIONS, [], bom=True).startswith(BOM)


def test_json_has_lists_moments_and_as_of(database, story):
    found = taken(database)
    document = json.loads(
        as_json(columns.COMMITMENTS, list(exports.commitments(found)), found.as_of)
    )
    assert (document["as_of"], document["rubric_version"]) == (found.as_of.isoformat(), "1")
    assert document["rows"][0]["promisor"] == ["Ministry of Ports", "=SUM(A1)"]
    assert document["rows"][0]["last_decision_at"] == "2026-05-10T12:00:00Z"


def test_the_data_package_describes_every_file(database, story):
    found = taken(database)
    package = json.loads(data_package(columns.SHEETS, found.as_of, "v1"))
    assert package["licenses"][0]["name"] == "CC-BY-4.0"
    described = {
        each["name"]: [field["name"] for field in each["schema"]["fields"]]
        for each in package["resources"]
    }
    assert described == {sheet.name: list(sheet.names) for sheet in columns.SHEETS}
    kinds = {field["type"] for each in package["resources"] for field in each["schema"]["fields"]}
    assert kinds <= {"string", "integer", "number", "boolean", "date", "datetime"}


def test_what_an_older_version_did_not_write_down_is_worked_out(database, story):
    found = taken(database)
    old = {
        commitment_id: [
            replace(each, rubric_version=None, stage_before=None, stage_after=None)
            for each in decisions
        ]
        for commitment_id, decisions in found.decisions.items()
    }
    assert list(exports.transitions(replace(found, decisions=old))) == list(
        exports.transitions(found)
    )
