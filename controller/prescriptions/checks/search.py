"""Finds products while a person types: beginnings of words, parts of Chinese names, and mistyped words.

index = Index(formulary.products.values())
index.search("amoxicilin 500")      # [Product, …], the best first
"""

import re
import unicodedata
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from controller.prescriptions.checks.formulary import Product

_WORD = re.compile(r"[^\W_]+(?:\.[0-9]+)?")
_EXACT, _BEGINNING, _PART, _NEAR, _FURTHER = range(5)
"""How well a word fits, the best first."""
_MOST_LETTERS, _MOST_WORDS = 80, 8


def words_of(text: str) -> list[str]:
    """Words as they are compared: no case, no accents, wide letters as narrow ones."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return _WORD.findall("".join(letter for letter in plain if not unicodedata.combining(letter)))


class Index:
    """Products by their words."""

    def __init__(self, products: Iterable[Product]) -> None:
        self._products = sorted(products, key=lambda one: (one.name.en.casefold(), one.code))
        by_word: dict[str, set[int]] = defaultdict(set)
        for at, product in enumerate(self._products):
            for word in _all_words(product):
                by_word[word].add(at)
        self._by_word = dict(by_word)
        self._words = sorted(self._by_word)
        self._by_pair: dict[str, set[str]] = defaultdict(set)
        for word in self._words:
            for pair in _pairs(word):
                self._by_pair[pair].add(word)

    def search(self, text: str, most: int = 20) -> list[Product]:
        """Up to `most` products that have every word of `text`, the best first; nothing for no word."""
        asked = words_of(text[:_MOST_LETTERS])[:_MOST_WORDS]
        if not asked:
            return []
        fits = [self._fit(word) for word in asked]
        common = set(fits[0]).intersection(*fits[1:])
        best = sorted(common, key=lambda at: (sum(fit[at] for fit in fits), at))
        return [self._products[at] for at in best[:most]]

    def _fit(self, asked: str) -> dict[int, int]:
        """How well each product fits one word. Mistyped words are tried only if nothing fits as it is."""
        fit: dict[int, int] = {}
        for word, how in self._alike(asked):
            self._note(fit, word, how)
        if not fit and not asked[0].isdigit() and (most := _errors(asked)):
            for word in self._candidates(asked, most):
                if (errors := _begins_nearly(asked, word, most)) <= most:
                    self._note(fit, word, _NEAR if errors == 1 else _FURTHER)
        return fit

    def _note(self, fit: dict[int, int], word: str, how: int) -> None:
        for at in self._by_word[word]:
            fit[at] = min(how, fit.get(at, how))

    def _alike(self, asked: str) -> Iterator[tuple[str, int]]:
        for at in range(bisect_left(self._words, asked), len(self._words)):
            if not (word := self._words[at]).startswith(asked):
                break
            yield word, _EXACT if word == asked else _BEGINNING
        if not asked.isascii():
            yield from ((word, _PART) for word in self._candidates(asked, 0) if asked in word)

    def _candidates(self, asked: str, errors: int) -> list[str]:
        """Words with so many pairs of letters in common that `errors` may explain the others.

        One wrong, missing or additional letter changes 2 pairs, two that changed places 3.
        """
        pairs = _pairs(asked)
        common = Counter(word for pair in pairs for word in self._by_pair.get(pair, ()))
        least = max(1, len(pairs) - 3 * errors)
        return [word for word, count in common.items() if count >= least]


def _all_words(product: Product) -> set[str]:
    substances = (one.display for one in product.medicine.ingredients)
    names = (product.name.en, product.name.zh, *product.synonyms, *substances, product.code, product.gtin)
    return {word for name in names for word in words_of(name)}


def _pairs(word: str) -> set[str]:
    return {word[at : at + 2] for at in range(len(word) - 1)} or {word}


def _errors(word: str) -> int:
    """How many mistyped letters a word of that length may have."""
    return 0 if len(word) < 4 or not word.isascii() else 1 if len(word) < 8 else 2


def _begins_nearly(asked: str, word: str, most: int) -> int:
    """The fewest errors between `asked` and any beginning of `word` (optimal string alignment)."""
    if len(word) < len(asked) - most:
        return most + 1
    word = word[: len(asked) + most]
    before: list[int] = []
    last = list(range(len(word) + 1))
    for i, letter in enumerate(asked, 1):
        row = [i]
        for j, other in enumerate(word, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == word[j - 2] and asked[i - 2] == other:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
        before, last = last, row
    return min(last)
