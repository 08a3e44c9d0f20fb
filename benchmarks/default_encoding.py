"""Does the default model lose by its own encoding of tables, against skrub's?

Each table with categories gives a target from one domain and a source from another. Test rows are
the target domain's rest. Printed: area under the ROC curve of a logistic regression behind three
encodings, on the target alone and on target and source pooled, and CPU milliseconds a fit.

    python -m benchmarks.default_encoding               20 draws, 100 and 300 target rows
    python -m benchmarks.default_encoding --draws 2     a look

Writes benchmarks/results/default_encoding.json.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections import defaultdict
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from benchmarks.dirty_files.clean import LABEL, tables
from benchmarks.record import write_record
from transfergap.data.encoding.table_encoder import TableEncoder
from transfergap.data.tables.normal_form import in_normal_form

N_SOURCE, MOST_TEST = 1000, 2000


def models() -> dict[str, Any]:
    """Return the same model behind three encodings."""
    from skrub import tabular_pipeline

    numbers = make_column_selector(dtype_include="number")
    others = make_column_selector(dtype_exclude="number")
    imputed = make_pipeline(SimpleImputer(add_indicator=True), StandardScaler())
    one_hot = make_column_transformer(
        (imputed, numbers), (OneHotEncoder(handle_unknown="ignore"), others)
    )
    last = LogisticRegression(max_iter=1000)
    return {
        "transfergap": make_pipeline(TableEncoder(), last),
        "skrub": tabular_pipeline(last),
        "one-hot": make_pipeline(one_hot, last),
    }


def main() -> None:
    """Draw, fit, print, and write the record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=20)
    n_draws = parser.parse_args().draws
    warnings.simplefilter("ignore")
    rows = []
    for name, table in tables().items():
        table = in_normal_form(table, name)
        if all(
            pd.api.types.is_numeric_dtype(kind) for kind in table.drop(columns=["domain"]).dtypes
        ):
            continue
        for n_target in (100, 300):
            rows.append(_compared(name, table, n_target, n_draws))
            print(rows[-1], flush=True)
    write_record("default_encoding", {"n_draws": n_draws, "tables": rows})


def _compared(name: str, table: pd.DataFrame, n_target: int, n_draws: int) -> dict[str, Any]:
    scores: dict[str, list[float]] = defaultdict(list)
    cost: dict[str, float] = defaultdict(float)
    sizes = table["domain"].value_counts()
    for draw in range(n_draws):
        rng = np.random.default_rng([draw, n_target])
        own, other = rng.choice(sizes.index[: min(len(sizes), 4)], 2, replace=False)
        target, source = (
            table[table["domain"] == domain].drop(columns="domain") for domain in (own, other)
        )
        target = target.iloc[rng.permutation(len(target))]
        train, test = target.iloc[:n_target], target.iloc[n_target : n_target + MOST_TEST]
        if test[LABEL].nunique() < 2 or train[LABEL].nunique() < 2:
            continue
        source = source.iloc[rng.permutation(len(source))[:N_SOURCE]]
        for arm, rows in (("alone", train), ("pooled", pd.concat([train, source]))):
            for encoding, model in models().items():
                started = time.process_time()
                model.fit(rows.drop(columns=LABEL), rows[LABEL])
                predicted = model.predict_proba(test.drop(columns=LABEL))[:, 1]
                cost[encoding] += time.process_time() - started
                scores[f"{arm} {encoding}"].append(roc_auc_score(test[LABEL], predicted))
    record: dict[str, Any] = {"table": name, "n_target": n_target}
    for arm in ("alone", "pooled"):
        ours = np.array(scores[f"{arm} transfergap"])
        record[arm] = round(float(ours.mean()), 4)
        for rival in ("skrub", "one-hot"):
            gain = ours - np.array(scores[f"{arm} {rival}"])
            error = gain.std(ddof=1) / np.sqrt(len(gain))
            record[f"{arm}, more than {rival}"] = [round(float(gain.mean()), 4), round(error, 4)]
    n_fits = 2 * len(scores["alone transfergap"])
    record["ms a fit"] = {key: round(1e3 * value / n_fits, 1) for key, value in cost.items()}
    return record


if __name__ == "__main__":
    main()
