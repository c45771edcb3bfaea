"""Every table says what personal data it holds and for how long."""

import ast
import re
from pathlib import Path

from tidy.tree import dotted, named, parsed, python_files

LABELS = ("PII:", "Retention:")


def models(path: Path) -> list[ast.ClassDef]:
    """Classes that become tables: from `Model`, from a base of Django's accounts, or from another model of the file."""
    found: dict[str, ast.ClassDef] = {}
    for node in parsed(path).body:
        if isinstance(node, ast.ClassDef):
            bases = {dotted(base).rpartition(".")[2] for base in node.bases}
            if any(base.endswith(("Model", "BaseUser", "AbstractUser")) or base in found for base in bases):
                found[node.name] = node
    return list(found.values())


def test_every_model_declares_personal_data_and_retention() -> None:
    count = 0
    found = []
    for path in python_files("src/zhizhi/store/"):
        if path.name != "models.py" and path.parent.name != "models":
            continue
        for model in models(path):
            count += 1
            told = ast.get_docstring(model) or ""
            for label in LABELS:
                if not re.search(rf"{label}\s*\S", told):
                    found.append(f"{named(path)}:{model.lineno} `{model.name}`: no `{label} …` in the docstring")
    assert count > 0, "no model found: this test looks in the wrong place"
    assert not found, "\n".join(found)
