"""YAML with line numbers, and without the surprises of YAML 1.1: `on`, `off`, `yes` and dates stay text."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import yaml

from zhizhi.core.law import mistakes as its
from zhizhi.core.law.errors import PackError

Scalar: TypeAlias = "str | int | bool | None"
_INTEGER = re.compile(r"-?\d{1,18}", re.ASCII)
_WORDS: Mapping[str, Scalar] = {"true": True, "false": False, "null": None, "": None, "~": None}


@dataclass(frozen=True, slots=True)
class At:
    """A value and the place where it stands."""

    value: "Scalar | list[At] | dict[str, At]"
    file: str
    line: int

    def error(self, mistake: its.Mistake, **facts: object) -> PackError:
        """An error that points here."""
        return mistake.at(self.file, self.line, **facts)

    def plain(self) -> object:
        """The value without places."""
        if isinstance(self.value, dict):
            return {key: item.plain() for key, item in self.value.items()}
        if isinstance(self.value, list):
            return [item.plain() for item in self.value]
        return self.value

    def mapping(self, allowed: Iterable[str], needed: Iterable[str] = ()) -> dict[str, "At"]:
        """The keys of a mapping. Refuses: another thing, a key that is not allowed, a needed key that is missing."""
        names = list(allowed)
        if not isinstance(self.value, dict):
            raise self.error(its.MAPPING_WANTED, names=listed(names))
        for key, item in self.value.items():
            if key not in names:
                raise item.error(its.UNKNOWN_KEY, key=key, names=listed(names))
        for key in needed:
            if key not in self.value:
                raise self.error(its.KEY_MISSING, key=key)
        return self.value

    def items(self) -> list["At"]:
        """The items of a list. Refuses: another thing."""
        if not isinstance(self.value, list):
            raise self.error(its.LIST_WANTED)
        return self.value

    def text(self) -> str:
        """A non-empty text. Refuses: another thing."""
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.error(its.TEXT_WANTED)
        return self.value

    def integer(self) -> int:
        """An integer. Refuses: another thing."""
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            raise self.error(its.INTEGER_WANTED)
        return self.value

    def flag(self) -> bool:
        """True or false. Refuses: another thing."""
        if not isinstance(self.value, bool):
            raise self.error(its.FLAG_WANTED)
        return self.value

    def choice(self, choices: Iterable[str]) -> str:
        """One of a closed list. Refuses: another word."""
        names = list(choices)
        if self.value not in names:
            raise self.error(its.UNKNOWN_WORD, word=self.value, names=listed(names))
        assert isinstance(self.value, str), "the choices are words"
        return self.value


def listed(names: Iterable[str]) -> str:
    """Names for a message, in their own order."""
    return ", ".join(f"`{name}`" for name in names)


def load(text: str, file: str, first_line: int = 1) -> At:
    """Read one YAML document. Refuses: text that is no YAML, a repeated key, an alias (PackError)."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as wrong:
        line = wrong.problem_mark.line if wrong.problem_mark else 0
        raise its.NO_YAML.at(file, first_line + line, wrong=wrong.problem) from wrong
    except yaml.YAMLError as wrong:
        raise its.NO_TEXT.at(file, first_line, wrong=wrong) from wrong
    if node is None:
        return At(None, file, first_line)
    return _locate(node, file, first_line)


def _locate(node: yaml.Node, file: str, first_line: int) -> At:
    line = first_line + node.start_mark.line
    if isinstance(node, yaml.MappingNode):
        found: dict[str, At] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in found:
                raise its.KEY_TWICE.at(file, first_line + key_node.start_mark.line, key=key)
            value = _locate(value_node, file, first_line)
            found[key] = At(value.value, file, first_line + key_node.start_mark.line)
        return At(found, file, line)
    if isinstance(node, yaml.SequenceNode):
        return At([_locate(item, file, first_line) for item in node.value], file, line)
    return At(_scalar(node), file, line)


def _scalar(node: yaml.Node) -> Scalar:
    written = str(node.value)
    if getattr(node, "style", None) is not None:
        return written
    if written in _WORDS:
        return _WORDS[written]
    return int(written) if _INTEGER.fullmatch(written) else written
