# %% [markdown]
# # Does the other hospital's data help?
#
# We have 90 labelled tumours of our own, and two other clinics offer theirs. One of them writes
# two measurements in other units. Does their data help our model, or does it hurt?
#
# The rows are those of the Wisconsin breast cancer data that scikit-learn carries; the clinics
# are ours.

# %%
import pandas as pd
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from transfergap import audit

data = load_breast_cancer(as_frame=True)
names = ["mean radius", "mean texture", "mean smoothness", "mean concavity", "mean symmetry"]
rows = data.data[names].sample(frac=1.0, random_state=0)
labels = data.target[rows.index].map({0: "malignant", 1: "benign"})

own, own_labels = rows[:90], labels[:90]
north, north_labels = rows[90:250], labels[90:250]
south, south_labels = rows[250:410].copy(), labels[250:410]
south["mean radius"] *= 10  # millimetres, where the others write centimetres
south["mean concavity"] *= 100  # per cent
own.head(3)

# %% [markdown]
# One call trains the model with and without each source, on the same folds, and judges the
# differences. While it runs, a bar shows how far it is and what the trials tell so far.

# %%
model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
options = {"arms": ["north pooled", "south pooled", "safe"], "margin": 0.02, "name": "our clinic"}
sources = {"north": (north, north_labels), "south": (south, south_labels)}
result = audit(model, own, own_labels, sources=sources, **options)
result

# %% [markdown]
# The card above stands in a frame of its own; *Open the whole page* unfolds the report. The
# same as text, for a log or a mail:

# %%
print(result.summary())

# %% [markdown]
# ## One arm, and its numbers
#
# An arm is a way to use a source. `north pooled` adds all rows of `north` to ours. A gap is how
# much better the model is than without: positive helps.

# %%
south_pooled = result["south pooled"]
print(south_pooled.verdict)
south_pooled.gap

# %% [markdown]
# `result.plot()` returns matplotlib axes, so that titles and limits are yours to change.

# %%
ax = result.plot()
_ = ax.set_title("What the other clinics' rows do to our model", loc="left")
# %% [markdown]
# ## What is wrong with the data
#
# Findings have a code, a strength, and advice; `transfergap explain TG113` prints the page of a
# code.

# %%
result.findings

# %% [markdown]
# The strong ones say which columns to divide, and by what. Mended, `south` costs nothing that
# matters:

# %%
mended = south.copy()
mended["mean radius"] /= 10
mended["mean concavity"] /= 100
again = audit(
    model, own, own_labels, sources=sources | {"south": (mended, south_labels)}, **options
)
print(again.summary())

# %% [markdown]
# ## What to do
#
# `decide` follows a policy also where nothing is settled, and quotes a gap that allows for the
# choice.

# %%
again.decide()

# %% [markdown]
# The safe model uses each source as far as our own rows support it. Its report says how far
# that is.

# %%
safe = again.fit_safe()
safe.report_

# %%
pd.DataFrame({"truth": labels[410:415], "safe model": safe.predict(rows[410:415])})
