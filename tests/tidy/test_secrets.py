"""No key, token or password lies in the tree. Patterns are put together here, so that this file holds none itself."""

import math
import re
from collections import Counter

import pytest

from tidy.tree import files, named, text

SHAPES = {
    "a private key": re.compile("-----BEGIN" + r" (?:[A-Z0-9]+ )*PRIVATE" + " KEY-----"),
    "an age identity": re.compile("AGE-SECRET" + r"-KEY-1[0-9A-Z]{20,}"),
    "a signing key of a log": re.compile("PRIVATE" + r"\+KEY\+[\w./-]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]{40,}"),
    "a cloud key": re.compile(r"\b(?:AKIA|ASIA|LTAI)[0-9A-Za-z]{12,}\b"),
    "a token of a forge": re.compile(r"\b(?:gh[pousr]|glpat|github_pat)[_-][0-9A-Za-z_]{20,}\b"),
    "a token of a chat": re.compile(r"\bxox[abprs]-[0-9A-Za-z-]{10,}"),
    "a token of a vault": re.compile(r"\bhvs\.[0-9A-Za-z_-]{20,}"),
    "an address with a password": re.compile(r"\b\w+://[^\s:/@\"'{}<>]+:[^\s@\"'{}<>$]{6,}@(?!localhost|127\.0\.0\.1|[\w.-]*\.invalid)[\w.-]+"),
}  # fmt: skip
NAMED = re.compile(
    r"(?i)\b\w*(?:secret|passw(?:or)?d|token|api_?key|access_?key)\w*[\"']?\s*[:=]\s*[\"']([A-Za-z0-9+/=_-]{24,})[\"']"
)
BITS_MIN = 3.7  # of a character: words and repetitions are below, random letters and digits above
# Of published test vectors and of persons who do not exist; each with what it is.
KNOWN = {"tests/unit/test_evidence_published.py": "vectors that are published"}
LARGEST = 2_000_000


def bits(word: str) -> float:
    """Shannon's entropy of its characters."""
    counts = Counter(word)
    return -sum(n / len(word) * math.log2(n / len(word)) for n in counts.values())


def found_in(name: str, content: str) -> list[str]:
    """What looks like a secret; the value is not repeated."""
    lines = [f"{name}: {what}" for what, shape in SHAPES.items() if shape.search(content)]
    lines += [
        f"{name}: a value like a secret at {match.start()}"
        for match in NAMED.finditer(content)
        if bits(match[1]) > BITS_MIN
    ]
    return lines


def test_no_key_token_or_password_is_in_the_tree() -> None:
    found = [
        line
        for path in files()
        if path.stat().st_size < LARGEST and named(path) not in KNOWN
        for line in found_in(named(path), text(path))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "secret",
    [
        "-----BEGIN" + " OPENSSH PRIVATE" + " KEY-----",
        "AGE-SECRET" + "-KEY-1" + "Q" * 30,
        "AKIA" + "IOSFODNN7EXAMPLE",
        "ghp_" + "a1B2" * 9,
        "postgresql" + "://zhizhi:hunter-2-hunter" + "@db.internal",
        'API_TOKEN = "' + "q7Zr2LwX9vB4nM8kT1sHd6Yc" + '"',
    ],
)
def test_one_would_be_found(secret: str) -> None:
    assert found_in("x", secret)


def test_a_word_is_no_secret() -> None:
    assert not found_in("x", 'PASSWORD = "a-long-test-password-of-words"')
