"""What a token may be made for: the one table of scopes, what each opens, and whether an agency's token may have it."""

from dataclasses import dataclass
from enum import StrEnum

from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.rights import Right


class TokenScope(StrEnum):
    """One group of endpoints; tokens keep these words."""

    LEASE = "lease"
    LEASE_NUMBER = "lease.number"
    READ = "read"
    DECIDE = "decide"
    CONTACT = "contact"
    CONTACT_NUMBER = "contact.number"
    RECORD = "record"
    PAYMENT = "payment"
    IMPORT = "import"
    IMPORT_ROWS = "import.rows"
    EVIDENCE = "evidence"
    WEBHOOKS = "webhooks"

    @property
    def row(self) -> "ScopeRow":
        """Its line of the table."""
        return SCOPES[self]


@dataclass(frozen=True, slots=True)
class ScopeRow:
    """`rights`: what the role of a service account has for its sake; none for one that only widens another."""

    says: Text
    rights: tuple[Right, ...]
    for_agencies: bool = True


SCOPES = {
    TokenScope.LEASE: ScopeRow(Text("租用许可", "lease permits"), (Right.LEASE,)),
    TokenScope.LEASE_NUMBER: ScopeRow(Text("租用时给出完整号码", "leases answer the number in clear"), ()),
    TokenScope.READ: ScopeRow(
        Text(
            "读案件、账户、客户（打码）、联系、许可与判定",
            "read cases, accounts, persons (masked), contacts, decisions",
        ),
        (Right.SEE_CASES,),
    ),
    TokenScope.DECIDE: ScopeRow(
        Text("试问规则，不留记录", "ask the law without a trace"), (Right.SEE_LAW, Right.SEE_CASES)
    ),
    TokenScope.CONTACT: ScopeRow(
        Text("提出联系，回报结果", "propose contacts, tell their outcomes"), (Right.CONTACT, Right.SEE_CASES)
    ),
    TokenScope.CONTACT_NUMBER: ScopeRow(
        Text("拨打时给出完整号码", "a call that begins answers its number in clear"), ()
    ),
    TokenScope.RECORD: ScopeRow(
        Text("记客户意愿、催记、停催、投诉", "record statements, notes, stops, complaints"),
        (Right.RECORD, Right.SET_STOP, Right.SEE_CASES),
    ),
    TokenScope.PAYMENT: ScopeRow(
        Text("登记还款", "record payments"), (Right.RECORD_PAYMENT, Right.SEE_CASES), for_agencies=False
    ),
    TokenScope.IMPORT: ScopeRow(
        Text("导入文件", "import files"), (Right.IMPORT, Right.SEE_IMPORTS), for_agencies=False
    ),
    TokenScope.IMPORT_ROWS: ScopeRow(
        Text("取回未通过的行", "take refused rows away"), (Right.TAKE_REFUSED_ROWS,), for_agencies=False
    ),
    TokenScope.EVIDENCE: ScopeRow(Text("取存证与证明", "fetch evidence and proofs"), (Right.SEE_CASES,)),
    TokenScope.WEBHOOKS: ScopeRow(
        Text("订阅通知，查看与重发", "be told by webhooks, see and replay them"),
        (Right.SEE_WEBHOOKS, Right.KEEP_WEBHOOKS, Right.REPLAY_WEBHOOKS),
    ),
}


def scopes_of(written: frozenset[str], *, is_agency: bool) -> frozenset[TokenScope]:
    """The scopes that the words of a token stand for; an unknown word, and one that is no agency's, for none."""
    known = (scope for scope in TokenScope if scope in written)
    return frozenset(scope for scope in known if scope.row.for_agencies or not is_agency)


def needs_account(written: tuple[str, ...]) -> bool:
    """Whether a token acts as a service account: every one but those that only lease."""
    return bool(set(written) - {TokenScope.LEASE, TokenScope.LEASE_NUMBER})
