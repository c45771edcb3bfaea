"""The form that brings a contact log to be judged."""

import json
from typing import Any, ClassVar

from django import forms

from zhizhi.core.conduct.words import PROFILES
from zhizhi.core.kernel.text import Language, Text
from zhizhi.store.packs import profile_head
from zhizhi.web.console.forms.worded import MapForm, Words

FACTS_BYTES_MAX = 64 << 20
READINGS = [("strict", Text("从严口径", "strict reading")), ("text", Text("文本口径", "plain reading"))]


class AuditForm(MapForm):
    """A log, the map that says which column is which, side tables, and the law to judge by."""

    words: ClassVar[Words] = {
        "log": Text("触达日志", "Contact log"),
        "map": Text("映射（map.toml）", "Map (map.toml)"),
        "facts": Text("附表（facts.json）", "Side tables (facts.json)"),
        "profile": Text("适用规则", "Law"),
        "reading": Text("口径", "Reading"),
    }
    hints: ClassVar[Words] = {
        "log": Text(
            "话单、短信或外访记录：CSV、XLSX、Parquet 或 JSON", "calls, messages or visits: CSV, XLSX, Parquet, JSON"
        ),
        "map": Text("不上传则推测一份供核对", "without one, a map is proposed for you to read"),
        "facts": Text("客户意愿、状态、机构与人员；有了它能判定得更多", "statements, states, staff: so more is judged"),
    }
    log = forms.FileField(widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.parquet,.json"}))
    map = forms.FileField(required=False, widget=forms.FileInput(attrs={"accept": ".toml"}))
    profile = forms.ChoiceField()
    reading = forms.ChoiceField()
    facts = forms.FileField(required=False, widget=forms.FileInput(attrs={"accept": ".json"}))

    def __init__(self, language: Language, *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("profile", [(profile, profile_title(profile)) for profile in PROFILES])
        self.offer("reading", READINGS)

    def clean_facts(self) -> tuple[bytes, object]:
        """The side tables as they came and as a document; nothing where none were brought."""
        octets = self.octets_of("facts", FACTS_BYTES_MAX)
        if not octets:
            return b"", None
        try:
            return octets, json.loads(octets)
        except (ValueError, RecursionError) as wrong:
            raise self.mistake(Text("附表不是 JSON", "the side tables are no JSON")) from wrong


def profile_title(profile: str) -> Text:
    """The name of a profile."""
    return profile_head(profile)[0]
