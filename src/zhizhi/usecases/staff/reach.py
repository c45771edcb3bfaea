"""For whom somebody has a say about staff: the own lender's, the own agency's, or everybody's."""

import re

from zhizhi.store.lenders.acting import Acting
from zhizhi.store.lenders.changes import Place
from zhizhi.store.lenders.scopes import Scope
from zhizhi.store.lenders.staff_reads import Member, has_places, load_member
from zhizhi.store.words import STAFF_ROLES
from zhizhi.usecases.staff.refusals import StaffRefused

GROUND_MIN, GROUND_MAX = 4, 400
NAME_MAX, TEAM_MAX = 60, 60
LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{1,49}")
AGENCY_ONLY = ("agency_manager", "agency_collector")
OF_AGENCIES = (*AGENCY_ONLY, "field_officer")
"""Roles that work under an agency; whatever else an agency's people are called, they see nothing (0041)."""


def target(by: Acting, staff_id: int) -> Member:
    """Somebody for whom this one has a say. Refuses: nobody, oneself; who is not theirs is told as nobody."""
    member = load_member(staff_id)
    if member is None or not reaches(by, member.place):
        raise StaffRefused("nobody")
    if member.id == by.staff_id:
        raise StaffRefused("oneself")
    return member


def reaches(by: Acting, place: Place) -> bool:
    """Whether what happens at this place is for them to say."""
    if by.agency_id is not None:
        return by.scope is Scope.AGENCY and place.agency_id == by.agency_id
    return by.lender_id in (None, place.lender_id)


def sound_place(by: Acting, place: Place) -> Place:
    """A place that there is and that is theirs to give. Refuses: StaffRefused with its field."""
    if place.role not in STAFF_ROLES:
        raise StaffRefused("unknown_role", "role")
    if place.role in AGENCY_ONLY and place.agency_id is None:
        raise StaffRefused("needs_agency", "agency")
    if place.agency_id is not None and place.role not in OF_AGENCIES:
        raise StaffRefused("not_of_agency", "role")
    if not has_places(place.lender_id, place.agency_id) or not reaches(by, place):
        raise StaffRefused("unknown_place", "agency" if by.agency_id is not None else "lender")
    return Place(place.role, place.lender_id, place.agency_id, place.team.strip()[:TEAM_MAX])


def sound_ground(ground: str) -> str:
    """Refuses: none."""
    said = ground.strip()[:GROUND_MAX]
    if len(said) < GROUND_MIN:
        raise StaffRefused("no_ground", "ground")
    return said


def sound_name(login: str, name: str) -> tuple[str, str]:
    """Refuses: a login of other characters, no name."""
    written, called = login.strip(), " ".join(name.split())[:NAME_MAX]
    if not LOGIN.fullmatch(written):
        raise StaffRefused("bad_login", "login")
    if not called or not called.isprintable():
        raise StaffRefused("no_name", "name")
    return written, called
