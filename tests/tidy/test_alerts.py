"""Alerts speak of metrics that exist, every metric is described, and the page says what the rules file does."""

import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from tidy.tree import ROOT, text
from zhizhi.web.shared.metrics.catalogue import METRICS

PAGE = text(ROOT / "docs" / "alerts.md")
RULES_FILE = ROOT / "docs" / "alerts.rules.yml"
RULES: list[dict[str, Any]] = yaml.safe_load(text(RULES_FILE))["groups"][0]["rules"]
NAME = re.compile(r"\bzhizhi_[a-z_]+\b")
LABEL = re.compile(r"(zhizhi_[a-z_]+)\{([a-z_]+)(?:=~|!~|!=|=)\"([^\"]*)\"\}")
DURATION = re.compile(r"[1-9][0-9]*[smhd]")
SECTIONS = {
    part.splitlines()[0].strip(): part
    for part in re.split(r"^### ", PAGE.partition("## 指标")[0], flags=re.MULTILINE)[1:]
}


def expression(rule: dict[str, Any]) -> str:
    return " ".join(str(rule["expr"]).split())


def test_the_rules_file_has_the_shape_that_prometheus_reads() -> None:
    groups = yaml.safe_load(text(RULES_FILE))["groups"]
    assert [set(group) for group in groups] == [{"name", "rules"}]
    names = [rule["alert"] for rule in RULES]
    assert len(set(names)) == len(names) > 0
    for rule in RULES:
        assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}, rule["alert"]
        assert DURATION.fullmatch(rule["for"]), rule["alert"]
        assert rule["labels"]["severity"] in ("page", "ticket"), rule["alert"]
        assert all(rule["annotations"][key] for key in ("summary", "summary_en")), rule["alert"]
        for opened, closed in ("()", "{}", "[]"):
            assert rule["expr"].count(opened) == rule["expr"].count(closed), rule["alert"]


def test_promtool_accepts_the_rules() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is absent: apt-get install prometheus")
    done = subprocess.run([promtool, "check", "rules", str(RULES_FILE)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_metric_of_an_alert_exists_with_its_label() -> None:
    known = {metric.exposed_as: metric for metric in METRICS}
    for rule in RULES:
        named = set(NAME.findall(expression(rule)))
        assert named, rule["alert"]
        assert named <= set(known), f"{rule['alert']}: {named - set(known)}"
        for name, label, _ in LABEL.findall(expression(rule)):
            assert label in known[name].labels, f"{rule['alert']}: {name} has no label {label}"


def test_every_alert_is_described_with_its_expression() -> None:
    assert list(SECTIONS) == [rule["alert"] for rule in RULES]
    for rule in RULES:
        told = f"`{expression(rule)}` · {rule['for']} · {rule['labels']['severity']}"
        section = SECTIONS[rule["alert"]]
        assert told in section
        assert rule["annotations"]["summary"] in section
        assert rule["annotations"]["summary_en"].lower() in section.lower()


def test_every_metric_is_described_and_every_described_metric_exists() -> None:
    described = dict(re.findall(r"^\| `(zhizhi_[a-z_]+)` \| [^|]* \| ([^|]+) \|$", PAGE, re.MULTILINE))
    assert set(described) == {metric.exposed_as for metric in METRICS}
    for metric in METRICS:
        assert metric.text.zh in described[metric.exposed_as]
        assert metric.text.en in described[metric.exposed_as]
    unknown = set(NAME.findall(PAGE)) - set(described)
    assert unknown == set()
