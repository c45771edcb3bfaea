"""The floor of the demonstration: lenders, agencies, staff, and who works which account."""

from dataclasses import dataclass
from datetime import date, timedelta

from zhizhi.gateways.generator.identity import compose_name
from zhizhi.gateways.generator.parameters import Parameters
from zhizhi.gateways.generator.seasons import iso
from zhizhi.gateways.generator.servicing import Account
from zhizhi.gateways.generator.streams import word_source

Row = dict[str, str | int]

RINGS_ONCE = "T2-C3"  # rings once and hangs up, so that a day looks like lost contact
PRIVATE_ACCOUNT = "T1-C2"  # takes payments to an account of his own
BESIDE_SYSTEM = "AG2"  # calls beside the system, at hours and in numbers that the system would refuse
FIRST_HAND_DAYS, SECOND_HAND_DAYS = 30, 90


@dataclass(frozen=True, slots=True)
class Placement:
    """The placement of an account with an agency on a day."""

    agency: str
    hand: str
    placed: int
    until: int


class Organisation:
    """Staff codes and the allocation of accounts; an account keeps its collector while it stays with a team."""

    def __init__(self, parameters: Parameters, seed: int, on: date) -> None:
        """The organisation as of a day."""
        self.parameters = parameters
        self._seed, self._on = seed, on
        numbers = parameters.numbers
        teams = range(1, numbers["staff.teams"] + 1)
        self.teams = [[f"T{team}-C{n}" for n in range(1, numbers["staff.collectors_per_team"] + 1)] for team in teams]
        self.agency_staff = {
            agency.code: [f"{agency.code}-C{n}" for n in range(1, numbers["staff.collectors_per_agency"] + 1)]
            for agency in parameters.agencies
        }

    def placement(self, account: Account, days_past_due: int) -> Placement | None:
        """Where an account of this age is placed: from 61 days (first hand), or from 91 (second hand), or nowhere."""
        chances, word = self.parameters.chances, account.spare[4]
        if days_past_due < 61 or word >= chances["cadence.placed_at_91"]:
            return None
        agencies = self.parameters.agencies
        first = account.spare[5] * len(agencies) >> 32
        if days_past_due < 91:
            if word >= chances["cadence.placed_at_61"]:
                return None
            placed = account.entry + 61
            return Placement(agencies[first].code, "first", placed, placed + FIRST_HAND_DAYS)
        rounds = (days_past_due - 91) // SECOND_HAND_DAYS
        placed = account.entry + 91 + rounds * SECOND_HAND_DAYS
        agency = agencies[(first + 1 + rounds) % len(agencies)]
        return Placement(agency.code, "second", placed, placed + SECOND_HAND_DAYS)

    def collector(self, account: Account, days_past_due: int, placement: Placement | None) -> str:
        """Who works an account of this age; nobody before it is entered."""
        if placement:
            staff = self.agency_staff[placement.agency]
        elif days_past_due < 4:
            return ""
        else:
            staff = self.teams[0 if days_past_due <= 30 else len(self.teams) - 1]
        return staff[account.person % len(staff)]

    def lender_rows(self) -> list[Row]:
        """The lenders file."""
        return [
            {
                "lender_code": lender.code,
                "name_zh": lender.name_zh,
                "name_en": lender.name_en,
                "kind": lender.kind,
                "profile": lender.profile,
                "signature": lender.name_zh.partition("（")[0],
                "recorder": "on",  # the demonstration has a recording telephone system
            }
            for lender in self.parameters.lenders
        ]

    def agency_rows(self) -> list[Row]:
        """The agencies file."""
        return [
            {
                "agency_code": agency.code,
                "name_zh": agency.name_zh,
                "name_en": agency.name_en,
                "listed": "true" if agency.listed else "false",
                "evaluated_on": self._days(-agency.evaluated_days_ago),
                "inspected_on": self._days(-agency.inspected_days_ago),
                "contract_starts_on": self._days(agency.contract_ends_in_days - 365),
                "contract_ends_on": self._days(agency.contract_ends_in_days),
            }
            for agency in self.parameters.agencies
        ]

    def staff_rows(self) -> list[Row]:
        """The staff file: collectors of teams and agencies, leaders, visitors, supervisor, compliance, admin."""
        capacity = self.parameters.numbers
        rows: list[Row] = []
        for number, team in enumerate(self.teams, 1):
            stage = "early" if number == 1 else "middle"
            rows += [
                self._staff(code, "collector", f"T{number}", "", capacity[f"staff.capacity.{stage}"]) for code in team
            ]
            rows.append(self._staff(f"T{number}-L", "team_leader", f"T{number}", "", 0))
        for agency, staff in self.agency_staff.items():
            rows += [
                self._staff(code, "collector", agency, agency, capacity["staff.capacity.agency"]) for code in staff
            ]
            rows.append(self._staff(f"{agency}-L", "team_leader", agency, agency, 0))
        rows += [self._staff(f"V{n}", "visitor", "V", "", 40) for n in (1, 2)]
        rows += [self._staff(code, role, "", "", 0) for code, role in _OFFICE]
        return rows

    def _staff(self, code: str, role: str, team: str, agency: str, capacity: int) -> Row:
        drawn = word_source(self._seed, "staff")(int.from_bytes(code.encode("ascii"), "little"))
        trained = -20 - (drawn[8] * 320 >> 32)
        return {
            "staff_code": code,
            "name": compose_name(self.parameters.names, (0xFFFFFFFF, *drawn[1:5], 0xFFFFFFFF, drawn[6])),
            "role": role,
            "team": team,
            "agency_code": agency,
            "capacity": capacity,
            "trained_on": self._days(trained),
            "certified_until": self._days(trained + 365),
            "confidentiality_signed_on": self._days(trained - 30),
            "private_device": "false",
        }

    def _days(self, days: int) -> str:
        return iso((self._on + timedelta(days=days)).toordinal())


_OFFICE = (("SUP", "supervisor"), ("COM", "compliance"), ("ADM", "admin"))
