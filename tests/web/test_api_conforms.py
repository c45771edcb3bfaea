"""Every operation as its document describes it, with data made from the document, right and wrong: no 5xx, no answer
that the document does not know. `ZHIZHI_API_EXAMPLES` makes the run longer (`make schemathesis`).
"""

import os
from collections import Counter
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
import schemathesis
from django.conf import settings as django_settings
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.openapi.checks import UnsupportedMethodResponse  # noqa: F401  loads the checks of OpenAPI
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from apiwork import client_of
from web.book import AT, Book
from zhizhi.web.api.application import application

LONG = int(os.environ.get("ZHIZHI_API_EXAMPLES") or 0)
EXAMPLES = LONG or 5
CHECKS: tuple[CheckFunction, ...] = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    ignored_auth,
    unsupported_method,
)
KNOWN: dict[str, str] = {}  # names in addresses
SAID: dict[str, Any] = {"collector": "alice", "template": "call-plan", "channel": "voice", "action": "CALL_OUT",
                        "next_step": "WAIT", "next_step_at": "2026-04-01T10:00:00+08:00", "overdue_reason": None,
                        "contact": None, "promise": None, "until": None, "paid_on": "2026-03-01"}  # fmt: skip
COUNTED: Counter[str] = Counter()
TURNS, KEYS = count(), count()
schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)


@schema.hook
def map_path_parameters(_context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    """Three in four name what is there, else nothing but 404 would be tried."""
    if path_parameters and next(TURNS) % 4:
        return {name: KNOWN.get(name, value) for name, value in path_parameters.items()}
    return path_parameters


@schema.hook
def map_body(_context: Any, body: Any) -> Any:
    """Two in three name parties, codes and people that there are, so that more than the shape is tried."""
    if isinstance(body, dict) and next(TURNS) % 3:
        return {name: SAID.get(name, value) for name, value in body.items()}
    return body


@schema.hook
def map_query(_context: Any, query: dict[str, Any] | None) -> dict[str, Any] | None:
    """A cursor that was made up opens nothing; most begin at the beginning."""
    if query and next(TURNS) % 3:
        return {name: value for name, value in query.items() if name not in ("cursor", "permit")}
    return query


@pytest.fixture(scope="module")
def secret(book: Book) -> Iterator[str]:
    """A token that may do everything, and what it can name."""
    system = client_of("L1", AT)
    case = book.cases["wang"]
    KNOWN["case"] = case
    wish = {"channel": "voice", "template": "call-plan", "collector": "alice"}
    debtor = system.get(f"cases/{case}/parties").document["parties"][0]
    told = system.post(
        f"cases/{case}/proposals", {**wish, "party": debtor["party"], "point": debtor["points"][0]["point"]}
    ).document
    account = system.get(f"cases/{case}/accounts").document["accounts"][0]
    SAID.update(party=debtor["party"], by=debtor["party"], point=debtor["points"][0]["point"], debt=account["debt"])
    KNOWN.update(decision=told["decision"], permit=told["permit"])
    KNOWN["leaf"] = system.get(f"cases/{case}/evidence").document["rows"][0]["leaf"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(django_settings, "API_AT_ONCE", 1_000_000)
        yield system.secret


# A test each: workers that share a run tell tests apart by their names, and what schemathesis names would all be one.
OPERATIONS = {one.ok().label: one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)}


@pytest.mark.parametrize("label", sorted(OPERATIONS))
def test_an_operation_answers_as_it_is_described(label: str, secret: str) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=not LONG,
        database=None,
        phases=(Phase.explicit, Phase.generate) if LONG else (Phase.generate,),  # explicit: every border of every field
        suppress_health_check=list(HealthCheck),
    )
    @given(case=OPERATIONS[label].as_strategy())
    def answers(case: schemathesis.Case[Any]) -> None:
        headers = {"Authorization": f"Bearer {secret}"}
        if "Idempotency-Key" in (case.headers or {}) and next(TURNS) % 3:
            headers["Idempotency-Key"] = f"s{next(KEYS)}"
        response = case.call(headers=headers)
        COUNTED[str(response.status_code)] += 1
        case.validate_response(response, checks=list(CHECKS), headers=headers)

    answers()


def test_many_were_tried_and_some_got_through() -> None:
    print(f"cases: {sum(COUNTED.values())}, {dict(sorted(COUNTED.items()))}")  # noqa: T201  the figure of a long run
    assert sum(COUNTED.values()) >= EXAMPLES * 20
    assert COUNTED["200"] > sum(COUNTED.values()) / 30
