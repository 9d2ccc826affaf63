"""A small baseline that scores short texts: character n-grams and logistic regression, trained at build time.

Scores are out-of-fold: no text is scored by a model that has seen it. It is meant to be mediocre; a sample queue needs
flags that are wrong.
"""

import re
from dataclasses import dataclass

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline

THRESHOLD = 0.5
_SEED = 20261116


@dataclass(frozen=True)
class Score:
    """Share of "hateful" for one text, and the word (start, end) whose removal lowers it most; None when none does."""

    value: float
    span: tuple[int, int] | None


def scores(texts: list[str], hateful: list[bool], languages: list[str]) -> list[Score]:
    """Out-of-fold scores for `texts`; folds are balanced by language and label."""
    strata = [f"{language}/{label}" for language, label in zip(languages, hateful, strict=True)]
    folds = StratifiedKFold(n_splits=5, shuffle=True, random_state=_SEED).split(texts, strata)
    found: dict[int, Score] = {}
    for train, held_out in folds:
        model = make_pipeline(
            TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), min_df=2, sublinear_tf=True, lowercase=True),
            LogisticRegression(C=4.0, class_weight="balanced", max_iter=2000, random_state=_SEED),
        )
        model.fit([texts[n] for n in train], np.array(hateful)[train])
        for n in held_out:
            found[int(n)] = _score(model, texts[n])
    return [found[n] for n in range(len(texts))]


def _score(model, text: str) -> Score:  # noqa: ANN001 - scikit-learn is not typed
    words = _words(text)
    variants = [text, *(text[:start] + text[end:] for start, end in words)]
    shares = model.predict_proba(variants)[:, 1]
    lowest = min(range(len(words)), key=lambda n: shares[n + 1]) if words else None
    lowered = lowest is not None and shares[lowest + 1] < shares[0] - 0.005
    return Score(round(float(shares[0]), 3), words[lowest] if lowered else None)


def _words(text: str) -> list[tuple[int, int]]:
    """Words as (start, end); in Chinese, which has no spaces, every two neighbouring characters."""
    found = []
    for hit in re.finditer(r"\w+", text):
        if re.search(r"[\u4e00-\u9fff]", hit[0]):
            found.extend((n, min(n + 2, hit.end())) for n in range(hit.start(), hit.end() - 1))
        else:
            found.append(hit.span())
    return found
