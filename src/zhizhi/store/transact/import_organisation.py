"""Lenders, agencies and staff of a book."""

from typing import Any

from zhizhi.store.imports.reads import load_codes
from zhizhi.store.lenders.models import Agency, Lender, Staff
from zhizhi.store.sign_in.members import NO_PASSWORD
from zhizhi.store.transact.import_rows import Placed, RowsContext, Written

# Somebody of an agency sees what is placed with the agency, whatever the file calls the desk.
# Once two persons have said what somebody may see, a file changes it no more (0046).
BY_TWO_PERSONS = ("role", "team", "lender_id", "agency_id")
AGENCY_ROLES = {"collector": "agency_collector", "team_leader": "agency_manager", "supervisor": "agency_manager"}


def write_lenders(context: RowsContext, rows: Placed) -> Written:
    """Lenders by code."""
    written = Written()
    for position, values in rows:
        wanted = {
            "name": values["name"],
            "profile": values["profile"],
            "signature": values["signature"] or "",
            "recorder": values["recorder"] or "unavailable",
        }
        _write(Lender, values["code"], "code", wanted, position, written, is_synthetic=context.is_synthetic)
    return written


def write_agencies(context: RowsContext, rows: Placed) -> Written:
    """Agencies by code."""
    written = Written()
    for position, values in rows:
        wanted = {
            "name": values["name"],
            "is_listed": bool(values["listed"]),
            "evaluated_on": values["evaluated_on"],
            "inspected_on": values["inspected_on"],
            "contract_ends_on": values["contract_ends_on"],
        }
        _write(Agency, values["code"], "code", wanted, position, written)
    return written


def write_staff(context: RowsContext, rows: Placed) -> Written:
    """Staff by code; a new one cannot sign in until two persons admitted them (usecases/staff)."""
    written = Written()
    lenders, agencies = load_codes()
    logins = [values["code"] for _, values in rows]
    admitted = {one.login: one for one in Staff.objects.using("gate").filter(login__in=logins, is_admitted=True)}
    # those of a demonstration are let in by their book, as long as no lender is real
    lets_in = context.is_synthetic and not Lender.objects.using("gate").filter(is_synthetic=False).exists()
    for position, values in rows:
        if values["lender"] is not None and values["lender"] not in lenders:
            written.refused.append((position, "lender", "unknown_lender"))
            continue
        if values["agency"] is not None and values["agency"] not in agencies:
            written.refused.append((position, "agency", "unknown_agency"))
            continue
        role = values["role"]
        wanted = {
            "name": values["name"],
            "role": AGENCY_ROLES.get(role, role) if values["agency"] is not None else role,
            "team": values["team"] or "",
            "lender_id": lenders.get(values["lender"] or ""),
            "agency_id": agencies.get(values["agency"] or ""),
            "capacity": values["capacity"] or 0,
            "trained_on": values["trained_on"],
            "certified_until": values["certified_until"],
            "uses_private_device": bool(values["private_device"]),
        }
        known = admitted.get(values["code"])
        if known is not None and any(getattr(known, name) != wanted[name] for name in BY_TWO_PERSONS):
            written.refused.append((position, "role", "moved_by_two_persons"))
            continue
        _write(
            Staff,
            values["code"],
            "login",
            wanted,
            position,
            written,
            password=NO_PASSWORD,
            is_admitted=lets_in,
            is_synthetic=context.is_synthetic,
        )
    return written


def _write(
    model: Any, code: str, key: str, wanted: dict[str, Any], position: int, written: Written, **at_first: Any
) -> None:
    rows = model.objects.using("gate")
    known = rows.filter(**{key: code}).first()
    if known is None:
        rows.create(**{key: code}, **wanted, **at_first)
        written.new += 1
    elif all(getattr(known, name) == value for name, value in wanted.items()):
        written.unchanged += 1
    else:
        rows.filter(pk=known.pk).update(**wanted)
        written.changed += 1
