"""The form that brings a file and its map."""

from typing import ClassVar

from django import forms

from zhizhi.core.kernel.text import Text
from zhizhi.web.console.forms.worded import WordedForm, Words

MAP_BYTES_MAX = 256 << 10


class UploadForm(WordedForm):
    """A book or payments file, and the TOML that says which column is which."""

    words: ClassVar[Words] = {"file": Text("文件", "File"), "map": Text("映射（map.toml）", "Map (map.toml)")}
    hints: ClassVar[Words] = {
        "file": Text("CSV、XLSX 或 Parquet", "CSV, XLSX or Parquet"),
        "map": Text(
            "哪一列是什么；可先用 zhizhi import --guess 生成",
            "which column is which; `zhizhi import --guess` writes a first one",
        ),
    }
    file = forms.FileField(widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.parquet"}))
    map = forms.FileField(widget=forms.FileInput(attrs={"accept": ".toml"}))

    def clean_map(self) -> str:
        """The text of the map."""
        uploaded = self.cleaned_data["map"]
        if uploaded.size > MAP_BYTES_MAX:
            raise forms.ValidationError(Text("映射文件过大", "the map is too large").in_language(self.language))
        try:
            return str(uploaded.read().decode("utf-8-sig"))
        except UnicodeDecodeError as wrong:
            text = Text("映射须为 UTF-8 文本", "the map has to be UTF-8 text")
            raise forms.ValidationError(text.in_language(self.language)) from wrong
