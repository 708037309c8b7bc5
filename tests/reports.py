"""Write small reports for tests, in both formats, and damage them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

NAME, TOOLS = "ada/engine", "lab/tools"
DAY = "2026-01-06"


def _break(text: str) -> str:
    """End every line but the last with two blanks, as models do."""
    return re.sub(r"(?<=[^\n])\n", "  \n", text)


ANALYSIS = _break("""\
**🎯 变更类型**：功能增强 / 重构（拆分模块）
**⚡ 重要程度**：🔴高（影响所有用户）
**📋 变更摘要**：
- 为 `load()` 加上**锁**，同一请求只执行一次。
- 出错时回滚。

**🎯 影响范围**：
- `src/engine.py`（入口）
- 所有调用方

**🔍 技术洞察**：
- **架构影响**：
  - 多了一层锁。
- **性能影响**：几乎没有。
- **安全考虑**：无

**⚠️ 潜在风险**：
1. **锁泄漏**：异常路径要释放。
2. **死锁**：不可嵌套。

**💡 关注建议**：
- 补充并发测试。""")
IN_TABLE = _break("""\
**🎯 变更类型**：Bug修复

**⚡ 重要程度**：🟡 中

**📋 变更摘要**
修正了越界。

---

### 🔍 技术洞察

| 维度 | 影响 |
|------|------|
| **架构影响** | 1. 统一入口<br>2. 更简单 |
| **性能影响** | - 更快 |
| **安全考虑** | - 无新风险 |
| **可维护性** | - 更好读 |

---

### ⚠️ 潜在风险

1. 旧调用方会失败

### 💡 关注建议

| 对象 | 建议 |
|------|------|
| **开发者** | 升级""")
OPEN_FENCE = f"""{ANALYSIS}

```python
def load():
    return 1"""
FAILURE = """\
⚠️ LLM分析失败（已重试3次）: API请求失败: 403 Client Error: Forbidden for url: https://api.example.org/v1

*暂无分析*"""
ANALYSES = (ANALYSIS, IN_TABLE, OPEN_FENCE, FAILURE)


@dataclass(frozen=True, kw_only=True)
class Told:
    """One commit of a report; `time` is its row's, `body` may be empty."""

    subject: str
    time: str
    analysis: str = ANALYSIS
    body: str = ""
    author: str = "Ada Lovelace"
    name: str = NAME

    @property
    def sha(self) -> str:
        """Make up a SHA."""
        return hashlib.sha1(f"{self.name} {self.subject} {self.time}".encode()).hexdigest()

    @property
    def row(self) -> str:
        """Its row of the table."""
        return f"| {self.time} | {self.author} | {self.subject} |"

    @property
    def address(self) -> str:
        """Its address on a host."""
        return f"https://github.com/{self.name}/commit/{self.sha}"


def make_told(
    number: int, day: str = DAY, name: str = NAME, analyses: Sequence[str] = ANALYSES
) -> list[Told]:
    """Make up the commits of a report, the newest first."""
    return [
        Told(
            subject=f"fix: part {place} of the engine (#{place + 10})",
            time=f"{day} {23 - place // 60:02}:{59 - place % 60:02}:07",
            body=""
            if place % 3
            else f"A longer word on part {place}.\n\nSigned-off-by: Ada <ada@example.org>",
            analysis=analyses[place % len(analyses)],
            name=name,
        )
        for place in range(number)
    ]


def write_first(day: str, *parts: tuple[str, Sequence[Told]]) -> str:
    """Write a report of the first format."""
    return f"# 每日更新报告（{day}）\n\n" + "".join(_write_part(name, told) for name, told in parts)


def _write_table(name: str, told: Sequence[Told]) -> str:
    rows = "".join(f"{one.row}\n" for one in told)
    return f"## {name}\n\n| 提交时间 | 作者 | 提交信息 |\n|----------|------|----------|\n{rows}\n"


def _write_part(name: str, told: Sequence[Told]) -> str:
    entries = "".join(
        f"### {one.sha}\n{one.address}\n{one.subject}\n{_write_body(one)}{one.analysis}\n\n" for one in told
    )
    return f"{_write_table(name, told)}## {name} 的LLM分析结果\n\n{entries}"


def _write_body(told: Told) -> str:
    return f"\n{told.body}\n" if told.body else ""


def write_second(day: str, *parts: tuple[str, Sequence[Told]]) -> str:
    """Write a report of the second format, in groups by importance."""
    text = f"# 每日更新报告（{day}）\n\n"
    for name, told in parts:
        text += _write_table(name, told)
        text += f"### 📊 统计摘要\n> 本日共 {len(told)} 个提交\n## 📋 目录\n\n- [{name}](#{name.replace('/', '-')})\n"
        text += "".join(f"    - [{_cut(one.subject)}](#{one.sha[:7]})\n" for one in told)
        for sign, place in (("🔴 高", 0), ("🟡 中", 1), ("🟢 低", 2)):
            group = [one for number, one in enumerate(told) if number % 3 == place]
            text += f"#### {sign}重要度变更 ({len(group)})\n\n"
            text += "".join(f"### {one.subject}\n{_name(one)}\n\n{one.analysis}\n\n---\n\n" for one in group)
    return text


def _name(told: Told) -> str:
    return f"**SHA**: `{told.sha[:7]}` | 🔗 [查看提交]({told.address})"


def _cut(subject: str) -> str:
    return subject if len(subject) <= 60 else f"{subject[:57]}..."


def find_intact(text: str, told: Sequence[Told]) -> set[str]:
    """Find the commits of which a line that names them is whole: its heading, its address, or the second format's."""
    lines = set(text.split("\n"))
    return {
        one.sha for one in told if f"### {one.sha}" in lines or one.address in lines or _name(one) in lines
    }


def damage(text: str, random: Random) -> str:
    """Damage a text: cuts, lines that are swapped, doubled, lost or run together, control characters, an early end."""
    for _ in range(random.randint(1, 6)):
        text = random.choice(_DAMAGES)(text, random)
    return text


def _cut_out(text: str, random: Random) -> str:
    start = random.randrange(len(text) + 1)
    return text[:start] + text[start + random.randint(1, 400) :]


def _end_early(text: str, random: Random) -> str:
    return text[: random.randrange(len(text) // 2, len(text) + 1)] if text else text


def _swap(text: str, random: Random) -> str:
    lines = text.split("\n")
    one, other = random.randrange(len(lines)), random.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return "\n".join(lines)


def _double(text: str, random: Random) -> str:
    lines = text.split("\n")
    start = random.randrange(len(lines))
    piece = lines[start : start + random.randint(1, 5)]
    place = random.choice([start, random.randrange(len(lines))])
    return "\n".join([*lines[:place], *piece, *lines[place:]])


def _lose(text: str, random: Random) -> str:
    lines = text.split("\n")
    start = random.randrange(len(lines))
    return "\n".join(lines[:start] + lines[start + random.randint(1, 5) :])


def _run_together(text: str, random: Random) -> str:
    breaks = [place for place, letter in enumerate(text) if letter == "\n"]
    if not breaks:
        return text
    place = random.choice(breaks)
    return text[:place] + text[place + 1 :]


def _spoil(text: str, random: Random) -> str:
    for _ in range(random.randint(1, 5)):
        place = random.randrange(len(text) + 1)
        letter = random.choice([*"\x00\x0b\x0c\x1b\x85\u2028\u202e\ufeff\r|#", "```\n"])
        text = text[:place] + letter + text[place:]
    return text


_DAMAGES = (_cut_out, _end_early, _swap, _double, _lose, _run_together, _spoil)
