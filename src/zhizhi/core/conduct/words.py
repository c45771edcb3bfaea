"""The closed lists of the conduct contract: one place for every word that a case, a row or a screen may use."""

PROFILES = (
    "cn.consumer_finance.online",
    "cn.consumer_finance.online.cba",
    "cn.bank.card",
    "cn.bank.online",
    "cn.microloan",
    "us.regf",
)
DEBTOR_STATES = (
    "normal",
    "deceased",
    "no_capacity",
    "limited_capacity",
    "minor",
    "hospitalised",
    "bereaved",
    "disaster",
    "self_harm_risk",
    "bankruptcy_stay",
)
DEBT_STATES = (
    "not_due",
    "overdue",
    "plan_performing",
    "plan_broken",
    "disputed",
    "settled",
    "transferred_without_notice",
)
ROLES = (
    "debtor",
    "co_borrower",
    "guarantor",
    "spouse",
    "contact",
    "relative",
    "colleague",
    "employer",
    "guardian",
    "heir",
    "attorney",
    "creditor",
    "creditor_attorney",
    "collector_attorney",
    "credit_bureau",
    "other",
)
OWING_ROLES = ("debtor", "co_borrower", "guarantor")
POINT_KINDS = ("mobile", "landline", "email", "im", "postal", "place", "sign_in")
POINT_SOURCES = ("contract", "given", "published_by_debtor", "authorised", "public_record", "address_book", "purchased")
PLACES = ("home", "work", "private", "public")
CHANNELS = ("voice", "ringless_voicemail", "sms", "im", "email", "app", "letter", "visit", "web", "public_post")
LINE_RESULTS = ("answered", "no_answer", "rejected", "busy", "off", "suspended", "empty_number", "intercepted")
CALL_OUTCOMES = (
    "no_answer",
    "busy",
    "not_in_service",
    "rejected",
    "voicemail_limited",
    "voicemail_debt",
    "voicemail_full",
    "answered_dropped",
    "connected",
    "conversation",
)
OUTCOMES = (
    *CALL_OUTCOMES,
    "delivered",
    "sent",
    "undelivered",
    "received",
    "session_open",
    "session_closed",
    "met",
    "nobody_met",
)
PURPOSES = (
    "collect",
    "remind",
    "locate",
    "relay",
    "serve",
    "answer_request",
    "required_by_law",
    "active_litigation",
    "complete_dropped_conversation",
    "prevent_outside_harm",
    "discount_offer",
    "termination_notice",
    "specified_remedy_notice",
    "opt_out_confirmation",
    "complaint_reply",
)
MARKS = (
    "claims_to_be_authority",
    "claims_to_be_lender",
    "false_consequence",
    "threat",
    "insult",
    "urges_new_borrowing",
    "extra_fee",
    "public_notice",
    "missing_objection_channel",
    "discounts_within_own_power",
)
WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
RECORDINGS = ("on", "off", "unavailable")
STATEMENT_KINDS = (
    "agree_hours",
    "agree_frequency",
    "inconvenient_time",
    "inconvenient_place",
    "refuse_contact",
    "refuse_medium",
    "refuse_point",
    "cease",
    "consent_calls",
    "consent_time",
    "consent_visit",
    "consent_entry",
    "request_callback",
    "offer_to_pay",
    "represented_by_attorney",
    "employer_prohibits",
    "verification_sent",
    "complain",
    "claims_paid",
    "denies_debt",
    "object_use",
    "dispute",
    "withdraw",
)
