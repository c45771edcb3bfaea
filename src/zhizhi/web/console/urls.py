"""Addresses of the console."""

from django.urls import path

from zhizhi.web.console.screens import (
    approvals,
    case,
    contact,
    holds,
    imports,
    law,
    recording,
    signing,
    today,
    worklist,
)

urlpatterns = [
    path("", today.today, name="today"),
    path("sign-in", signing.sign_in, name="sign_in"),
    path("sign-out", signing.sign_out, name="sign_out"),
    path("language", signing.switch_language, name="language"),
    path("cases", worklist.worklist, name="worklist"),
    path("cases/search", worklist.search, name="search"),
    path("cases/<str:number>", case.case, name="case"),
    path("cases/<str:number>/propose", contact.propose, name="propose"),
    path("cases/<str:number>/calls/<int:permit_id>", contact.call, name="call"),
    path("cases/<str:number>/calls/<int:permit_id>/outcome", contact.outcome, name="outcome"),
    path("cases/<str:number>/decisions/<int:decision_id>", contact.decision, name="decision"),
    path("cases/<str:number>/note", recording.note, name="note"),
    path("cases/<str:number>/said/<str:kind>", recording.statement, name="statement"),
    path("cases/<str:number>/stop", recording.stop, name="stop"),
    path("cases/<str:number>/stops/<int:stop_id>/lift", recording.lift, name="lift"),
    path("cases/<str:number>/payment", recording.payment, name="payment"),
    path("holds", holds.holds, name="holds"),
    path("holds/<int:person_id>/<int:hold_id>", holds.hold, name="hold"),
    path("approvals", approvals.approvals, name="approvals"),
    path("approvals/wordings/new", approvals.draft_wording, name="draft_wording"),
    path("approvals/wordings/<int:version_id>", approvals.wording, name="wording"),
    path("approvals/strategies/new", approvals.draft_strategy_version, name="draft_strategy"),
    path("approvals/strategies/<int:version_id>", approvals.strategy, name="strategy"),
    path("imports", imports.imports, name="imports"),
    path("imports/<int:file_id>", imports.imported_file, name="imported_file"),
    path("imports/<int:file_id>/refused.csv", imports.refused_rows, name="refused_rows"),
    path("rules", law.law, name="law"),
    path("rules/<str:pack_id>", law.law_pack, name="law_pack"),
]
