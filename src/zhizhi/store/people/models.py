"""A person, the parties around the person, the points at which they can be reached, and what they have said."""

from django.db import models

from zhizhi.core.conduct.words import DEBTOR_STATES, POINT_KINDS, ROLES
from zhizhi.store.columns import PersonRow, one_of
from zhizhi.store.personal import Pfi, Shown, counted, declare, keyed, listed, of_person


class Person(models.Model):
    """A borrower of one lender: the same identity number within a lender, else lender and customer number.

    The row is the serialisation point of every contact: `version` grows with each committed decision (compare and set).

    PII: `sealed` (name, identity number, customer number) under the person's own key; `masked` (masked name and
    number) under the
    lender's list key; the `*_key` columns are keyed hashes for exact search. Retention: identity 10 years after the
    relationship ended (AML 34); erased by deleting `data_key`.
    """

    id = models.BigIntegerField(primary_key=True)
    lender_id = models.BigIntegerField()
    subject = models.UUIDField(help_text="random id that stands for the person in the evidence log")
    identity_key = models.UUIDField(help_text="keyed hash of the identity number, else of the customer number")
    customer_key = models.BigIntegerField()
    name_key = models.BigIntegerField()
    id_number_key = models.BigIntegerField(null=True)
    last_four_key = models.BigIntegerField(null=True)
    data_key = models.BinaryField(null=True, help_text="the person's data key, wrapped by the key service")
    sealed = models.BinaryField()
    masked = models.BinaryField()
    state = models.TextField(default="normal")
    time_zones = models.JSONField(default=list, help_text="IANA zones where the person may be")
    version = models.BigIntegerField(default=0)
    import_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()

    personal = declare(
        "id lender_id subject data_key version import_id created_at",
        identity_key=keyed("证件号（无则客户号）", "identity number, else customer number"),
        customer_key=keyed("客户号", "customer number"),
        name_key=keyed("姓名", "name"),
        id_number_key=keyed("证件号", "identity number"),
        last_four_key=keyed("证件号后四位", "last four characters of the identity number"),
        sealed=of_person("姓名、证件号、客户号", "name, identity number, customer number", "person/{id}"),
        masked=listed("id"),
        state=counted("生存、破产等状态", "state: alive, dead, insolvent", Pfi.C2),
        time_zones=counted("可能所在时区", "time zones where the person may be"),
    )

    class Meta:
        db_table = "person"
        constraints = [
            one_of("person", "state", DEBTOR_STATES),
            models.UniqueConstraint(fields=["lender_id", "identity_key"], name="person_once_a_lender"),
        ]
        indexes = [
            models.Index(fields=["customer_key"], name="person_customer_key"),
            models.Index(fields=["name_key"], name="person_name_key"),
            models.Index(fields=["id_number_key"], name="person_id_number_key"),
            models.Index(fields=["last_four_key"], name="person_last_four_key"),
        ]


class Party(PersonRow):
    """Somebody who plays a part for a person: the debtor, a guarantor, a named contact person.

    PII: `sealed` (name, relation) under the person's key. Retention: contact persons until settled or refused, then
    erased (PIPL 47);
    debtors as the person.
    """

    role = models.TextField()
    sealed = models.BinaryField()
    is_named_by_debtor = models.BooleanField(null=True, help_text="named as a contact before default")
    has_liability_evidence = models.BooleanField(null=True)
    import_id = models.BigIntegerField(null=True)

    personal = declare(
        "import_id",
        sealed=of_person("姓名、关系", "name, relation", "party/{id}"),
        role=counted("在债务中的角色", "role in the debt"),
        is_named_by_debtor=counted("是否由债务人提供", "whether the debtor named them"),
        has_liability_evidence=counted("有无担责证据", "whether liability is proven"),
    )

    class Meta:
        db_table = "party"
        constraints = [one_of("party", "role", ROLES)]


class Point(PersonRow):
    """Where a party can be reached: a number, an address, an account.

    PII: `sealed` (the number or address) under the person's key; `value_key` and `last_four_key` are keyed hashes.
    Retention: until settled, refused or no longer needed (PIPL 47).
    """

    party_id = models.BigIntegerField()
    kind = models.TextField()
    sealed = models.BinaryField()
    value_key = models.BigIntegerField()
    last_four_key = models.BigIntegerField(null=True)
    is_reserved = models.BooleanField(null=True, help_text="the number left with the lender")
    source = models.TextField(null=True)
    place = models.TextField(null=True)
    owner = models.TextField(null=True)
    invalid_since = models.DateTimeField(null=True)
    is_misdirected = models.BooleanField(null=True)
    import_id = models.BigIntegerField(null=True)

    personal = declare(
        "party_id kind is_reserved source invalid_since is_misdirected import_id",
        sealed=of_person(
            "电话号码、邮箱、地址", "telephone number, e-mail address, address", "point/{id}", Shown.CARRIED
        ),
        value_key=keyed("号码或地址", "the number or address"),
        last_four_key=keyed("号码后四位", "last four digits"),
        place=counted("所在行政区（仅省市）", "province and city of the point"),
        owner=counted("号码归属角色", "whose point it is, as a role"),
    )

    class Meta:
        db_table = "point"
        constraints = [
            one_of("point", "kind", POINT_KINDS),
            models.CheckConstraint(
                condition=~models.Q(source__in=["address_book", "purchased"]), name="point_of_no_address_book"
            ),
        ]
        indexes = [
            models.Index(fields=["value_key"], name="point_value_key"),
            models.Index(
                fields=["last_four_key"],
                name="point_last_four_key",
                condition=models.Q(last_four_key__isnull=False),  # an address has none
            ),
        ]


class Statement(PersonRow):
    """客户意愿: what somebody said — consent, refusal, agreed hours — in the words of the conduct contract.

    PII: none by itself; `body` holds ids, times and closed values of contract/conduct-case.md only.
    Retention: five years after the latest of contact, case closed, debt settled (CBRC 2011-2 68).
    """

    party_id = models.BigIntegerField(null=True, help_text="null: said by the collector itself")
    at = models.DateTimeField()
    kind = models.TextField()
    body = models.JSONField(help_text="extra keys of the statement kind, as in the contract")
    source = models.TextField(default="", help_text="where it was heard: call, sms, import, portal")
    recorded_at = models.DateTimeField()
    import_id = models.BigIntegerField(null=True)

    personal = declare(
        "party_id at source recorded_at import_id",
        kind=counted("表示的种类", "kind of statement", Pfi.C2),
        body=counted("表示的内容（封闭词表）", "what was said, in closed values", Pfi.C2),
    )

    class Meta:
        db_table = "statement"
