"""What is wrong with a file, said with the place where it is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kernel.errors import SENTENCE, Unacceptable

SENTENCES: Mapping[str, tuple[str, str]] = {
    "not_a_sheet": (
        "文件不是 XLSX 或 CSV。",
        "The file is neither XLSX nor CSV.",
    ),
    "empty_file": ("文件为空。", "The file is empty."),
    "file_too_large": ("文件超过 {limit} 字节。", "The file is above {limit} bytes."),
    "damaged": ("文件已损坏或被截断。", "The file is damaged or cut off."),
    "encrypted_or_old": (
        "文件已加密或为旧版 .xls，请另存为未加密的 .xlsx。",
        "The file is encrypted or an old .xls; save it as .xlsx without a password.",
    ),
    "too_many_entries": (
        "压缩包内文件超过 {limit} 个。",
        "The archive holds more than {limit} files.",
    ),
    "unpacks_too_large": (
        "解压后超过 {limit} 字节。",
        "The archive unpacks to more than {limit} bytes.",
    ),
    "ratio_too_high": (
        "压缩比超过 {limit} 倍，疑似压缩炸弹。",
        "The archive unpacks to more than {limit} times its size.",
    ),
    "nested_archive": ("文件内嵌有压缩包。", "The file holds another archive."),
    "unsafe_name": ("压缩包内文件名不安全。", "A name in the archive is not safe."),
    "macros": ("文件含有宏。", "The file holds macros."),
    "external_links": ("文件含有外部链接或外部数据。", "The file links to outside data."),
    "entities": (
        "文件声明了 XML 实体或 DTD。",
        "The file declares XML entities or a document type.",
    ),
    "embedded_object": ("文件内嵌有对象。", "The file embeds an object."),
    "not_a_workbook": ("压缩包不是 Excel 工作簿。", "The archive is no workbook."),
    "too_many_rows": ("行数超过 {limit}。", "There are more than {limit} rows."),
    "too_many_columns": ("列数超过 {limit}。", "There are more than {limit} columns."),
    "too_many_cells": ("单元格超过 {limit} 个。", "There are more than {limit} cells."),
    "cell_too_long": (
        "单元格超过 {limit} 个字符。",
        "The cell holds more than {limit} characters.",
    ),
    "nul": ("含有空字符（NUL）。", "There is a NUL character."),
    "wrong_encoding": (
        "编码无法识别，请使用 UTF-8 或 GB18030。",
        "The encoding is unknown; use UTF-8 or GB18030.",
    ),
    "bad_quotes": ("引号不配对。", "The quotes do not match."),
    "no_sheet": (
        "找不到名为“{wanted}”的工作表，且可见工作表不止一个。",
        "No sheet is called {wanted}, and more than one is visible.",
    ),
    "no_rows": ("没有数据行。", "There are no rows."),
    "wrong_template": (
        "模板不符：需要 {wanted}，文件为 {found}。",
        "This is another template: {wanted} is wanted, the file is {found}.",
    ),
    "merged_header": ("表头含有合并单元格 {range}。", "The header has merged cells {range}."),
    "merged_cells": ("数据区含有合并单元格 {range}。", "The rows have merged cells {range}."),
    "hidden_row": (
        "第 {row} 行被隐藏，请取消隐藏或删除。",
        "Row {row} is hidden; show or delete it.",
    ),
    "hidden_column": (
        "有列被隐藏，请取消隐藏或删除。",
        "A column is hidden; show or delete it.",
    ),
    "duplicate_header": ("表头“{header}”重复。", "The header {header} stands twice."),
    "missing_column": ("缺少列“{header}”。", "The column {header} is missing."),
    "extra_column": ("多余的列。", "This column does not belong to the list."),
    "formula": ("此处应为值，不能是公式。", "A value is wanted here, not a formula."),
    "error_value": ("单元格为错误值。", "The cell holds an error value."),
    "scientific_notation": (
        "号码以科学计数法或数值保存，末尾数字已丢失；请将该列设为文本后重新填写。",
        "Scientific notation has lost its last digits; make the column text, enter it again.",
    ),
    "number_not_text": (
        "号码以数值保存，前导零可能丢失；请将该列设为文本后重新填写。",
        "It may have lost leading zeros as a number; make the column text, enter it again.",
    ),
    "not_text": ("应为文本。", "Text is wanted."),
    "not_whole": ("应为整数。", "A whole number is wanted."),
    "not_decimal": ("应为最多 {places} 位小数的数。", "A number of at most {places} places."),
    "not_day": (
        "应为日期，如 2026-03-02、2026/3/2 或 2026年3月2日。",
        "A date is wanted, like 2026-03-02, 2026/3/2 or 2026年3月2日.",
    ),
    "number_not_day": (
        "日期以数值保存，请设为日期格式或文本。",
        "The date is kept as a number; make the cell a date or text.",
    ),
    "not_flag": ("应为“是”或“否”。", "Yes or no is wanted."),
    "not_choice": ("只能填写：{choices}。", "One of {choices} is wanted."),
    "missing_value": ("必填。", "A value is wanted."),
    "duplicate_row": ("与第 {first} 行重复。", "The same as row {first}."),
    "invalid": ("内容不符合要求：{reason}", "It cannot be taken: {reason}"),
    "refused": ("{reason}", "{reason}"),
}
"""Every code that a fault can have, in Chinese and English; figures never hold a cell's text."""


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: where and what, never the content that is wrong.

    `sheet` is the sheet's name (or the archive's entry), `row` counts from one, `column` is a
    letter.
    """

    code: str
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    header: str | None = None
    figures: Mapping[str, Any] = field(default_factory=dict)

    def sentence(self, language: str) -> str:
        """Say what is wrong in `zh` or `en`."""
        zh, en = SENTENCES.get(self.code, SENTENCES["refused"])
        english = language == "en"
        reason = str(self.figures.get("reason", ""))
        chinese, slash, other = reason.partition(" / ")
        figures = {**self.figures, "reason": (other if english and slash else chinese)}
        return SENTENCE.vformat(en if english else zh, (), figures)

    def as_json(self) -> dict[str, Any]:
        """Give what is shown and kept."""
        return {
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "header": self.header,
            "code": self.code,
            "zh": self.sentence("zh"),
            "en": self.sentence("en"),
        }


class SheetRefused(Unacceptable):
    """A file that cannot be read as the list it should be; names the first place."""

    zh = "文件不能导入（工作表 {sheet}，行 {row}，列 {column}）：{reason}"
    en = "The file cannot be imported (sheet {sheet}, row {row}, column {column}): {reason}"

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(
            pointer="/file",
            fault=fault.code,
            sheet=fault.sheet or "-",
            row=fault.row or "-",
            column=fault.column or "-",
            reason=f"{fault.sentence('zh')} / {fault.sentence('en')}",
        )

    @property
    def field_errors(self) -> list[Mapping[str, Any]]:
        """Name the file with the code of its fault."""
        return [{"pointer": "/file", "code": self.fault.code}]


def refuse(code: str, **place: Any) -> SheetRefused:
    """Make the refusal of a file; `sheet`, `row`, `column`, `header` are places, else figures."""
    known = {
        name: place.pop(name) for name in ("sheet", "row", "column", "header") if name in place
    }
    return SheetRefused(Fault(code, **known, figures=place))


def letter(column: int) -> str:
    """Give the letters of a column that counts from zero: A, Z, AA."""
    letters, rest = "", column + 1
    while rest:
        rest, step = divmod(rest - 1, 26)
        letters = chr(65 + step) + letters
    return letters
