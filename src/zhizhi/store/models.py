"""All models, so that Django finds them; nothing outside `store` may import this (import contract)."""

from zhizhi.store.api.models import ApiPace, TokenAccount
from zhizhi.store.approvals.models import Approval
from zhizhi.store.assessments.models import Assessment
from zhizhi.store.assignment.models import (
    AssignmentDesk,
    AssignmentDone,
    AssignmentMove,
    BarredCollector,
    ReservedNegotiation,
    StaffAbsence,
    StaffSkill,
)
from zhizhi.store.audits.models import AuditRun
from zhizhi.store.bulk_stops.models import BulkStop, Residence
from zhizhi.store.calling.models import CallingCampaign, CallingLine, CallingSeat, CallingStep, CallingTarget
from zhizhi.store.campaigns.models import Campaign, CampaignReject, CampaignStep, CampaignTarget, SendPace
from zhizhi.store.canaries.models import Canary, CanaryAlarm
from zhizhi.store.cases.models import Case, Code, Note, Promise, Stop
from zhizhi.store.certificates.models import Certificate
from zhizhi.store.commission.models import (
    CommissionCard,
    CommissionDispute,
    CommissionLine,
    CommissionStatement,
)
from zhizhi.store.consequences.models import CreditMessage, CreditObjection, DebtFact
from zhizhi.store.contacts.models import CalledOff, Contact, Decision, Delivery, Hold, Permit, PermitSlot
from zhizhi.store.core_differences.models import CoreDifference
from zhizhi.store.creditors.models import Creditor, CreditorChange, CreditorHolding, CreditorNotice
from zhizhi.store.debits.models import DebitAttempt, DebitBatch, DebitMandate, LivingReserve
from zhizhi.store.debts.models import Debt, Entry, Instalment, Payment
from zhizhi.store.evidence.models import Checkpoint, Leaf, Salt
from zhizhi.store.exports.models import Export, ExportRow
from zhizhi.store.figures.models import DebtDay, Target
from zhizhi.store.filings.models import CarrierFiling, WordingRecall
from zhizhi.store.history.models import FormerRow
from zhizhi.store.imports.models import ImportedFile, RefusedRow
from zhizhi.store.inbox.models import Contradiction, InboxItem, PullCursor
from zhizhi.store.incidents.models import Incident, IncidentDeadline, IncidentFact
from zhizhi.store.law.models import CapActivation, CapLimit, HouseActivation, HouseProof, ImpactRun, PackRelease
from zhizhi.store.leases.models import ApiToken, KeptAnswer, Lease, LeaseCampaign, LeaseRecord
from zhizhi.store.lenders.models import Agency, Lender, Queue, Staff, StaffChange, ViewerKey
from zhizhi.store.litigation.models import (
    CourtBatch,
    CourtBatchLine,
    CourtDeadline,
    CourtFee,
    CourtFile,
    CourtStep,
    LawFirm,
)
from zhizhi.store.operations.models import Heartbeat, Tally, Watermark
from zhizhi.store.outbound.models import OutboundCall, OutboundNumber, OutboundStep
from zhizhi.store.people.models import Party, Person, Point, Statement
from zhizhi.store.person_requests.models import PersonRequest
from zhizhi.store.placements.models import Placement, PlacementBatch, PlacementExtension, PlacementLot
from zhizhi.store.portal.models import PortalRequest, PortalSession
from zhizhi.store.quality.models import QualityDraw, QualityReview
from zhizhi.store.reconciliation.models import (
    BreachInquiry,
    InquiryStep,
    ReconciledEdge,
    ReconciliationFinding,
    ReconciliationRun,
    RejectedRecord,
)
from zhizhi.store.recordings.models import LiveCall, Recording, RecordingErasure
from zhizhi.store.reliefs.models import Relief, ReliefLine, ReliefPart, ReliefPool
from zhizhi.store.remittances.models import Refund, Remittance
from zhizhi.store.rotation.models import KeyRotation
from zhizhi.store.settlements.models import Settlement
from zhizhi.store.sign_in.models import (
    Invitation,
    InvitationMail,
    ProviderLink,
    ProviderSession,
    RecoveryCode,
    SecondFactor,
    SignInAct,
    SignInWait,
    StaffDevice,
    StaffSession,
    WorkAddress,
)
from zhizhi.store.strategy.models import Run, Strategy, StrategyVersion, Wish
from zhizhi.store.templates.models import Template, TemplateVersion
from zhizhi.store.unmasking.models import Unmasking, UnmaskLimit
from zhizhi.store.views.models import PersonView
from zhizhi.store.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint

__all__ = [
    "Agency",
    "ApiPace",
    "ApiToken",
    "Approval",
    "Assessment",
    "AssignmentDesk",
    "AssignmentDone",
    "AssignmentMove",
    "AuditRun",
    "BarredCollector",
    "BreachInquiry",
    "BulkStop",
    "CalledOff",
    "CallingCampaign",
    "CallingLine",
    "CallingSeat",
    "CallingStep",
    "CallingTarget",
    "Campaign",
    "CampaignReject",
    "CampaignStep",
    "CampaignTarget",
    "Canary",
    "CanaryAlarm",
    "CapActivation",
    "CapLimit",
    "CarrierFiling",
    "Case",
    "Certificate",
    "Checkpoint",
    "Code",
    "CommissionCard",
    "CommissionDispute",
    "CommissionLine",
    "CommissionStatement",
    "Contact",
    "Contradiction",
    "CoreDifference",
    "CourtBatch",
    "CourtBatchLine",
    "CourtDeadline",
    "CourtFee",
    "CourtFile",
    "CourtStep",
    "CreditMessage",
    "CreditObjection",
    "Creditor",
    "CreditorChange",
    "CreditorHolding",
    "CreditorNotice",
    "DebitAttempt",
    "DebitBatch",
    "DebitMandate",
    "Debt",
    "DebtDay",
    "DebtFact",
    "Decision",
    "Delivery",
    "Entry",
    "Export",
    "ExportRow",
    "FormerRow",
    "Heartbeat",
    "Hold",
    "HouseActivation",
    "HouseProof",
    "ImpactRun",
    "ImportedFile",
    "InboxItem",
    "Incident",
    "IncidentDeadline",
    "IncidentFact",
    "InquiryStep",
    "Instalment",
    "Invitation",
    "InvitationMail",
    "KeptAnswer",
    "KeyRotation",
    "LawFirm",
    "Leaf",
    "Lease",
    "LeaseCampaign",
    "LeaseRecord",
    "Lender",
    "LiveCall",
    "LivingReserve",
    "Note",
    "OutboundCall",
    "OutboundNumber",
    "OutboundStep",
    "PackRelease",
    "Party",
    "Payment",
    "Permit",
    "PermitSlot",
    "Person",
    "PersonRequest",
    "PersonView",
    "Placement",
    "PlacementBatch",
    "PlacementExtension",
    "PlacementLot",
    "Point",
    "PortalRequest",
    "PortalSession",
    "Promise",
    "ProviderLink",
    "ProviderSession",
    "PullCursor",
    "QualityDraw",
    "QualityReview",
    "Queue",
    "ReconciledEdge",
    "ReconciliationFinding",
    "ReconciliationRun",
    "Recording",
    "RecordingErasure",
    "RecoveryCode",
    "Refund",
    "RefusedRow",
    "RejectedRecord",
    "Relief",
    "ReliefLine",
    "ReliefPart",
    "ReliefPool",
    "Remittance",
    "ReservedNegotiation",
    "Residence",
    "Run",
    "Salt",
    "SecondFactor",
    "SendPace",
    "Settlement",
    "SignInAct",
    "SignInWait",
    "Staff",
    "StaffAbsence",
    "StaffChange",
    "StaffDevice",
    "StaffSession",
    "StaffSkill",
    "Statement",
    "Stop",
    "Strategy",
    "StrategyVersion",
    "Tally",
    "Target",
    "Template",
    "TemplateVersion",
    "TokenAccount",
    "UnmaskLimit",
    "Unmasking",
    "ViewerKey",
    "Watermark",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "Wish",
    "WordingRecall",
    "WorkAddress",
]
