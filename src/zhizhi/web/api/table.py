"""Every operation of version 1, one line each: what it is called, who may, what it takes and answers."""

from functools import cache

from pydantic import BaseModel

from zhizhi.core.kernel.text import Text
from zhizhi.store.api.scopes import TokenScope
from zhizhi.store.lenders.rights import Right
from zhizhi.web.api import (
    answered,
    cases,
    deciding,
    endpoints,
    happened,
    importing,
    proving,
    recording,
    shapes,
    shown,
    webhooks,
)
from zhizhi.web.api.answered import Page
from zhizhi.web.api.fields import Shape
from zhizhi.web.api.operations import Operation, Run, View
from zhizhi.web.api.paging import Paged

CASES, LAW, CONTACTS, RECORDS, IMPORTS, EVIDENCE, LEASES, WEBHOOKS = (
    Text("案件", "Cases"),
    Text("规则", "The law"),
    Text("联系", "Contacts"),
    Text("登记", "Records"),
    Text("导入", "Imports"),
    Text("存证", "Evidence"),
    Text("许可租用", "Leases"),
    Text("通知", "Webhooks"),
)
Answer = type[BaseModel]
Query = type[Shape]


@cache
def operations() -> tuple[Operation, ...]:
    """The table."""
    return (*_reading(), *_deciding(), *_recording(), *_importing(), *_proving(), *_leasing(), *_webhooks())


def _reading() -> tuple[Operation, ...]:
    def one(name: str, path: str, zh: str, en: str, answer: Answer, run: Run, query: Query | None = None) -> Operation:
        return Operation(
            name=name, method="GET", path=path, group=CASES, says=Text(zh, en), scope=TokenScope.READ,
            right=Right.SEE_CASES, answer=answer, run=run, query=query,
        )  # fmt: skip

    def of_case(name: str, noun: str, zh: str, en: str, answer: Answer, run: Run) -> Operation:
        return one(name, f"cases/{{case}}/{noun}", zh, en, answer, run, Paged)

    listed = happened.a_list
    return (
        one("listCases", "cases", "在手案件", "open cases", Page[shown.Case], cases.cases_page, cases.CasesAsked),
        Operation(
            name="findCases", method="POST", path="cases/search", group=CASES, says=Text("查找案件", "find cases"),
            scope=TokenScope.READ, right=Right.SEE_CASES, answer=shown.FoundCases, run=cases.find_cases,
            body=cases.Sought,
        ),
        one("getCase", "cases/{case}", "一个案件", "one case", shown.WholeCase, cases.whole_case),
        one("getParties", "cases/{case}/parties", "相关人（打码）", "parties, masked", shown.Parties,
            cases.parties),
        one("getAccounts", "cases/{case}/accounts", "债权", "debts", shown.Accounts, cases.accounts),
        of_case("listContacts", "contacts", "联系记录", "contacts", Page[shown.Contact],
                listed("contacts", happened.contact)),
        of_case("listPermits", "permits", "许可", "permits", Page[shown.Permit], listed("permits", happened.permit)),
        of_case("listDecisions", "decisions", "判定", "decisions", Page[shown.DecisionRow],
                listed("decisions", happened.decision)),
        one("getDecision", "cases/{case}/decisions/{decision}", "一个判定", "one decision", shown.WholeDecision,
            cases.whole_decision),
        of_case("listStatements", "statements", "客户意愿", "statements", Page[shown.Statement],
                listed("statements", happened.statement)),
        of_case("listStops", "stops", "停催", "stops", Page[shown.Stop], listed("stops", happened.stop)),
        of_case("listPromises", "promises", "承诺还款", "promises", Page[shown.Promise],
                listed("promises", happened.promise)),
        of_case("listPayments", "payments", "还款", "payments", Page[shown.Payment],
                listed("payments", happened.payment)),
        of_case("listNotes", "notes", "催记", "notes", Page[shown.Note], happened.notes_page),
        one("getWords", "words", "代码与话术", "codes and wordings", shown.Words, cases.words),
    )  # fmt: skip


def _deciding() -> tuple[Operation, ...]:
    decide, contact = TokenScope.DECIDE, TokenScope.CONTACT
    permit = "cases/{case}/permits/{permit}"
    return (
        Operation(
            name="decideCase", method="POST", path="decide", group=LAW,
            says=Text("判定一个行为案例", "decide a conduct case"), scope=decide,
            right=Right.SEE_LAW, body=deciding.ConductCase, answer=deciding.Document,
            run=deciding.decide_case, bytes_max=1 << 20,
        ),
        Operation(
            name="solveDebt", method="POST", path="solve", group=LAW,
            says=Text("求解一个债务案例", "solve a debt case"), scope=decide,
            right=Right.SEE_LAW, body=deciding.DebtCase, answer=deciding.Document,
            run=deciding.solve_debt, bytes_max=1 << 20,
        ),
        Operation(
            name="decideContact", method="POST", path="cases/{case}/decide", group=LAW,
            says=Text("试问此刻可否联系，不留记录", "whether a contact may be now, without a trace"), scope=decide,
            right=Right.SEE_CASES, body=deciding.WishedDry, answer=shown.ToldDecision, run=deciding.decide_contact,
        ),
        Operation(
            name="proposeContact", method="POST", path="cases/{case}/proposals", group=CONTACTS,
            says=Text("提出一次联系", "propose a contact"), scope=contact, right=Right.CONTACT,
            body=deciding.Proposed, answer=deciding.ProposalAnswered, run=deciding.propose, writes=True,
        ),
        Operation(
            name="beginCall", method="POST", path=f"{permit}/start", group=CONTACTS,
            says=Text("开始获准的通话", "begin a permitted call"), scope=contact, right=Right.CONTACT,
            body=deciding.Starting, answer=deciding.CallCard, run=deciding.begin_call, writes=True,
        ),
        Operation(
            name="tellOutcome", method="POST", path=f"{permit}/outcome", group=CONTACTS,
            says=Text("回报通话结果", "tell what came of a call"), scope=contact, right=Right.CONTACT,
            body=deciding.Outcome, answer=deciding.Kept, run=deciding.tell_outcome, writes=True,
        ),
    )  # fmt: skip


def _recording() -> tuple[Operation, ...]:
    def one(
        name: str, noun: str, zh: str, en: str, body: Answer, answer: Answer, run: Run,
        right: Right = Right.RECORD, scope: TokenScope = TokenScope.RECORD,
    ) -> Operation:  # fmt: skip
        return Operation(
            name=name, method="POST", path=f"cases/{{case}}/{noun}", group=RECORDS, says=Text(zh, en), scope=scope,
            right=right, body=body, answer=answer, run=run, writes=True,
        )  # fmt: skip

    return (
        one("addStatement", "statements", "登记客户意愿（含同意与拒绝）", "record a statement, consent or refusal",
            recording.NewStatement, recording.StatementKept, recording.add_statement),
        one("openComplaint", "complaints", "登记投诉", "open a complaint", recording.NewComplaint,
            recording.StatementKept, recording.add_complaint),
        one("addNote", "notes", "写催记", "write a note", recording.NewNote, recording.NoteKept, recording.add_note),
        one("setStop", "stops", "停催", "set a stop", recording.NewStop, recording.StopKept, recording.add_stop,
            Right.SET_STOP),
        one("agreePlan", "plans", "登记协商方案", "agree a plan", recording.NewPlan, recording.StopKept,
            recording.add_plan, Right.SET_STOP),
        one("addPayment", "payments", "登记还款", "record a payment", recording.NewPayment, recording.PaymentKept,
            recording.add_payment, Right.RECORD_PAYMENT, TokenScope.PAYMENT),
        Operation(
            name="addRemittance", method="POST", path="remittances", group=RECORDS,
            says=Text("登记来款，匹配入账或等人处理", "tell of money that came in; posted where it names a debt"),
            scope=TokenScope.PAYMENT, right=Right.RECORD_PAYMENT, body=recording.NewRemittance,
            answer=recording.RemittanceKept, run=recording.add_remittance, writes=True,
        ),
    )  # fmt: skip


def _importing() -> tuple[Operation, ...]:
    def one(name: str, path: str, zh: str, en: str, answer: Answer, run: Run, query: Query | None = None) -> Operation:
        rows = name == "listRefusedRows"
        return Operation(
            name=name, method="GET", path=path, group=IMPORTS, says=Text(zh, en), answer=answer, run=run, query=query,
            scope=TokenScope.IMPORT_ROWS if rows else TokenScope.IMPORT,
            right=Right.TAKE_REFUSED_ROWS if rows else Right.SEE_IMPORTS,
        )  # fmt: skip

    return (
        one("listImports", "imports", "导入列表", "imports", Page[importing.Import], importing.imports_page,
            Paged),
        Operation(
            name="bringFile", method="POST", path="imports", group=IMPORTS, says=Text("导入文件", "import a file"),
            scope=TokenScope.IMPORT, right=Right.IMPORT, body=importing.NewImport, answer=importing.ImportBegun,
            run=importing.bring_file, writes=True, parts=True, bytes_max=importing.FILE_BYTES_MAX,
        ),
        one("getImport", "imports/{import}", "一次导入", "one import", importing.Import, importing.one_import),
        one("listRefusedRows", "imports/{import}/refused", "未通过的行", "refused rows", importing.RefusedRows,
            importing.refused_page, importing.RefusedAsked),
    )  # fmt: skip


def _proving() -> tuple[Operation, ...]:
    def one(name: str, path: str, zh: str, en: str, answer: Answer, run: Run, query: Query | None = None) -> Operation:
        return Operation(
            name=name, method="GET", path=f"cases/{{case}}/evidence{path}", group=EVIDENCE, says=Text(zh, en),
            scope=TokenScope.EVIDENCE, right=Right.SEE_CASES, answer=answer, run=run, query=query,
        )  # fmt: skip

    return (
        one("listLeaves", "", "存证条目", "leaves", Page[proving.LeafRow], proving.leaves_page,
            proving.LeavesAsked),
        one("getBundle", "/bundle", "存证包", "a bundle of evidence", proving.Bundle, proving.bundle,
            proving.LeavesAsked),
        one("getLeaf", "/{leaf}", "一条存证与证明", "one leaf and its proof", proving.ProvenLeaf, proving.one_leaf),
    )  # fmt: skip


def _leasing() -> tuple[Operation, ...]:
    def one(name: str, path: str, zh: str, en: str, body: Answer, answer: Answer, view: View) -> Operation:
        return Operation(
            name=name, method="POST", path=path, group=LEASES, says=Text(zh, en), scope=TokenScope.LEASE,
            right=Right.LEASE, body=body, answer=answer, view=view, writes=True
        )  # fmt: skip

    return (
        one("leaseOne", "leases", "租用一个许可", "lease a permit for one person", shapes.OneLease,
            answered.LeaseAnswer, endpoints.lease_one),
        one("leaseMany", "leases/batch", "批量租用", "lease for several persons", shapes.ManyLeases,
            answered.LeaseAnswers, endpoints.lease_many),
        one("confirmLease", "leases/{lease}/confirm", "拨打前确认", "confirm right before ringing", shapes.Nothing,
            answered.Confirmation, endpoints.confirm_lease),
        one("recordLease", "leases/{lease}/records", "回报通话记录", "report what happened", shapes.CallRecord,
            answered.Recorded, endpoints.record_lease),
        one("endCampaign", "campaigns/{campaign}/end", "结束活动", "end a campaign", shapes.Nothing,
            answered.CampaignEnded, endpoints.end_campaign),
        one("nextCalls", "calling/{campaign}/next", "外呼活动：下一批", "calling campaign: whom to ring next",
            shapes.FreeSeats, answered.CallsToMake, endpoints.next_of_campaign),
    )  # fmt: skip


def _webhooks() -> tuple[Operation, ...]:
    def one(
        name: str, method: str, path: str, zh: str, en: str, answer: Answer, run: Run, body: Answer | None = None,
        query: Query | None = None, right: Right = Right.KEEP_WEBHOOKS,
    ) -> Operation:  # fmt: skip
        reads = method == "GET"
        return Operation(
            name=name, method=method, path=path, group=WEBHOOKS, says=Text(zh, en), scope=TokenScope.WEBHOOKS,
            right=Right.SEE_WEBHOOKS if reads else right, body=body, query=query, answer=answer, run=run,
            writes=not reads,
        )  # fmt: skip

    own = "webhooks/{webhook}"
    return (
        one("listWebhooks", "GET", "webhooks", "通知地址", "endpoints", Page[webhooks.Webhook], webhooks.listed,
            query=Paged),
        one("createWebhook", "POST", "webhooks", "新建通知地址", "make an endpoint", webhooks.WebhookMade,
            webhooks.create, webhooks.NewWebhook),
        one("getWebhook", "GET", own, "一个通知地址", "one endpoint", webhooks.Webhook, webhooks.one),
        one("changeWebhook", "PATCH", own, "更改、停用或启用", "change it, turn it on or off",
            webhooks.WebhookChanged, webhooks.change, webhooks.ChangedWebhook),
        one("deleteWebhook", "DELETE", own, "删除", "end it", webhooks.WebhookChanged, webhooks.delete),
        one("rotateWebhookSecret", "POST", f"{own}/secret", "更换密钥", "a new secret", webhooks.WebhookMade,
            webhooks.rotate, shapes.Nothing),
        one("replayWebhooks", "POST", f"{own}/replay", "重发通知", "tell messages once more", webhooks.Replayed,
            webhooks.replay, webhooks.NewReplay, right=Right.REPLAY_WEBHOOKS),
        one("listWebhookDeliveries", "GET", "webhook-deliveries", "通知送达", "messages",
            Page[webhooks.Delivery], webhooks.deliveries_page, query=webhooks.DeliveriesAsked),
        one("getWebhookDelivery", "GET", "webhook-deliveries/{delivery}", "一条通知与各次尝试",
            "one message and its tries", webhooks.WholeDelivery, webhooks.one_delivery),
    )  # fmt: skip
