"""The OpenAPI document, made of the same endpoints and models that answer. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from model.records import Role
from review.api_calling import PROBLEM, Endpoint
from review.api_models import Problem

SCHEMAS = "#/components/schemas/{model}"
ALWAYS = (405, 422, 500, 503)  # any call may end so
SENT = (403, 413, 415)  # a POST besides
SIGNED_IN = (401, 403)
SESSION, TOKEN = "session", "form_token"


def document(endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    """Return the whole document."""
    every = tuple(endpoints)
    paths: dict[str, dict[str, Any]] = {}
    for each in every:
        path = each.path.replace(":any", "")
        paths.setdefault(path, {})[each.method.lower()] = _operation(each)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Pledgewatch",
            "version": version("pledgewatch"),
            "description": (
                "Public pledges and what became of them. Reading is open; deciding needs a "
                "session (a cookie, from /login) and the form_token of /api/v1/me."
            ),
        },
        "paths": paths,
        "components": {"schemas": _schemas(every), "securitySchemes": _schemes()},
    }


def _schemes() -> dict[str, Any]:
    return {
        SESSION: {"type": "apiKey", "in": "cookie", "name": "desk"},
        TOKEN: {"type": "apiKey", "in": "header", "name": "X-Form-Token"},
    }


def _schemas(endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    wanted: list[tuple[type[BaseModel], Any]] = [(Problem, "serialization")]
    for each in endpoints:
        if isinstance(each.gives, type):
            wanted.append((each.gives, "serialization"))
        if each.takes is not None and each.method == "POST":
            wanted.append((each.takes, "validation"))
    _, found = models_json_schema(list(dict.fromkeys(wanted)), ref_template=SCHEMAS)
    definitions: dict[str, Any] = found["$defs"]
    return definitions


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    found: dict[str, Any] = {
        "summary": endpoint.says,
        "operationId": _name(endpoint),
        "parameters": [*_path(endpoint), *_query(endpoint)],
        "responses": _responses(endpoint),
    }
    if endpoint.method == "POST" and endpoint.takes is not None:
        schema = {"$ref": SCHEMAS.format(model=endpoint.takes.__name__)}
        found["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema}},
        }
    if endpoint.needs is not Role.SUBSCRIBER:
        post = endpoint.method == "POST"
        found["security"] = [{SESSION: [], TOKEN: []} if post else {SESSION: []}]
    return found


def _name(endpoint: Endpoint) -> str:
    parts = endpoint.path.replace(":any", "").replace(".", "/").strip("/").split("/")
    words = [part.strip("{}") for part in parts if part not in ("api", "v1")]
    return "_".join([endpoint.method.lower(), *words])


def _path(endpoint: Endpoint) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "pattern": f"^{pattern}$"},
        }
        for name, pattern in endpoint.where
    ]


def _query(endpoint: Endpoint) -> list[dict[str, Any]]:
    if endpoint.takes is None or endpoint.method != "GET":
        return []
    schema = endpoint.takes.model_json_schema(ref_template=SCHEMAS)
    definitions = schema.get("$defs", {})
    return [
        {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "description": each.get("description", ""),
            "schema": _plain(each, definitions),
        }
        for name, each in schema["properties"].items()
    ]


def _plain(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of one value of a query: a query has no null, and no references."""
    choices = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    found = {name: value for name, value in schema.items() if name not in ("anyOf", "title")}
    if found.get("default", "") is None:
        del found["default"]
    for each in choices:
        found |= each
    reference = found.pop("$ref", None)
    if reference is not None:
        found = definitions[reference.rsplit("/", 1)[1]] | found
    found.pop("title", None)
    return found


def _responses(endpoint: Endpoint) -> dict[str, Any]:
    gives = endpoint.gives
    if isinstance(gives, str):
        kind = "object" if gives.endswith("json") else "string"
        content = {gives: {"schema": {"type": kind}}}
    else:
        schema = {"$ref": SCHEMAS.format(model=gives.__name__)}
        content = {"application/json": {"schema": schema}}
    found = {str(endpoint.status): {"description": endpoint.says, "content": content}}
    failing = {*ALWAYS, *endpoint.fails}
    if endpoint.method == "POST":
        failing |= set(SENT)
    if endpoint.needs is not Role.SUBSCRIBER:
        failing |= set(SIGNED_IN)
    problem = {PROBLEM: {"schema": {"$ref": SCHEMAS.format(model=Problem.__name__)}}}
    for status in sorted(failing):
        found[str(status)] = {"description": HTTPStatus(status).phrase, "content": problem}
    return found
