"""The API is held to its own document: no server error, no answer that is not in it."""

from __future__ import annotations

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from model.records import Role
from review.api import ENDPOINTS
from review.app import Desk, create_app
from review.openapi import document
from storage.unit_of_work import begin
from tests.review.desk_story import WATCHLIST, on
from tests.review.loopback import serve

NOW = on(100)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    unsupported_method,
]


class Precisions:
    """What needs a matcher, where there is none to ask."""

    def precision(self):
        return ()


@pytest.fixture
def signed_in(database, story):
    """A served API, and what an analyst's browser sends with each call."""
    desk = Desk(
        database=database,
        watchlist=lambda: WATCHLIST,
        now=lambda: NOW,
        telegram=lambda: "off",
        tools=Precisions(),
    )
    with begin(database) as work:
        token = work.sessions.new("local:ann", Role.ANALYST, NOW)
        work.commit()
    with serve(create_app(desk)) as address:
        me = httpx.get(f"{address}/api/v1/me", cookies={"desk": token})
        sent = {
            "cookies": {"desk": token, "visitor": me.cookies["visitor"]},
            "headers": {"X-Form-Token": me.json()["form_token"]},
        }
        yield address, sent


schema = schemathesis.openapi.from_dict(document(ENDPOINTS))  # as it is served: test_api.py


@schema.parametrize()
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_no_call_is_answered_otherwise_than_documented(case, signed_in):
    address, sent = signed_in
    case.call_and_validate(base_url=address, checks=CHECKS, **sent)
