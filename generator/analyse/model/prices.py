"""Hold what well-known models cost and how much they read, for archives that do not say it themselves.

This module must not guess: a model that is not in the table has no price until archive.yml gives it one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from generator.config import ModelSettings, Price

# The window of a model that nobody has said anything about; a larger prompt than _MOST_READ is money badly spent.
_DEFAULT_CONTEXT: Final = 32_000
_MOST_READ: Final = 128_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A model's price, and how many tokens its prompt and answer may have together."""

    price: Price
    context: int


def _know(context: int, sent: float, cached: float, written: float) -> Known:
    return Known(price=Price(input=sent, cached=cached, output=written), context=context)


# US dollars per million tokens, as the providers' price pages had them: OpenAI (platform.openai.com/docs/pricing)
# and DeepSeek (api-docs.deepseek.com/quick_start/pricing). Providers change prices without notice: what archive.yml
# says goes first.
_KNOWN: Final = {
    "gpt-5": _know(400_000, 1.25, 0.125, 10.0),
    "gpt-5-mini": _know(400_000, 0.25, 0.025, 2.0),
    "gpt-5-nano": _know(400_000, 0.05, 0.005, 0.4),
    "gpt-5.1": _know(400_000, 1.25, 0.125, 10.0),
    "gpt-4.1": _know(1_000_000, 2.0, 0.5, 8.0),
    "gpt-4.1-mini": _know(1_000_000, 0.4, 0.1, 1.6),
    "gpt-4.1-nano": _know(1_000_000, 0.1, 0.025, 0.4),
    "gpt-4o": _know(128_000, 2.5, 1.25, 10.0),
    "gpt-4o-mini": _know(128_000, 0.15, 0.075, 0.6),
    "o4-mini": _know(200_000, 1.1, 0.275, 4.4),
    "deepseek-chat": _know(128_000, 0.28, 0.028, 0.42),
    "deepseek-reasoner": _know(128_000, 0.28, 0.028, 0.42),
}
# On these servers the table's names mean the table's models.
_PUBLIC = ("api.openai.com", "api.deepseek.com")


def find_price(model: ModelSettings) -> Price | None:
    """Find what a model costs: by archive.yml, else by what is known of it; None where nobody knows."""
    known = find_known(model.name, model.base_url)
    return model.price or (known.price if known else None)


def find_window(model: ModelSettings) -> int:
    """Find how many tokens one question and its answer may have."""
    known = find_known(model.name, model.base_url)
    return min(model.context or (known.context if known else _DEFAULT_CONTEXT), _MOST_READ)


def find_known(name: str, base_url: str) -> Known | None:
    """Find what is known of a model; a dated snapshot, such as gpt-5-mini-2025-08-07, is its model.

    None where the name is not in the table, or the server is another than the one that sets the price.
    """
    if not any(f"//{host}/" in f"{base_url}/" for host in _PUBLIC):
        return None
    names = [known for known in _KNOWN if name == known or _is_snapshot(name, known)]
    return _KNOWN[names[0]] if names else None


def _is_snapshot(name: str, known: str) -> bool:
    rest = name.removeprefix(f"{known}-")
    return rest != name and rest.replace("-", "").isdigit()
