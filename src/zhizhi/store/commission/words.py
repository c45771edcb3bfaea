"""Closed lists of statements and of what is disputed in them."""

from zhizhi.core.kernel.text import Text

OPEN, SIGNED, SUPERSEDED = "open", "signed", "superseded"
STATES = {
    OPEN: Text("待双方签署", "to be signed by both"),
    SIGNED: Text("双方已签署", "signed by both"),
    SUPERSEDED: Text("已重出", "made anew"),
}
KEPT, CORRECTED = "kept", "corrected"
ANSWERS = {
    KEPT: Text("维持", "it stands"),
    CORRECTED: Text("更正后重出对账单", "facts are mended, the statement is made anew"),
}
LENDER, AGENCY = "lender", "agency"
SIDES = {LENDER: Text("金融机构", "lender"), AGENCY: Text("委外机构", "agency")}
STATEMENTS_MAX = 60
LINES_SHOWN_MAX = 500
