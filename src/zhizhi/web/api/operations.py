"""The table of operations: from it come the addresses, what is checked before each runs, and the document."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse
from pydantic import BaseModel

from zhizhi.core.kernel.text import Text
from zhizhi.store.api.accounts import Caller
from zhizhi.store.api.scopes import TokenScope
from zhizhi.store.lenders.rights import Right
from zhizhi.web.api.fields import Shape

Body = TypeVar("Body", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Call:
    """One request of a token that acts, checked: who, when, and what was sent."""

    caller: Caller
    at: datetime
    named: Mapping[str, str]
    body: BaseModel | None = field(default=None, repr=False)
    query: BaseModel | None = None
    files: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def sent(self, shape: type[Body]) -> Body:
        """The body, as the operation declares it."""
        assert isinstance(self.body, shape), "an operation is given the body that it declares"
        return self.body

    def asked(self, shape: type[Body]) -> Body:
        """The query, as the operation declares it."""
        assert isinstance(self.query, shape), "an operation is given the query that it declares"
        return self.query


Run = Callable[[Call], BaseModel | dict[str, Any]]
View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one address.

    `run` works a request of a token that acts; `view`, in its place, answers by itself (leases, whose path is shorter).
    `writes`: it carries an idempotency key, and its answer is kept. `parts`: a form with files stands for the body.
    """

    name: str
    method: str
    path: str
    group: Text
    says: Text
    scope: TokenScope
    right: Right
    answer: type[BaseModel]
    run: Run | None = None
    view: View | None = None
    body: type[BaseModel] | None = None
    query: type[Shape] | None = None
    writes: bool = False
    parts: bool = False
    bytes_max: int = 64 * 1024
    produces: str = "application/json"
    besides: Text | None = None

    def __post_init__(self) -> None:
        assert (self.run is None) is not (self.view is None), "an operation is run one way"


Request = HttpRequest


def by_path(operations: Sequence[Operation]) -> dict[str, dict[str, Operation]]:
    """Operations by address and method, in the order of the table."""
    found: dict[str, dict[str, Operation]] = {}
    for one in operations:
        methods = found.setdefault(one.path, {})
        assert one.method not in methods, f"{one.method} {one.path} stands twice"
        methods[one.method] = one
    return found
