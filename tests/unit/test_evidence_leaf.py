"""A leaf has one way to be written, holds no words about a person, and binds what it does not tell."""

import hashlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhizhi.core.evidence.leaf import (
    COMMITS_MAX,
    LEAF_BYTES_MAX,
    SALT_BYTES,
    Commitment,
    Json,
    Leaf,
    LeafKind,
    LeafRefused,
    commit,
)

SUBJECT = "0d3f6c0e-8a1b-4c57-9e2a-5b1f4d7c9a10"
AT = datetime(2026, 3, 2, 9, 30, tzinfo=timezone(timedelta(hours=8)))
SALT = bytes(range(SALT_BYTES))


def leaf(**changes: object) -> Leaf:
    """A leaf of a permit, with changes."""
    facts: dict[str, object] = {
        "kind": LeafKind.PERMIT,
        "at": AT,
        "subject": SUBJECT,
        "commits": (commit("decision", {"verdict": "permit"}, SALT), commit("channel", "sms", SALT)),
    }
    return Leaf(**(facts | changes))  # type: ignore[arg-type]  # the table above holds the types


def test_a_leaf_is_canonical_json_of_the_contract() -> None:
    digest = hashlib.sha256(SALT + b'"sms"').hexdigest()
    written = leaf(commits=(commit("channel", "sms", SALT),), pack="cn/cba2026@1", tz="Asia/Shanghai").to_bytes()
    assert (
        written
        == (
            f'{{"at":"2026-03-02T01:30:00.000000Z","commits":[{{"digest":"{digest}","field":"channel"}}],"kind":"permit",'
            f'"pack":"cn/cba2026@1","subject":"{SUBJECT}","tz":"Asia/Shanghai","v":1}}'
        ).encode()
    )


def test_the_same_facts_give_the_same_bytes_in_whatever_order_and_zone_they_come() -> None:
    one = leaf()
    assert leaf(commits=one.commits[::-1], at=AT.astimezone(UTC)).to_bytes() == one.to_bytes()
    assert Leaf.from_bytes(one.to_bytes()) == one


def test_a_commitment_opens_only_for_its_value_and_salt() -> None:
    commitment = commit("amount_minor", 123, SALT)
    assert commitment.opens(123, SALT)
    assert not commitment.opens(124, SALT)
    assert not commitment.opens("123", SALT)
    assert not commitment.opens(123, bytes(SALT_BYTES))


def test_bytes_cannot_move_from_the_value_into_the_salt() -> None:
    commitment = commit("amount_minor", 123, SALT)
    with pytest.raises(LeafRefused, match=r"leaf\.salt"):
        commitment.opens(23, SALT + b"1")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"at": AT.replace(tzinfo=None)}, "at"),
        ({"subject": "750101199001011234"}, "subject"),
        ({"subject": "张三张三张三张三张三张三张三张三"}, "subject"),
        ({"pack": "a pack"}, "pack"),
        ({"code": ""}, "code"),
        ({"tz": "x" * 201}, "tz"),
        ({"commits": (commit("a", 1, SALT), commit("a", 2, SALT))}, "commits"),
        ({"commits": tuple(commit(f"f{i}", i, SALT) for i in range(COMMITS_MAX + 1))}, "commits"),
    ],
)
def test_facts_that_make_no_leaf_are_refused(changes: dict[str, object], code: str) -> None:
    with pytest.raises(LeafRefused, match=rf"^leaf\.{code}"):
        leaf(**changes)


@pytest.mark.parametrize(("field", "digest"), [("Field", "0" * 64), ("", "0" * 64), ("a", "A" * 64), ("a", "0" * 63)])
def test_a_malformed_commitment_is_refused(field: str, digest: str) -> None:
    with pytest.raises(LeafRefused):
        Commitment(field, digest)


@pytest.mark.parametrize("value", [2**60, float("nan"), "\ud800"])
def test_a_value_without_a_canonical_form_is_refused(value: Json) -> None:
    with pytest.raises(LeafRefused, match=r"leaf\.value"):
        commit("a", value, SALT)


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: entry.replace(b'"v":1', b'"v":2'),
        lambda entry: entry.replace(b'"v":1', b'"v":1,"x":1'),
        lambda entry: entry.replace(b":", b": ", 1),
        lambda entry: entry.replace(b'"permit"', b'"guess"'),
        lambda entry: entry.replace(b".000000Z", b"Z"),
        lambda entry: entry.replace(b'"commits"', b'"committed"'),
        lambda entry: entry.replace(SUBJECT.encode(), b"short"),
        lambda entry: entry[:-1],
        lambda entry: b"[]",
        lambda entry: b"\xff",
        lambda entry: b"[" * 100_000,
    ],
)
def test_bytes_that_no_leaf_would_write_are_refused(change: object) -> None:
    assert callable(change)
    with pytest.raises(LeafRefused):
        Leaf.from_bytes(change(leaf().to_bytes()))


def test_the_greatest_leaf_fits_into_an_entry_bundle() -> None:
    commits = tuple(commit(f"{'f' * 61}{i:03d}", i, SALT) for i in range(COMMITS_MAX))
    greatest = leaf(subject="s" * 64, commits=commits, pack="p" * 200, code="c" * 200, tz="t" * 200)
    assert len(greatest.to_bytes()) <= LEAF_BYTES_MAX


def test_every_kind_of_the_published_list_has_its_words() -> None:
    assert all(kind.label.zh and kind.label.en for kind in LeafKind)
    assert len({kind.label.zh for kind in LeafKind}) == len(LeafKind)


@given(
    kind=st.sampled_from(LeafKind),
    at=st.datetimes(timezones=st.just(UTC)),
    fields=st.sets(st.from_regex(r"[a-z][a-z0-9_.]{0,20}", fullmatch=True), max_size=8),
    value=st.recursive(st.none() | st.booleans() | st.text() | st.integers(-(2**53) + 1, 2**53 - 1), st.lists),
)
def test_what_is_written_is_read_back(kind: LeafKind, at: datetime, fields: set[str], value: Json) -> None:
    written = Leaf(kind, at, SUBJECT, tuple(commit(field, value, SALT) for field in fields))
    read = Leaf.from_bytes(written.to_bytes())
    assert read == written
    assert all(commitment.opens(value, SALT) for commitment in read.commits)
