"""Tokens that act: the service account behind each, made with the first token of its name and house."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction

from zhizhi.core.kernel.text import Text
from zhizhi.store.api.models import TokenAccount
from zhizhi.store.api.scopes import TokenScope, needs_account, scopes_of
from zhizhi.store.leases.models import ApiToken
from zhizhi.store.leases.tokens import Bearer, TokenRefused, create_token
from zhizhi.store.lenders.models import Staff
from zhizhi.store.lenders.scopes import Scope
from zhizhi.store.many import Question, ask
from zhizhi.store.viewer import Viewer
from zhizhi.store.words import SERVICE_ROLE


@dataclass(frozen=True, slots=True)
class Caller:
    """A token that acts: who it is to every use case, what it may, and whose eyes it has."""

    bearer: Bearer
    staff_id: int
    scopes: frozenset[TokenScope]

    @property
    def token_id(self) -> int:
        """The token that it shows."""
        return self.bearer.token_id

    @property
    def lender_id(self) -> int:
        """The lender whose cases it sees."""
        return self.bearer.lender_id

    @property
    def agency_id(self) -> int | None:
        """The agency whose placements alone it sees."""
        return self.bearer.agency_id

    @property
    def viewer(self) -> Viewer:
        """Its eyes; what the database believes of them is the sealed id alone."""
        scope = Scope.LENDER if self.agency_id is None else Scope.AGENCY
        return Viewer(self.staff_id, scope, self.lender_id, self.agency_id)


def login_of(name: str, lender: str, agency: str | None) -> str:
    """The login of a service account; nobody signs in under it, it only stands once."""
    return f"api:{lender}:{agency or ''}:{name}"


def create_account_token(
    name: str, lender: str, agency: str | None, scopes: Sequence[str], *, expires_at: datetime, at: datetime
) -> tuple[int, str]:
    """`create_token`, with the service account that it acts as, in one commit. Refuses: a scope that no agency's token
    has, besides."""
    withheld = [scope for scope in TokenScope if scope in scopes and not scope.row.for_agencies]
    if agency is not None and withheld:
        raise TokenRefused(
            "scope_of_lender",
            Text(f"外包机构的令牌不能有 {withheld[0]}", f"an agency's token may not have `{withheld[0]}`"),
        )
    with transaction.atomic(using="gate", durable=True):
        token_id, secret = create_token(name, lender, agency, scopes, expires_at=expires_at, at=at)
        if needs_account(tuple(scopes)):
            token = ApiToken.objects.using("gate").get(pk=token_id)
            account, _ = Staff.objects.using("gate").get_or_create(
                login=login_of(name, lender, agency),
                defaults={
                    "name": name,
                    "role": SERVICE_ROLE,
                    "lender_id": token.lender_id,
                    "agency_id": token.agency_id,
                    "password": make_password(None),
                },
            )
            TokenAccount.objects.using("gate").create(token=token, staff=account)
    return token_id, secret


_ACCOUNT = """
SELECT a.staff_id FROM token_account a JOIN staff s ON s.id = a.staff_id
WHERE a.token_id = %s AND s.is_active AND s.role = 'service_account'
"""


def load_caller(bearer: Bearer) -> Caller | None:
    """Who a token acts as; None for one that only leases, and where the account was ended."""
    rows = ask(Question(_ACCOUNT, [bearer.token_id], list))
    if not rows:
        return None
    return Caller(bearer, rows[0][0], scopes_of(bearer.scopes, is_agency=bearer.agency_id is not None))


_NAMED = """
SELECT s.id FROM staff s
WHERE s.login = %s AND s.is_active AND s.role <> 'service_account' AND s.agency_id IS NOT DISTINCT FROM %s
  AND (s.agency_id IS NOT NULL OR s.lender_id = %s)
"""


def find_collector(caller: Caller, login: str) -> int | None:
    """The member of staff of a login, where they are of the house of the token; None for anybody else."""
    rows = ask(Question(_NAMED, [login, caller.agency_id, caller.lender_id], list))
    return int(rows[0][0]) if rows else None


def login_of_caller(caller: Caller) -> str:
    """The login of the service account that a token acts as."""
    return ask(Question("SELECT login FROM staff WHERE id = %s", [caller.staff_id], lambda rows: str(rows[0][0])))
