"""Make texts of invented words whose frequencies fall as in real commit messages, in English and in Chinese.

This module must not hold anybody's sentence. Of 530,000 words in real messages the first took 2.5 %, the hundredth
0.11 %, the thousandth 0.012 %, and there were 19,500 different ones; f(rank) = C / (rank + 15) ** 1.2 runs close by.
"""

from __future__ import annotations

import random
from functools import cache
from itertools import accumulate

_COMMON = (
    "the to and for in of a is with this on by from when not it that as be add fix support use test update if or are "
    "remove code new only can no more now default file model into set at which make same was all has have does after "
    "before without instead change version value run error"
)
_TERMS = (
    "cache block table scheduler token request worker kernel tensor batch page graph index buffer stream parser route "
    "config header layer router queue thread pool lock state handle node shard slot prefix attention expert weight "
    "quant decode encode sample logit metric trace probe session client server adapter plugin loader registry engine "
    "runner executor planner compiler backend device memory host driver socket channel event signal timer clock record "
    "field schema query filter merge split chunk frame packet cursor bundle archive mirror branch digest ledger shape "
    "stride offset bound limit quota budget retry fallback guard policy rule scope context option switch flag mode"
)
_SYLLABLES = "ka lo mi ter ven dra sol pi ron ba te qui zen mar fo lu xi par no gra vel sto ri ma cho dun el fi".split()
_CHINESE = (
    "模型 缓存 修复 支持 调度 请求 注意力 推理 量化 性能 接口 配置 测试 内存 并发 错误 默认 增加 删除 更新 版本 "
    "文档 参数 显存 通信 线程 队列 算子 编译 路径 兼容 依赖 异常 超时 重试 日志 指标 分布式 张量 权重 序列 批次 "
    "初始化 校验 回退 迁移 重构 优化 实现 逻辑 模块 函数 结构 数据 状态 服务 客户端 服务器 部署 环境 脚本 用户 "
    "场景 问题 影响 范围 建议 关注 风险 升级 验证 确认 可能 需要 避免 导致 减少 提升 通过 使用 新增 移除 调整"
).split()
_VOCABULARY = 150_000
# Of the words in a Chinese text, those that are names from the code.
_FOREIGN = 0.2


@cache
def _list_words() -> tuple[list[str], list[float]]:
    """List the English words by rank, and their frequencies added up."""
    chance = random.Random(7)
    words = [*_COMMON.split(), *_TERMS.split()]
    known = set(words)
    while len(words) < _VOCABULARY:
        word = make_name(chance)
        if word not in known:
            known.add(word)
            words.append(word)
    return words, list(accumulate((rank + 15) ** -1.2 for rank in range(1, _VOCABULARY + 1)))


@cache
def _list_chinese() -> tuple[list[str], list[float]]:
    return _CHINESE, list(accumulate(1 / (rank + 4) for rank in range(1, len(_CHINESE) + 1)))


def make_name(chance: random.Random) -> str:
    """Make the name of something in code, such as `block_table`, `FooParser`, `kalomi` or `0x3fa9`."""
    parts = chance.choices(_TERMS.split(), k=chance.choice((1, 2, 2, 3)))
    parts.append("".join(chance.choices(_SYLLABLES, k=chance.choice((2, 2, 3)))))
    style = chance.random()
    if style < 0.4:
        return "_".join(parts)
    if style < 0.65:
        return "".join(part.capitalize() for part in parts)
    if style < 0.95:
        return "".join(chance.choices(_SYLLABLES, k=chance.choice((2, 3, 3, 4))))
    return f"{chance.choice(parts)}{chance.randrange(10_000)}"


def make_person(number: int) -> str:
    """Make the name of the person with a number; one in eight writes it in Chinese."""
    chance = random.Random(f"person {number}")
    if chance.random() < 0.12:
        return chance.choice("王李张刘陈杨黄赵周吴徐孙") + "".join(
            chance.choices("伟芳娜敏静强磊洋勇艳杰涛明超", k=2)
        )
    parts = ("".join(chance.choices(_SYLLABLES, k=chance.choice((2, 2, 3)))).capitalize() for _ in range(2))
    return " ".join(parts) if chance.random() < 0.7 else f"{next(parts).lower()}{number}"


def make_words(chance: random.Random, number: int) -> list[str]:
    """Draw words, one as often as its rank says."""
    words, weights = _list_words()
    return chance.choices(words, cum_weights=weights, k=number)


def make_line(chance: random.Random, length: int) -> str:
    """Write one line of about so many characters."""
    words = make_words(chance, max(1, length // 6))
    return " ".join(words)[: max(length, 3)].strip()


def make_text(chance: random.Random, length: int) -> str:
    """Write paragraphs of lines, some of them lists, of about so many characters; empty for 0."""
    words = make_words(chance, max(1, length // 6)) if length else []
    lines: list[str] = []
    start = 0
    while start < len(words):
        number = chance.randint(7, 14)
        mark = "- " if len(lines) % 9 in (5, 6, 7) else ""
        lines.append(mark + " ".join(words[start : start + number]))
        if len(lines) % 9 in (4, 8):
            lines.append("")
        start += number
    return "\n".join(lines)[:length].strip()


def make_sentence(chance: random.Random, language: str, length: int) -> str:
    """Write about so many characters of prose, without a line break, in `zh` or `en`."""
    if language == "en":
        text = make_line(chance, length - 1)
        return f"{text[:1].upper()}{text[1:]}."
    words, weights = _list_chinese()
    drawn = chance.choices(words, cum_weights=weights, k=max(2, length // 3))
    parts: list[str] = []
    total = 0
    for number, word in enumerate(drawn):
        part = f" {make_words(chance, 1)[0]} " if chance.random() < _FOREIGN else word
        parts.append(part + ("，" if number % 9 == 8 else ""))
        total += len(parts[-1])
        if total >= length:
            break
    return "".join(parts)[:length].strip(" ，") + "。"
