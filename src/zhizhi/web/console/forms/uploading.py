"""The form that brings a file and its map."""

from typing import ClassVar

from django import forms

from zhizhi.core.kernel.text import Text
from zhizhi.web.console.forms.worded import MapForm, Words


class UploadForm(MapForm):
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
