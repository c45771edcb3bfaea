"""How personal data of a person stands in rows: what is sealed, under which key, bound to which place, found by
which keyed hash.

Everything that writes or opens a name or a number goes through here, so that there is one form of each.
"""

import unicodedata
from dataclasses import asdict, dataclass, field
from typing import Any

from zhizhi.core.kernel.masks import MaskKind, View, listed_name, listed_number, mask
from zhizhi.store.keyring import Seal, SearchKeys

KIND_OF_POINT = {
    "mobile": MaskKind.MOBILE,
    "landline": MaskKind.LANDLINE,
    "email": MaskKind.EMAIL,
    "postal": MaskKind.ADDRESS,
    "place": MaskKind.ADDRESS,
}


@dataclass(frozen=True, slots=True)
class PersonSecrets:
    """Opened personal data of a person; in memory only."""

    name: str = field(repr=False)
    id_number: str | None = field(default=None, repr=False)
    customer_number: str | None = field(default=None, repr=False)

    def seal(self, seal: Seal, person_id: int) -> bytes:
        """The column `person.sealed`."""
        return seal.close_json(asdict(self), f"person/{person_id}")

    @classmethod
    def open(cls, seal: Seal, sealed: bytes | memoryview, person_id: int) -> "PersonSecrets":
        """Read `person.sealed`."""
        return cls(**seal.open_json(sealed, f"person/{person_id}"))


@dataclass(frozen=True, slots=True)
class PartySecrets:
    """Opened personal data of a party."""

    name: str = field(repr=False)
    relation: str = ""

    def seal(self, seal: Seal, party_id: int) -> bytes:
        """The column `party.sealed`."""
        return seal.close_json(asdict(self), f"party/{party_id}")

    @classmethod
    def open(cls, seal: Seal, sealed: bytes | memoryview, party_id: int) -> "PartySecrets":
        """Read `party.sealed`."""
        return cls(**seal.open_json(sealed, f"party/{party_id}"))


@dataclass(frozen=True, slots=True)
class Masked:
    """What a list shows of a person: `王**`, `138****5678`; sealed with the lender's list key.

    It is what every desk of the back office sees of them. What an older, laxer mask wrote is narrowed as it is opened.
    """

    name: str
    number: str

    def seal(self, list_seal: Seal, person_id: int) -> bytes:
        """The columns `person.masked` and `collection_case.masked`."""
        return list_seal.close_json([self.name, self.number], f"masked/{person_id}")

    @classmethod
    def open(cls, list_seal: Seal, sealed: bytes | memoryview, person_id: int) -> "Masked":
        """Read a masked column."""
        name, number = list_seal.open_json(sealed, f"masked/{person_id}")
        return cls(listed_name(name), listed_number(number))


def seal_point(seal: Seal, value: str, point_id: int) -> bytes:
    """The column `point.sealed`: a number or an address."""
    return seal.close(value.encode(), f"point/{point_id}")


def open_point(seal: Seal, sealed: bytes | memoryview, point_id: int) -> str:
    """Read `point.sealed`."""
    return seal.open(sealed, f"point/{point_id}").decode()


def seal_account_number(seal: Seal, value: str, debt_id: int) -> bytes:
    """The column `debt.sealed`."""
    return seal.close(value.encode(), f"debt/{debt_id}")


def open_account_number(seal: Seal, sealed: bytes | memoryview, debt_id: int) -> str:
    """Read `debt.sealed`."""
    return seal.open(sealed, f"debt/{debt_id}").decode()


def seal_note(seal: Seal, text: str, note_id: int) -> bytes:
    """The column `note.sealed`."""
    return seal.close(text.encode(), f"note/{note_id}")


def open_note(seal: Seal, sealed: bytes | memoryview, note_id: int) -> str:
    """Read `note.sealed`."""
    return seal.open(sealed, f"note/{note_id}").decode()


def seal_content(seal: Seal, document: dict[str, Any], delivery_id: int) -> bytes:
    """The column `delivery.sealed`: rendered content."""
    return seal.close_json(document, f"delivery/{delivery_id}")


def open_content(seal: Seal, sealed: bytes | memoryview, delivery_id: int) -> dict[str, Any]:
    """Read `delivery.sealed`."""
    document: dict[str, Any] = seal.open_json(sealed, f"delivery/{delivery_id}")
    return document


def normal_form(value: str) -> str:
    """The form in which a value is hashed for search: full-width digits, spaces and case do not matter."""
    return "".join(unicodedata.normalize("NFKC", value).split()).upper()


def name_key(keys: SearchKeys, name: str) -> int:
    """`person.name_key`."""
    return keys.number("name", normal_form(name))


def id_number_key(keys: SearchKeys, id_number: str) -> int:
    """`person.id_number_key`."""
    return keys.number("id_number", normal_form(id_number))


def customer_key(keys: SearchKeys, customer_number: str) -> int:
    """`person.customer_key`."""
    return keys.number("customer", normal_form(customer_number))


def point_key(keys: SearchKeys, value: str) -> int:
    """`point.value_key`: a telephone number, an e-mail address, …"""
    return keys.number("point", normal_form(value))


def last_four_key(keys: SearchKeys, value: str) -> int:
    """`person.last_four_key` (of the identity number) and `point.last_four_key` (of a telephone number)."""
    return keys.number("last_four", normal_form(value)[-4:])


def mask_name(name: str) -> str:
    """王**: what lists keep of a name."""
    return mask(MaskKind.NAME, name, View.COLLECTOR)


def mask_number(number: str) -> str:
    """138****5678: what lists keep of a telephone number; nothing of none."""
    return mask(MaskKind.MOBILE, number, View.COLLECTOR) if number else ""


def mask_point(kind: str, value: str, view: View) -> str:
    """What a view sees of a number or an address."""
    return mask(KIND_OF_POINT.get(kind, MaskKind.HANDLE), value, view)


def mask_account(value: str, view: View) -> str:
    """What a view sees of an account number."""
    return mask(MaskKind.ACCOUNT, value, view)
