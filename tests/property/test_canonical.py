"""Promise: canonical JSON is the library's, octet for octet and refusal for refusal, whichever encoder wrote it."""

from collections.abc import Callable
from typing import Any

import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from zhizhi.core.kernel.canonical import SAFE_INTEGER, canonical

ANY_TEXT = st.text(st.characters(categories=None, codec=None))  # halves of characters too
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT | st.binary(max_size=2)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(ANY_TEXT | st.integers(0, 3), inner),
    max_leaves=12,
)


def outcome(value: object, dumps: Callable[[Any], bytes]) -> object:
    try:
        return dumps(value)
    except rfc8785.CanonicalizationError as refused:
        return type(refused), str(refused)


@given(VALUES)
@example(SAFE_INTEGER)
@example(SAFE_INTEGER + 1)
@example(-SAFE_INTEGER - 1)
@example({"\ue000": 1, "\U0001f600": 2})  # by code point the other way round
@example({"a": [True, None, 1.0, '\x7f\u2028\x1f/"\\'], "A": {}})
@example("\ud800")
@example({"n": float("nan")})
def test_canonical_json_is_the_librarys(value: object) -> None:
    assert outcome(value, canonical) == outcome(value, rfc8785.dumps)
