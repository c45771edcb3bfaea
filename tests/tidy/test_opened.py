"""Sealed names, numbers and addresses are opened in the places that are named here, and everything shown passes a mask.

A new place is a decision: docs/decisions/0047-masks-and-unmasking.md.
"""

import ast

from tidy.tree import dotted, named, parsed, python_files

OPENS = frozenset(("PersonSecrets.open", "PartySecrets.open", "open_point", "open_account_number", "open_content"))
SENDS, MASKS, COMPARES = "hands it to a channel under a permit", "masks it at once", "compares or seals it again"
PLACES = {
    "store/certificates/keeping.py": "the name in a certificate: sealed again, and taken as an export",
    "store/contacts/calls.py": "the words of a call, as approved; for whoever makes it",
    "store/contacts/unsettled.py": MASKS,
    "store/debits/results.py": COMPARES,
    "store/debts/reads.py": MASKS,
    "store/filings/standing.py": "reads the carrier from its prefix, and nothing else of it",
    "store/imports/account_rows.py": COMPARES,
    "store/imports/resolve.py": COMPARES,
    "store/leases/candidates.py": SENDS,
    "store/leases/holding.py": SENDS,
    "store/people/opened.py": "the name in the words of a message that was permitted",
    "store/people/reads.py": MASKS,
    "store/reconciliation/permits.py": COMPARES,
    "store/unmasking/targets.py": "an unmasking: opened when it is written, handed out when it is committed",
    "store/transact/claims.py": SENDS,
    "store/transact/import_people.py": COMPARES,
}
HOME = "store/people/rows.py"


def test_only_the_named_places_open_names_numbers_and_addresses() -> None:
    found = set()
    for path in python_files("src/"):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call) and dotted(node.func) in OPENS:
                found.add(named(path).removeprefix("src/zhizhi/"))
    assert found - {HOME} == set(PLACES)


def test_the_associated_data_of_a_name_or_a_number_is_written_in_one_place() -> None:
    """Whoever opened one by hand would have to name its place."""
    found = {
        named(path)
        for path in python_files("src/zhizhi/web/", "src/zhizhi/usecases/", "src/zhizhi/jobs/", "src/zhizhi/ops/")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.startswith(("person/", "party/", "point/", "debt/"))
    }
    assert found == set()


def test_a_mask_is_made_by_the_one_table() -> None:
    """Stars between two pieces of a value are a mask of somebody's own."""
    own = []
    for path in python_files("src/zhizhi/store/", "src/zhizhi/usecases/", "src/zhizhi/web/", "src/zhizhi/jobs/"):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.JoinedStr):
                stars = [one for one in node.values if isinstance(one, ast.Constant) and "**" in str(one.value)]
                pieces = [one for one in node.values if isinstance(one, ast.FormattedValue)]
                own += [f"{named(path)}:{node.lineno}"] if stars and pieces else []
    assert own == []
