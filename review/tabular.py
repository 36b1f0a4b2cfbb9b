"""Rows as files: CSV (RFC 4180) that no spreadsheet runs, JSON, and the data package. Pure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum

from model.ledger import RUBRIC
from review.columns import Column, Sheet

Row = Mapping[str, object]

BOM = "\ufeff"
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run what begins so
LICENCE = {
    "name": "CC-BY-4.0",
    "title": "Creative Commons Attribution 4.0",
    "path": "https://creativecommons.org/licenses/by/4.0/",
}


def as_csv(sheet: Sheet, rows: Iterable[Row], *, bom: bool = False) -> str:
    """Return rows as CSV; with a byte order mark spreadsheets read it as UTF-8."""
    text = io.StringIO()
    if bom:
        text.write(BOM)
    writer = csv.writer(text)
    writer.writerow(sheet.names)
    for row in rows:
        writer.writerow([safe_cell(row[name]) for name in sheet.names])
    return text.getvalue()


def as_json(sheet: Sheet, rows: Sequence[Row], as_of: date) -> str:
    """Return rows as one JSON document that says as of when it is."""
    document = {
        "name": sheet.name,
        "as_of": as_of.isoformat(),
        "rubric_version": RUBRIC,
        "rows": [{name: plain(row[name]) for name in sheet.names} for row in rows],
    }
    return json.dumps(document, ensure_ascii=False, indent=1)


def data_package(sheets: Sequence[Sheet], as_of: date, version: str) -> str:
    """Return the description of the files (Frictionless Data Package, datapackage.json)."""
    document = {
        "profile": "tabular-data-package",
        "name": "pledgewatch",
        "title": "Public pledges and what became of them",
        "created": f"{as_of.isoformat()}T00:00:00Z",
        "as_of": as_of.isoformat(),
        "rubric_version": RUBRIC,
        "commitment_rev": version,
        "licenses": [LICENCE],
        "resources": [_resource(sheet) for sheet in sheets],
    }
    return json.dumps(document, ensure_ascii=False, indent=1)


def file_name(sheet: Sheet, as_of: date, ending: str) -> str:
    """Return a file's name, which says as of when it is and by which rules."""
    return f"{sheet.name}_{as_of.isoformat()}_rubric-{RUBRIC}.{ending}"


def _resource(sheet: Sheet) -> dict[str, object]:
    return {
        "name": sheet.name,
        "title": sheet.says,
        "path": f"{sheet.name}.csv",
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": {
            "fields": [_field(column) for column in sheet.columns],
            "primaryKey": list(sheet.key),
            "missingValues": [""],
        },
    }


def _field(column: Column) -> dict[str, object]:
    if column.type == "list":  # in CSV its parts stand in one cell
        kind, says = "string", f"{column.says}; parts are divided by a semicolon"
    else:
        kind, says = column.type, column.says
    return {"name": column.name, "type": kind, "description": says}


def plain(value: object) -> object:
    """Return a value as JSON has it: moments and days in ISO 8601, lists as lists."""
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return str(value)
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    return value


def iso(moment: datetime) -> str:
    """Return a moment in UTC, to the second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def safe_cell(value: object) -> str:
    """Return a cell; what a spreadsheet would take for a formula is made text of."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    found = plain(value)
    cell = "; ".join(str(each) for each in found) if isinstance(found, list) else str(found)
    return f"'{cell}" if cell.startswith(FORMULA_SIGNS) else cell
